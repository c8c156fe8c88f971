"""The web: one folder per audience, each a blueprint; what they share lies beside them."""
