"""The outbox: what has to leave the house after a commit, and how often we have tried."""
