"""Addresses as a mail server takes them: the domain in ASCII, the rest as it was written."""

import idna


class NoSuchDomain(ValueError):
    """A domain that cannot exist, whatever the other side of the @ says."""


def deliverable(address: str) -> str:
    """`address` with its domain in ASCII (IDNA 2008, RFC 5891); raises `NoSuchDomain`.

    Python's own codec follows the rules of 2003 and makes `ss` of `ß`, which is somebody else's domain.
    """
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        raise NoSuchDomain("the domain of the address cannot exist") from None


def needs_utf8(address: str) -> bool:
    """Whether only a server that speaks SMTPUTF8 (RFC 6531) can take this address."""
    return not address.isascii()
