"""Stand-ins for the world outside: strict where the real ones are, and able to misbehave on request."""
