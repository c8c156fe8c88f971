"""The card as a web page shows it: a face becomes plain view data and a QR code a template can draw."""
