"""Signing identities: the certificate and key by which a phone knows whose pass it holds."""
