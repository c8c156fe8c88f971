"""Taking deliveries in hand, and putting them back with the result.

A sender owns a delivery only while its name stands on the lease. Every statement that ends a lease names
the owner and the state that was sent, so a sender that was slow, stopped or killed can never undo what
another has done since. Locks only keep senders out of each other's way.
"""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update

from passes.db.engine import UnitOfWork
from passes.outbox.channel import ClaimedDelivery, Ending, Outcome
from passes.outbox.models import Delivery
from passes.outbox.rules import retry_delay_s

_NOTE_LENGTH = 300
_FREE: dict[str, Any] = {"lease_owner": None, "leased_until": None}
_CLAIMED = (
    Delivery.id,
    Delivery.merchant_id,
    Delivery.channel,
    Delivery.target,
    Delivery.payload,
    Delivery.wanted,
    Delivery.attempts,
)


def claim(
    uow: UnitOfWork, channel: str, limit: int, lease_s: float, owner: str, at: datetime
) -> list[ClaimedDelivery]:
    """Up to `limit` deliveries of `channel` that are due at `at` (real time), leased to `owner`."""
    free = (
        Delivery.channel == channel,
        Delivery.done < Delivery.wanted,
        Delivery.dead_at.is_(None),
        or_(Delivery.leased_until.is_(None), Delivery.leased_until <= at),
    )
    due = (
        select(Delivery.id)
        .where(*free, Delivery.next_attempt_at <= at)
        .order_by(Delivery.next_attempt_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    # The conditions stand here again: they, and not the lock above, keep two owners apart.
    taken = (
        update(Delivery)
        .where(Delivery.id.in_(select(due.c.id)), *free)
        .values(lease_owner=owner, leased_until=at + timedelta(seconds=lease_s))
        .returning(*_CLAIMED)
    )
    return [ClaimedDelivery(*row) for row in uow.conn.execute(taken)]


def finish(
    uow: UnitOfWork, owner: str, endings: Iterable[tuple[ClaimedDelivery, Outcome]], at: datetime
) -> None:
    """Write down how each delivery ended; what is no longer leased to `owner` stays as it is."""
    # In the order in which `want` takes the same rows.
    for delivery, outcome in sorted(endings, key=lambda pair: (pair[0].channel, pair[0].target)):
        match outcome.ending:
            case Ending.DONE:
                succeed(uow, owner, delivery, outcome.note, at)
            case Ending.DROP:
                drop(uow, owner, delivery)
            case Ending.DEAD:
                bury(uow, owner, delivery, outcome.note, at)
            case Ending.RETRY if delivery.attempts + 1 >= outcome.limit:
                bury(uow, owner, delivery, f"given up after {outcome.limit} attempts: {outcome.note}", at)
            case Ending.RETRY | Ending.WAIT:
                retry(uow, owner, delivery, outcome, at)


def succeed(uow: UnitOfWork, owner: str, delivery: ClaimedDelivery, note: str, at: datetime) -> bool:
    """The target has heard of everything up to the claim; what came since is due at once."""
    return _end(
        uow,
        _held(owner, delivery),
        done=delivery.wanted,
        attempts=0,
        sent_at=at,
        outcome=note[:_NOTE_LENGTH] or None,
    )


def retry(uow: UnitOfWork, owner: str, delivery: ClaimedDelivery, outcome: Outcome, at: datetime) -> bool:
    """It did not get through; it becomes due again after a back-off."""
    attempts = delivery.attempts + 1
    delay_s = retry_delay_s(attempts, outcome.after_s, random.random())  # noqa: S311 - jitter, no secret
    return _end(
        uow,
        _held(owner, delivery),
        attempts=min(attempts, 1000),
        next_attempt_at=at + timedelta(seconds=delay_s),
        outcome=outcome.note[:_NOTE_LENGTH],
    )


def bury(uow: UnitOfWork, owner: str, delivery: ClaimedDelivery, note: str, at: datetime) -> bool:
    """It is given up and kept; unless something new happened meanwhile, which deserves its own try."""
    unchanged = [*_held(owner, delivery), Delivery.wanted == delivery.wanted]
    buried = _end(uow, unchanged, attempts=delivery.attempts + 1, dead_at=at, outcome=note[:_NOTE_LENGTH])
    return buried or _end(uow, _held(owner, delivery))


def drop(uow: UnitOfWork, owner: str, delivery: ClaimedDelivery) -> bool:
    """It is forgotten; unless something new happened meanwhile."""
    unchanged = [*_held(owner, delivery), Delivery.wanted == delivery.wanted]
    dropped = uow.conn.execute(delete(Delivery).where(*unchanged)).rowcount == 1
    return dropped or _end(uow, _held(owner, delivery))


def _held(owner: str, delivery: ClaimedDelivery) -> list[ColumnElement[bool]]:
    return [Delivery.id == delivery.id, Delivery.lease_owner == owner]


def _end(uow: UnitOfWork, condition: list[ColumnElement[bool]], **values: Any) -> bool:
    ended = update(Delivery).where(*condition).values(**values, **_FREE)
    return uow.conn.execute(ended).rowcount == 1
