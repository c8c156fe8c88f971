"""Campaigns: rules that speak to members, and the record of every time one did or did not."""
