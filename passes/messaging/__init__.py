"""Speaking to the outside other than through wallets."""
