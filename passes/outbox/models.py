"""Events written with the change that caused them, and the deliveries they turn into.

A delivery is a state, not a message: `wanted` counts how often something happened that its target should
hear of, `done` how far the target has been told. A target that is due is one with `done < wanted`, so ten
changes before the next send are one send, and a change during a send is never lost.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, BigKey, JsonColumn, UtcDateTime


class OutboxEvent(Base):
    """What happened (`topic`), to which card, and which version that made. Deleted when fanned out."""

    __tablename__ = "outbox_events"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    topic: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    details: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Delivery(Base):
    """One target on one channel: a device and pass type, a Google object, a message, an event abroad."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("channel", "target"),
        CheckConstraint("done <= wanted", name="done_not_ahead"),
        Index(
            "ix_deliveries_due",
            "next_attempt_at",
            postgresql_where=text("done < wanted AND dead_at IS NULL"),
            sqlite_where=text("done < wanted AND dead_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(300))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    wanted: Mapped[int] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(BigInteger)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(60))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    outcome: Mapped[str | None] = mapped_column(String(300))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
