"""The ledger: accounts, transactions, postings and answered keys. The only writer of balances."""
