"""What a shop puts on its counter: paper that leads to a card."""
