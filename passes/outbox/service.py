"""Writing down, in the transaction of a change, that the world should hear of it.

A change writes one event and knows nobody; who has to hear of it is found out after the commit (`relay`).
Times here are real time: back-off and leases measure the world outside, not the shop's calendar.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, insert, or_, select, update

from passes.db.engine import UnitOfWork
from passes.db.prepared import Prepared
from passes.db.upsert import insert_into
from passes.outbox.models import Delivery, OutboxEvent

_EVENT = Prepared(
    insert(OutboxEvent), ("merchant_id", "topic", "subject", "version", "details", "created_at")
)


@dataclass(frozen=True, slots=True)
class Target:
    """Who is to be told, and by which channel; `payload` is what the channel needs to find them."""

    merchant_id: str
    channel: str
    target: str
    payload: dict[str, Any]


def enqueue(
    uow: UnitOfWork,
    merchant_id: str,
    topic: str,
    subject: str,
    version: int,
    details: dict[str, Any] | None = None,
) -> None:
    """Note that `topic` happened to `subject` (a card), which made its `version`."""
    _EVENT.later(
        uow,
        {
            "merchant_id": merchant_id,
            "topic": topic,
            "subject": subject,
            "version": version,
            "details": details,
            "created_at": uow.now,
        },
    )


def want(uow: UnitOfWork, targets: Iterable[Target], at: datetime) -> None:
    """Note that every target should hear of something new, once, from `at` (real time) on.

    A delivery that already waits keeps its turn, so a busy card neither jumps the queue nor cuts a
    back-off short; one that was given up gets a new start.
    """
    wanted = {(t.channel, t.target): t for t in targets}
    if not wanted:
        return
    waits = (Delivery.done < Delivery.wanted) & Delivery.dead_at.is_(None)
    statement = insert_into(uow, Delivery)
    statement = statement.on_conflict_do_update(
        index_elements=["channel", "target"],
        set_={
            "wanted": Delivery.wanted + 1,
            "next_attempt_at": case(
                (waits, Delivery.next_attempt_at), else_=statement.excluded.next_attempt_at
            ),
            "attempts": case((Delivery.dead_at.is_(None), Delivery.attempts), else_=0),
            "dead_at": None,
        },
    )
    # Every writer takes these rows in the same order, so that none waits for another in a circle.
    uow.conn.execute(statement, [_row(wanted[key], at) for key in sorted(wanted)])


def _row(target: Target, at: datetime) -> dict[str, Any]:
    return {
        "merchant_id": target.merchant_id,
        "channel": target.channel,
        "target": target.target,
        "payload": target.payload,
        "wanted": 1,
        "done": 0,
        "next_attempt_at": at,
    }


def hurry(
    uow: UnitOfWork, at: datetime, *, merchant_id: str | None = None, channel: str | None = None
) -> int:
    """Make everything that waits out a back-off, or what of it is named, due at once; returns how many."""
    later = [Delivery.done < Delivery.wanted, Delivery.dead_at.is_(None), Delivery.next_attempt_at > at]
    if merchant_id is not None:
        later.append(Delivery.merchant_id == merchant_id)
    if channel is not None:
        later.append(Delivery.channel == channel)
    return uow.conn.execute(update(Delivery).where(*later).values(next_attempt_at=at)).rowcount


def revive_dead(uow: UnitOfWork, at: datetime, channel: str | None = None) -> int:
    """Give everything that was given up, or that of one channel, a new start; returns how many that were."""
    revived = update(Delivery).where(Delivery.dead_at.is_not(None))
    if channel is not None:
        revived = revived.where(Delivery.channel == channel)
    return uow.conn.execute(revived.values(dead_at=None, attempts=0, next_attempt_at=at)).rowcount


def forget_done(uow: UnitOfWork, before: datetime) -> int:
    """Delete what got through before `before` and was not wanted since; returns how many that were.

    Nothing is lost by it: the next event about such a target writes its row anew.
    """
    idle = select(Delivery.id).where(
        Delivery.done == Delivery.wanted,
        Delivery.lease_owner.is_(None),
        or_(Delivery.sent_at.is_(None), Delivery.sent_at < before),
    )
    forgotten = delete(Delivery).where(Delivery.id.in_(idle.with_for_update(skip_locked=True)))
    return uow.conn.execute(forgotten).rowcount
