"""Baskets as they were answered: what was asked of several cards in one stroke, and what was given back.

The value itself is in the books, one transaction for each line; here stands which belonged together. A seal
is over the row and its lines.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, JsonColumn, UtcDateTime


class Basket(Base):
    """One order paid with several cards. Immutable; its sums add up to the order by a CHECK."""

    __tablename__ = "baskets"
    __table_args__ = (
        CheckConstraint("mode IN ('all', 'partial')", name="mode"),
        CheckConstraint(
            "order_total > 0 AND discount >= 0 AND paid >= 0 AND remaining_due >= 0", name="sums"
        ),
        CheckConstraint("order_total = discount + paid + remaining_due", name="adds_up"),
        Index("ix_baskets_reference", "merchant_id", "reference"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    mode: Mapped[str] = mapped_column(String(7))
    asset: Mapped[str] = mapped_column(String(6))
    order_total: Mapped[int] = mapped_column(BigInteger)
    discount: Mapped[int] = mapped_column(BigInteger)
    paid: Mapped[int] = mapped_column(BigInteger)
    remaining_due: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(500))
    location_id: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class BasketLine(Base):
    """What became of one card of a basket: its transaction, or (`problem`) why it was refused."""

    __tablename__ = "basket_lines"
    __table_args__ = (
        ForeignKeyConstraint(["basket_id"], ["baskets.id"]),
        ForeignKeyConstraint(["transaction_id"], ["transactions.id"]),
        UniqueConstraint("transaction_id"),
        CheckConstraint("(transaction_id IS NULL) <> (problem IS NULL)", name="taken_or_refused"),
        CheckConstraint("transaction_id IS NULL OR card_id IS NOT NULL", name="taken_from_a_card"),
    )

    basket_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    card_id: Mapped[str | None] = mapped_column(String(40))
    transaction_id: Mapped[str | None] = mapped_column(String(40))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)


class BasketRefund(Base):
    """Lines of a basket given back in one stroke. Immutable."""

    __tablename__ = "basket_refunds"
    __table_args__ = (
        ForeignKeyConstraint(["basket_id"], ["baskets.id"]),
        Index("ix_basket_refunds_basket_id", "basket_id"),
        Index("ix_basket_refunds_reference", "merchant_id", "reference"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    basket_id: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(500))
    location_id: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class BasketRefundLine(Base):
    """What came back for one line of a basket; no transaction where nothing was left of it."""

    __tablename__ = "basket_refund_lines"
    __table_args__ = (
        ForeignKeyConstraint(["refund_id"], ["basket_refunds.id"]),
        ForeignKeyConstraint(["transaction_id"], ["transactions.id"]),
        UniqueConstraint("transaction_id"),
    )

    refund_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    transaction_id: Mapped[str | None] = mapped_column(String(40))
