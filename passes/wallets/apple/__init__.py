"""Apple Wallet: a card face as a signed `.pkpass`, and the push that tells a phone to fetch a new one."""
