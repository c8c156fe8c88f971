"""The chain of a card's entries: each is hashed together with the link before it. No I/O.

So an entry cannot be changed, left out or slipped in without every later link of its card being wrong. What
is hashed is canonical JSON that anybody can make again from the stored rows.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from passes.canonical import plain, stated
from passes.ledger.rules import Entry, Move

GENESIS = bytes(32)
"""The head of a card without entries."""

ENTRY_FIELDS = tuple(f.name for f in fields(Entry))

Posted = tuple[int, str, str, str, int]
"""A posting as it is stored: position, source, destination, asset, amount."""


def canonical(entry: Any, postings: Iterable[Posted]) -> bytes:
    """What is hashed of an entry (an `Entry`, or its stored row) and its postings in their order."""
    said = plain({name: getattr(entry, name) for name in ENTRY_FIELDS})
    names = ("position", "source", "destination", "asset", "amount")
    return stated(said | {"postings": [dict(zip(names, posted, strict=True)) for posted in postings]})


def link(previous: bytes, entry: bytes) -> bytes:
    """The next link: SHA-256 over the one before it and the entry's canonical bytes."""
    return hashlib.sha256(previous + entry).digest()


def next_link(head: bytes, entry: Entry, moves: Iterable[Move]) -> bytes:
    """The link of an entry that is about to be booked onto a card whose chain ends in `head`."""
    postings = ((position, m.source, m.destination, m.asset, m.amount) for position, m in enumerate(moves))
    return link(head, canonical(entry, postings))
