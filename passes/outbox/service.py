"""Writing down, in the transaction of a change, that the world should hear of it."""

from typing import Any

from sqlalchemy import insert

from passes.db.engine import UnitOfWork
from passes.outbox.models import OutboxEvent

_EVENT = insert(OutboxEvent)


def enqueue(
    uow: UnitOfWork, merchant_id: str, topic: str, subject: str, version: int, details: dict[str, Any] | None = None
) -> None:
    """Note that `topic` happened to `subject` (a card), which made its `version`."""
    uow.conn.execute(
        _EVENT,
        {
            "merchant_id": merchant_id,
            "topic": topic,
            "subject": subject,
            "version": version,
            "details": details,
            "created_at": uow.now,
        },
    )
