"""Eighteen months of a real shop, played through the running service and counted again in plain Python."""
