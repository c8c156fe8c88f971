"""Bad input everywhere: every operation, page, import and command, each answered clearly and nothing done."""
