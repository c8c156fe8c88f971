"""Merchants and what belongs to nobody else: their shops, their staff, their keys."""
