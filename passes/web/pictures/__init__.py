"""Pictures that others fetch: a program's uploads, and what Google puts on its cards."""
