"""The command line: one file per group of commands. They are entry points, so it is they who commit."""
