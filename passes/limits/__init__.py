"""What stands between the value on the cards and those who are after it: guessing, velocity, four eyes."""
