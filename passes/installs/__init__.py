"""Installs: on which devices and in which Google accounts a card lives."""
