"""What a till did without the network: told later, so it cannot be refused for being too much.

The entry says when it happened. What no card held is booked against the merchant's offline-loss account,
said in the answer and noted in the audit log; so nothing that a till handed out is hidden.
"""

from datetime import datetime, timedelta

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.errors import FieldError
from passes.ledger import offline as told
from passes.ledger.rules import Entry

REACH = timedelta(days=7)
"""How far back a till may tell us what it did."""


def require_recent(occurred_at: datetime, now: datetime) -> None:
    """Refuse what has not happened yet and what happened too long ago."""
    if occurred_at > now:
        raise FieldError("occurred_at", "lies in the future; set the till's clock")
    if occurred_at < now - REACH:
        raise FieldError("occurred_at", "lies more than seven days back; book it as an adjustment")


def note(uow: UnitOfWork, entry: Entry, occurred_at: datetime) -> None:
    """Note beside a booked entry that it happened at `occurred_at`, and what no card held of it."""
    overspend = (entry.details or {}).get("overspend", {})
    told.note(uow, entry, occurred_at, overspend.get("amount", 0))
    if overspend:
        audit.record(
            uow,
            entry.merchant_id,
            entry.actor,
            "offline.overspend",
            entry.card_id,
            transaction=entry.id,
            overspend=overspend,
        )
