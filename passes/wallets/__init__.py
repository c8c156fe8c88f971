"""Card faces turned into what wallets hold: one folder per wallet, pictures and signing beside them."""
