"""Members, what they agreed to, and the addresses they say are theirs."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, BigKey, JsonColumn, UtcDateTime


class Member(Base):
    """A customer the merchant knows.

    The birthday is kept as month*100+day (228 for 28 February) beside an optional year, so that "whose
    birthday is it" is one indexed comparison in every time zone.
    """

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("merchant_id", "id"),
        UniqueConstraint("merchant_id", "external_id"),
        CheckConstraint("birth_month_day BETWEEN 101 AND 1231", name="birth_month_day"),
        Index("ix_members_birthday", "merchant_id", "birth_month_day", "time_zone"),
        Index("ix_members_email", "merchant_id", "email"),
        Index("ix_members_newest", "merchant_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"))
    external_id: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(320))
    phone: Mapped[str | None] = mapped_column(String(40))
    birth_month_day: Mapped[int | None] = mapped_column(SmallInteger)
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)
    locale: Mapped[str] = mapped_column(String(20))
    time_zone: Mapped[str] = mapped_column(String(60))
    tags: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Consent(Base):
    """One yes or no to one purpose on one channel; the newest row counts, none is ever changed."""

    __tablename__ = "consents"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "member_id"], ["members.merchant_id", "members.id"]),
        Index("ix_consents_member_id", "member_id", "purpose", "channel", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    member_id: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    granted: Mapped[bool] = mapped_column(Boolean)
    wording: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Confirmation(Base):
    """An address somebody typed for a card, and whether whoever reads its mail has confirmed it.

    Both steps stand here as the proof of a double opt-in: when (business time), from where, in which words.
    `wording` is what was ticked about advertising by e-mail, NULL for nothing. Of the link in the mail only
    a hash is kept; it opens until `expires_at` (real time), and once.
    """

    __tablename__ = "confirmations"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "card_id"], ["cards.merchant_id", "cards.id"]),
        ForeignKeyConstraint(["merchant_id", "member_id"], ["members.merchant_id", "members.id"]),
        Index("ix_confirmations_email", "merchant_id", "email"),
        Index("ix_confirmations_member", "member_id"),
        Index("ix_confirmations_card", "card_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"))
    card_id: Mapped[str] = mapped_column(String(40))
    member_id: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(320))
    language: Mapped[str] = mapped_column(String(2))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    source: Mapped[str] = mapped_column(String(200))
    wording: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_wording: Mapped[str | None] = mapped_column(Text)


class UnreachableAddress(Base):
    """An address, as a hash, that a mail server said nobody has; see `unreachable`."""

    __tablename__ = "unreachable_addresses"

    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"), primary_key=True)
    contact: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(String(200))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
