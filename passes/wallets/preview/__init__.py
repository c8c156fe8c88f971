"""A card as the wallets show it, before it is in any: laid out once, drawn on pages and as pictures."""
