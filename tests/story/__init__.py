"""Whole lives of cards, told through the front doors."""
