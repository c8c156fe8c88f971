"""Turning events into deliveries, after the commit that wrote them and in one transaction of its own.

The events are deleted first and what they turn into is written with them gone: of two relays that run at
once each gets events of its own, and one that dies has changed nothing. Who is concerned is a question
for the rooms above, so they hand in the function that answers it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from passes.db.engine import UnitOfWork
from passes.outbox.models import OutboxEvent
from passes.outbox.service import Target, want

BATCH = 500


@dataclass(frozen=True, slots=True)
class Event:
    """What happened (`topic`), to which card (`subject`), its version then, and when (business time)."""

    merchant_id: str
    topic: str
    subject: str
    version: int
    details: dict[str, Any] | None
    created_at: datetime


FanOut = Callable[[UnitOfWork, Sequence[Event]], Iterable[Target]]
"""Says who has to hear of some events; many events about one target are one target."""


def relay(uow: UnitOfWork, fan_out: FanOut, at: datetime, limit: int = BATCH) -> int:
    """Turn up to `limit` events into deliveries that are due at `at` (real time); returns how many."""
    oldest = (
        select(OutboxEvent.id)
        .order_by(OutboxEvent.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("oldest")
    )
    taken = (
        delete(OutboxEvent)
        .where(OutboxEvent.id.in_(select(oldest.c.id)))
        .returning(
            OutboxEvent.merchant_id,
            OutboxEvent.topic,
            OutboxEvent.subject,
            OutboxEvent.version,
            OutboxEvent.details,
            OutboxEvent.created_at,
        )
    )
    events = [Event(*row) for row in uow.conn.execute(taken)]
    if events:
        want(uow, fan_out(uow, events), at)
    return len(events)
