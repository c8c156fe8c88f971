"""Where a merchant wants to hear of events; what is on its way there stands in the outbox."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, JsonColumn, UtcDateTime


class WebhookEndpoint(Base):
    """An address, the event types it asked for, and how it has been doing.

    `secret` is the seed of what signs what is sent there (`signature.secret_of`), which is shown when it is
    made and never again.
    After a rotation `previous_secret` signs beside it until `previous_until`, so that a receiver changes over
    in its own time. `failing_since` is when the first attempt since the last success failed. Times but
    `created_at` are real.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (Index("ix_webhook_endpoints_newest", "merchant_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40), ForeignKey("merchants.id"))
    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[list[str]] = mapped_column(JsonColumn)
    secret: Mapped[bytes] = mapped_column(LargeBinary(64))
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    previous_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_reason: Mapped[str | None] = mapped_column(String(300))
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_outcome: Mapped[str | None] = mapped_column(String(300))
