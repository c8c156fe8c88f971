"""The chain of a card's entries: each is hashed together with the link before it. No I/O.

So an entry cannot be changed, left out or slipped in without every later link of its card being wrong. What
is hashed is canonical JSON that anybody can make again from the stored rows.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from passes.canonical import instant, stated
from passes.ledger.rules import Entry, Move

GENESIS = bytes(32)
"""The head of a card without entries."""

ENTRY_FIELDS = tuple(f.name for f in fields(Entry))
entry_values = attrgetter(*ENTRY_FIELDS)
"""Of an `Entry`, or its stored row, in the order of `ENTRY_FIELDS`."""

Posted = tuple[int, str, str, str, int]
"""A posting as it is stored: position, source, destination, asset, amount."""


def canonical(entry: Any, postings: Iterable[Posted]) -> bytes:
    """What is hashed of an entry (an `Entry`, or its stored row) and its postings in their order."""
    values = zip(ENTRY_FIELDS, entry_values(entry), strict=True)
    said = {name: value for name, value in values if value is not None}
    said["created_at"] = instant(entry.created_at)
    said["postings"] = [
        {"position": position, "source": source, "destination": destination, "asset": asset, "amount": amount}
        for position, source, destination, asset, amount in postings
    ]
    return stated(said)


def link(previous: bytes, entry: bytes) -> bytes:
    """The next link: SHA-256 over the one before it and the entry's canonical bytes."""
    return hashlib.sha256(previous + entry).digest()


def next_link(head: bytes, entry: Entry, moves: Iterable[Move]) -> bytes:
    """The link of an entry that is about to be booked onto a card whose chain ends in `head`."""
    postings = ((position, m.source, m.destination, m.asset, m.amount) for position, m in enumerate(moves))
    return link(head, canonical(entry, postings))
