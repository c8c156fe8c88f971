"""What an operator's machines ask: alive, ready, how much."""
