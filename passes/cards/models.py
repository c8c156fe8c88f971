"""The card: what was issued, what unlocks it, how it stands. Its balance lies in the ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    and_,
)
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, JsonColumn, UtcDateTime
from passes.ledger.chain import GENESIS


class Card(Base):
    """One issued instrument of a program.

    `version` grows by one with every change a wallet could show, and every change names the version it
    started from, so two changes can never be made of one. `modified_s` (unix seconds, real time) is what
    HTTP calls Last-Modified; it grows with every version, so that no two share a date. `chain_head` is the
    link of its last entry. `state` is what was decided about the card; whether its time has run out is a
    question for the clock. `expired_at` is when that was booked; `lots_due_at` when something on the card
    may end before it does, NULL if nothing can. `enrolled_by` is a hash of the browser that took it,
    `contact` one of the confirmed address it is the card of.

    A sale changes no column that has an index, and finds room on the row's own page, so that PostgreSQL need
    not write to every index of the table. `stopped_at` is there for that: when a card that is stopped was
    last changed.
    """

    __tablename__ = "cards"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "program_id"], ["programs.merchant_id", "programs.id"]),
        ForeignKeyConstraint(["merchant_id", "member_id"], ["members.merchant_id", "members.id"]),
        UniqueConstraint("merchant_id", "id"),
        CheckConstraint("state IN ('pending', 'active', 'blocked', 'deactivated')", name="state"),
        Index("ix_cards_program", "merchant_id", "program_id", "created_at", "id"),
        Index("ix_cards_program_id", "program_id", "id"),
        Index("ix_cards_member", "member_id"),
        Index("ix_cards_reference", "merchant_id", "reference"),
        {"postgresql_with": {"fillfactor": 80}},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    program_id: Mapped[str] = mapped_column(String(40))
    member_id: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    state_before_block: Mapped[str | None] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(16), unique=True)
    barcode: Mapped[str] = mapped_column(String(26), unique=True)
    page_token: Mapped[str] = mapped_column(String(26), unique=True)
    token_key_id: Mapped[str] = mapped_column(String(16))
    enrolled_by: Mapped[str | None] = mapped_column(String(64))
    contact: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer, default=1)
    modified_s: Mapped[int] = mapped_column(BigInteger)
    collected: Mapped[int] = mapped_column(BigInteger, default=0)
    chain_head: Mapped[bytes] = mapped_column(LargeBinary(32), default=GENESIS)
    last_purchase_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    news: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    news_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reference: Mapped[str | None] = mapped_column(String(200))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lots_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime,
        Computed("CASE WHEN state IN ('blocked', 'deactivated') THEN updated_at END", persisted=True),
    )


_STOPPED = Card.stopped_at.is_not(None)
Index(
    "ix_cards_stopped",
    Card.merchant_id,
    Card.stopped_at,
    postgresql_where=_STOPPED,
    sqlite_where=_STOPPED,
)
Index(
    "uq_cards_enrolled_by",
    Card.program_id,
    Card.enrolled_by,
    unique=True,
    postgresql_where=Card.enrolled_by.is_not(None),
    sqlite_where=Card.enrolled_by.is_not(None),
)
Index(
    "uq_cards_contact",
    Card.program_id,
    Card.contact,
    unique=True,
    postgresql_where=Card.contact.is_not(None),
    sqlite_where=Card.contact.is_not(None),
)


class Publication(Base):
    """How far the cards of a program have followed one of its versions, in the order of their ids."""

    __tablename__ = "publications"
    __table_args__ = (
        ForeignKeyConstraint(
            ["program_id", "version"], ["program_versions.program_id", "program_versions.version"]
        ),
    )

    program_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    after_card: Mapped[str] = mapped_column(String(40))
    cards_done: Mapped[int] = mapped_column(Integer)
    cards_total: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_UNFINISHED = Publication.finished_at.is_(None)
Index(
    "ix_publications_unfinished",
    Publication.created_at,
    postgresql_where=_UNFINISHED,
    sqlite_where=_UNFINISHED,
)

_ENDS = and_(Card.expires_at.is_not(None), Card.expired_at.is_(None))
Index("ix_cards_ends", Card.expires_at, postgresql_where=_ENDS, sqlite_where=_ENDS)
_LOTS = Card.lots_due_at.is_not(None)
Index("ix_cards_lots_due", Card.lots_due_at, postgresql_where=_LOTS, sqlite_where=_LOTS)
