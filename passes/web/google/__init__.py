"""What Google calls: reports that a card was saved or deleted."""
