"""A till's sandbox: the real API on a throw-away database, behind a network that misbehaves on request."""
