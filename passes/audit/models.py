"""The audit log's one table; the database refuses to change or delete its rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, BigKey, JsonColumn, UtcDateTime


class AuditEntry(Base):
    """`actor` did `action` to `subject`; `details` never holds personal data or secrets."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_merchant_id_id", "merchant_id", "id"),
        Index("ix_audit_log_subject", "subject", "at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
