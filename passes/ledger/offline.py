"""What tills did without the network: when it was, what it handed out, and what no card held of it.

A table of its own, beside the entries, because an online till must not pay for what only an offline one
needs: the day something happened on, and how far a till had gone by then.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, select

from passes.db.engine import UnitOfWork
from passes.ledger.models import OfflineEntry
from passes.ledger.rules import Entry


def handed_out(entry: Entry) -> int:
    """What left the shop against the card, held by it or not; what a hold covers is no till's risk."""
    return entry.amount + overspend(entry) if entry.type == "redeem" else 0


def overspend(entry: Entry) -> int:
    """The part of it that no card held."""
    missing: dict[str, int] = (entry.details or {}).get("overspend", {})
    return missing.get("amount", 0)


def note(uow: UnitOfWork, entry: Entry, occurred_at: datetime) -> None:
    """Note that `entry` happened at `occurred_at`, and how much of what it handed out no card held."""
    uow.conn.execute(
        insert(OfflineEntry).values(
            transaction_id=entry.id,
            merchant_id=entry.merchant_id,
            card_id=entry.card_id,
            actor=entry.actor,
            asset=entry.asset,
            handed_out=handed_out(entry),
            overspend=overspend(entry),
            occurred_at=occurred_at,
            created_at=entry.created_at,
        )
    )


def on_card_between(uow: UnitOfWork, entry: Entry, start: datetime, end: datetime) -> int:
    """What the till behind `entry` has told of handing out against its card from `start` to before `end`."""
    return _sum(
        uow,
        entry,
        OfflineEntry.card_id == entry.card_id,
        OfflineEntry.occurred_at >= start,
        OfflineEntry.occurred_at < end,
    )


def exposure(uow: UnitOfWork, entry: Entry, at: datetime) -> int:
    """What the till behind `entry` had handed out by `at` of what it told us of only afterwards."""
    return _sum(uow, entry, OfflineEntry.occurred_at <= at, OfflineEntry.created_at >= at)


def _sum(uow: UnitOfWork, entry: Entry, *which: ColumnElement[bool]) -> int:
    query = select(func.coalesce(func.sum(OfflineEntry.handed_out), 0)).where(
        OfflineEntry.merchant_id == entry.merchant_id,
        OfflineEntry.actor == entry.actor,
        OfflineEntry.asset == entry.asset,
        *which,
    )
    return int(uow.conn.execute(query).scalar_one())
