"""What tills did without the network: when it was, what it handed out, and what no card held of it.

A table of its own, beside the entries, because an online till must not pay for what only an offline one
needs: the day something happened on, and how far a till had gone by then.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, select

from passes.db.engine import UnitOfWork
from passes.ledger.models import OfflineEntry
from passes.ledger.rules import Entry

SPENDS = ("redeem", "capture")


def note(uow: UnitOfWork, entry: Entry, occurred_at: datetime, overspend: int) -> None:
    """Note that `entry` happened at `occurred_at`, and how much of what it handed out no card held."""
    handed_out = entry.amount + overspend if entry.type in SPENDS else 0
    uow.conn.execute(
        insert(OfflineEntry).values(
            transaction_id=entry.id,
            merchant_id=entry.merchant_id,
            card_id=entry.card_id,
            actor=entry.actor,
            asset=entry.asset,
            handed_out=handed_out,
            overspend=overspend,
            occurred_at=occurred_at,
            created_at=entry.created_at,
        )
    )


def handed_out(uow: UnitOfWork, entry: Entry, start: datetime, end: datetime) -> int:
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
