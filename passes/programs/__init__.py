"""Programs: the four kinds, their rules, and their versioned design and texts."""
