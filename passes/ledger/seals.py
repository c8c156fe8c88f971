"""Seals: a hash over a whole row beside the books, so that no field changes without its use-case. No I/O.

They tell of a hand in the database, or of a disk that forgets; whoever knows this file can make them. What
is proof against that too is the chain of entries, once a signed root covers it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from passes.canonical import plain, stated
from passes.ledger.fifo import Lot


def of_row(row: Mapping[str, Any]) -> bytes:
    """The seal of a row that stands for itself: every column but the seal."""
    return hashlib.sha256(stated(plain(row))).digest()


def of_list(row: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> bytes:
    """The seal of a row with its lines: its columns but the seal, and as `lines` theirs, in their order."""
    return hashlib.sha256(stated(plain(row) | {"lines": [plain(line) for line in lines]})).digest()


def of_lot(lot: Lot) -> bytes:
    """The seal of a lot: what it is and what is left of it. Whose it is, its entry says."""
    return of_row(asdict(lot))


def of_key(key: Mapping[str, Any], body: bytes) -> bytes:
    """The seal of an answered key: every column but these two, NUL (which JSON has not), body."""
    return hashlib.sha256(stated(plain(key)) + b"\0" + body).digest()
