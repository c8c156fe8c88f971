"""Cards: issued, changed, blocked, and described for every wallet."""
