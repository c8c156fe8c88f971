"""The tables of the limits: what a manager has set, what counts towards it, who was asked, who guesses.

None of these rows moves value. Counters stand per till, never on a row that all tills of a merchant write.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, JsonColumn, UtcDateTime


class GuessDebt(Base):
    """What wrong guesses have cost one `name` (a key, an address, the beginning of a code, everybody).

    Times are real ones in milliseconds since 1970: the debt is paid off at `debt_until_ms` if nothing is
    added, and nobody of that name may guess before `closed_until_ms`.
    """

    __tablename__ = "guess_debts"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    debt_until_ms: Mapped[int] = mapped_column(BigInteger)
    closed_until_ms: Mapped[int] = mapped_column(BigInteger)


class Limit(Base):
    """One limit of a merchant. Where `program_id`, `location_id` or `actor` is empty it holds for all.

    Deleted limits stay, because the audit log names them.
    """

    __tablename__ = "limits"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "location_id"], ["locations.merchant_id", "locations.id"]),
        CheckConstraint("at_most > 0", name="allows_something"),
        CheckConstraint("action IN ('refuse', 'flag', 'approve')", name="action"),
        Index("ix_limits_newest", "merchant_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    call: Mapped[str] = mapped_column(String(10))
    each: Mapped[str] = mapped_column(String(12))
    within: Mapped[str] = mapped_column(String(12))
    at_most: Mapped[int] = mapped_column(BigInteger)
    asset: Mapped[str | None] = mapped_column(String(6))
    action: Mapped[str] = mapped_column(String(10))
    program_id: Mapped[str | None] = mapped_column(String(40))
    location_id: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LimitUse(Base):
    """How much of a limit one `actor` has used up for `subject` in the stretch of time that began at `since`.

    The sum over the actors is what counts; that each till writes a row of its own keeps tills apart.
    """

    __tablename__ = "limit_uses"

    limit_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    actor: Mapped[str] = mapped_column(String(80), primary_key=True)
    used: Mapped[int] = mapped_column(BigInteger)


class Approval(Base):
    """A request that needs a second person, and what became of that.

    `fingerprint` is the request; `used_at` is set once, by the request that went through on it. `form` is
    what was filled in on the page that asked, null where an API key did.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'approved', 'rejected')", name="status"),
        CheckConstraint("decided_by <> asked_by", name="second_person"),
        CheckConstraint("used_at IS NULL OR status = 'approved'", name="used_means_approved"),
        Index("ix_approvals_newest", "merchant_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    limit_id: Mapped[str] = mapped_column(String(40))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    request: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    asked_by: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    location_id: Mapped[str | None] = mapped_column(String(40))
    form: Mapped[dict[str, str] | None] = mapped_column(JsonColumn)
