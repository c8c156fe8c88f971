"""Seals: a hash over a whole row beside the books, so that no field changes without its use-case. No I/O.

They tell of a hand in the database, or of a disk that forgets; whoever knows this file can make them. What
is proof against that too is the chain of entries, once a signed root covers it.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from passes.canonical import plain, stated


def of_hold(hold: Mapping[str, Any]) -> bytes:
    """The seal of a hold: every column but the seal."""
    return hashlib.sha256(stated(plain(hold))).digest()


def of_key(key: Mapping[str, Any], body: bytes) -> bytes:
    """The seal of an answered key: every column but these two, NUL (which JSON has not), body."""
    return hashlib.sha256(stated(plain(key)) + b"\0" + body).digest()
