"""Members: the customers a merchant knows, and what they agreed to."""
