"""Campaigns and dispatches."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, JsonColumn, UtcDateTime


class Campaign(Base):
    """When to speak (`trigger`), to whom (`audience`), what to say (`message`), what to give (`gift`)."""

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("merchant_id", "id"),
        CheckConstraint("state IN ('draft', 'active', 'paused', 'finished')", name="state"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    trigger: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    audience: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    message: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    gift: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    quiet_hours: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    launched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Dispatch(Base):
    """One campaign reaching one member for one occasion; the unique key is what "once" means.

    `state` is `planned` until it is `sent` or `suppressed`; a suppressed one has a `reason`.
    """

    __tablename__ = "dispatches"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "campaign_id"], ["campaigns.merchant_id", "campaigns.id"]),
        UniqueConstraint("campaign_id", "member_id", "occasion"),
        CheckConstraint("state IN ('planned', 'sent', 'suppressed')", name="state"),
        Index("ix_dispatches_planned", "state", "due_at"),
        Index("ix_dispatches_member_id", "member_id", "sent_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    campaign_id: Mapped[str] = mapped_column(String(40))
    member_id: Mapped[str | None] = mapped_column(String(40))
    occasion: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(80))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gift_card_id: Mapped[str | None] = mapped_column(String(40))
