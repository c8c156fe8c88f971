"""E-mail: what is written to people, and how it gets to their mail server."""
