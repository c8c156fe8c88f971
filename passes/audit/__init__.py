"""Who did what: an append-only log of every act that is not a ledger entry of its own."""
