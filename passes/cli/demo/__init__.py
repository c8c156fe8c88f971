"""The demo behind `make run`: a shop with everything to try, the stand-ins it needs, and a list."""
