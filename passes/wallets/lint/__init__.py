"""Judging a design before anybody has it on their phone: what nobody could read, what would be cut."""
