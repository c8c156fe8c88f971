"""The books.

A posting is one row: source, destination, asset, amount. It cannot be unbalanced because it has no other
shape. An account's balance follows from its postings and nothing else: a trigger (see `db/guards.py`) moves
it when a posting is inserted, a CHECK refuses to let a card's account fall below zero, and triggers refuse
to change or delete what was written.

A card's accounts carry a balance; a program's own accounts (where stamps come from, where spent money
goes) do not, because a row that every till writes would serialise every till.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, JsonColumn, UtcDateTime


class Account(Base):
    """Where value lies. `id` is its owner's id, its role and its asset, readable in any export.

    `held` is the sum of the open holds on it; the CHECK keeps it there, whoever moves the balance.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("id", "asset"),
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        CheckConstraint("(card_id IS NULL) = (balance IS NULL)", name="cards_have_balances"),
        CheckConstraint("held = 0 OR held BETWEEN 1 AND balance", name="held_stays_covered"),
        Index("ix_accounts_card_id", "card_id"),
        {"postgresql_with": {"fillfactor": 80}},
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    program_id: Mapped[str] = mapped_column(String(40))
    card_id: Mapped[str | None] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(12))
    asset: Mapped[str] = mapped_column(String(6))
    balance: Mapped[int | None] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class Transaction(Base):
    """One entry: what happened to one card. Immutable.

    `card_version` is the version of the card this entry made, unique per card, so that a card's entries
    have one order whatever the clocks say. `chain` ties it to the entry before it (see `chain.py`).
    `details` holds what only some types have (discount, order total, reward).
    """

    __tablename__ = "transactions"
    __table_args__ = (
        UniqueConstraint("card_id", "card_version"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("balance_after >= 0", name="balance_after_not_negative"),
        Index("ix_transactions_newest", "merchant_id", "created_at", "id"),
        Index("ix_transactions_card", "card_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    card_id: Mapped[str] = mapped_column(String(40))
    card_version: Mapped[int] = mapped_column(Integer)
    type: Mapped[str] = mapped_column(String(10))
    asset: Mapped[str] = mapped_column(String(6))
    amount: Mapped[int] = mapped_column(BigInteger)
    balance_asset: Mapped[str] = mapped_column(String(6))
    delta: Mapped[int] = mapped_column(BigInteger)
    balance_after: Mapped[int] = mapped_column(BigInteger)
    rewards_after: Mapped[int | None] = mapped_column(BigInteger)
    undoes: Mapped[str | None] = mapped_column(String(40))
    reference: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(500))
    location_id: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))


_UNDER_RECEIPT = Transaction.reference.is_not(None)
Index(
    "ix_transactions_reference",
    Transaction.merchant_id,
    Transaction.reference,
    postgresql_where=_UNDER_RECEIPT,
    sqlite_where=_UNDER_RECEIPT,
)


class Posting(Base):
    """`amount` of `asset` from one account to another."""

    __tablename__ = "postings"
    __table_args__ = (
        ForeignKeyConstraint(["transaction_id"], ["transactions.id"]),
        ForeignKeyConstraint(["source", "asset"], ["accounts.id", "accounts.asset"]),
        ForeignKeyConstraint(["destination", "asset"], ["accounts.id", "accounts.asset"]),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("source <> destination", name="two_sides"),
    )

    transaction_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    source: Mapped[str] = mapped_column(String(80))
    destination: Mapped[str] = mapped_column(String(80))
    asset: Mapped[str] = mapped_column(String(6))
    amount: Mapped[int] = mapped_column(BigInteger)


class OfflineEntry(Base):
    """An entry of something a till did without the network and told us later.

    `occurred_at` is when the till did it, `created_at` when it told us. `handed_out` is what left the shop
    against the card, whether the card held it or not (0 for an entry that spends nothing); `overspend` is the
    part of it that no card held.
    """

    __tablename__ = "offline_entries"
    __table_args__ = (
        ForeignKeyConstraint(["transaction_id"], ["transactions.id"]),
        CheckConstraint("occurred_at <= created_at", name="told_afterwards"),
        CheckConstraint("overspend BETWEEN 0 AND handed_out", name="part_of_what_was_handed_out"),
        Index("ix_offline_entries_actor", "merchant_id", "actor", "occurred_at"),
        Index("ix_offline_entries_card", "card_id", "occurred_at"),
    )

    transaction_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    card_id: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    asset: Mapped[str] = mapped_column(String(6))
    handed_out: Mapped[int] = mapped_column(BigInteger)
    overspend: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Undoing(Base):
    """How much of a transaction has been undone so far; never more than it was."""

    __tablename__ = "undoings"
    __table_args__ = (
        ForeignKeyConstraint(["transaction_id"], ["transactions.id"]),
        CheckConstraint("undone BETWEEN 0 AND total", name="never_more_than_it_was"),
    )

    transaction_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    total: Mapped[int] = mapped_column(BigInteger)
    undone: Mapped[int] = mapped_column(BigInteger)


class Hold(Base):
    """Part of a card's balance set aside for one payment: captured, voided or run out, once.

    A row that is still `open` after `expires_at` (business time) holds nothing; whoever takes the card in
    hand next, or the scheduler, writes that down. `transaction_id` is the capture.
    """

    __tablename__ = "holds"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "card_id"], ["cards.merchant_id", "cards.id"]),
        ForeignKeyConstraint(["transaction_id"], ["transactions.id"]),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("captured BETWEEN 0 AND amount", name="never_more_than_held"),
        CheckConstraint("status IN ('open', 'captured', 'voided', 'expired')", name="status"),
        CheckConstraint("(status = 'captured') = (captured > 0)", name="captured_means_taken"),
        CheckConstraint("(status = 'captured') = (transaction_id IS NOT NULL)", name="captured_is_booked"),
        CheckConstraint("expires_at > created_at", name="lasts_some_time"),
        UniqueConstraint("transaction_id"),
        Index("ix_holds_reference", "merchant_id", "reference"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    card_id: Mapped[str] = mapped_column(String(40))
    asset: Mapped[str] = mapped_column(String(6))
    amount: Mapped[int] = mapped_column(BigInteger)
    captured: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(8))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    transaction_id: Mapped[str | None] = mapped_column(String(40))
    reference: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(500))
    location_id: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


_OPEN = Hold.status == "open"
Index("ix_holds_open_card", Hold.card_id, postgresql_where=_OPEN, sqlite_where=_OPEN)
Index("ix_holds_open_until", Hold.expires_at, postgresql_where=_OPEN, sqlite_where=_OPEN)


class LotRow(Base):
    """What an entry brought onto a card and when it ends; see `fifo.py` for what the numbers mean.

    Only where the program says that value ends by itself, so that other cards pay nothing for it. An entry
    has one lot, except the one that brought a replaced card's lots onto its successor.
    """

    __tablename__ = "lots"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "card_id"], ["cards.merchant_id", "cards.id"]),
        ForeignKeyConstraint(["transaction_id"], ["transactions.id"]),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("remaining >= 0 AND lapsed >= 0", name="never_less_than_nothing"),
        CheckConstraint("remaining + lapsed <= amount", name="never_more_than_came"),
    )

    transaction_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    card_id: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int] = mapped_column(BigInteger)
    remaining: Mapped[int] = mapped_column(BigInteger)
    lapsed: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


_LEFT = LotRow.remaining > 0
Index("ix_lots_left_card", LotRow.card_id, postgresql_where=_LEFT, sqlite_where=_LEFT)


class AnsweredKey(Base):
    """An idempotency key and the answer it got, written in the commit of the effect itself.

    There is no "in progress" row: the primary key makes the second of two twins wait for the first and
    then find this. Kept for ever; an answer that tells of a person has an empty body here and lies in
    `personal_answers`, where it can be forgotten.
    """

    __tablename__ = "answered_keys"

    merchant_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class Tombstone(Base):
    """A key that was reversed, or the id of something that was: what names it is refused from then on."""

    __tablename__ = "tombstones"

    merchant_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class ReversedReference(Base):
    """A receipt that was reversed, everywhere or at one location (`location_id`)."""

    __tablename__ = "reversed_references"
    __table_args__ = (Index("ix_reversed_references_reference", "merchant_id", "reference"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(200))
    location_id: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class PersonalAnswer(Base):
    """The body of a keyed answer that tells of a member, or of several (`member_id` None)."""

    __tablename__ = "personal_answers"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "key"], ["answered_keys.merchant_id", "answered_keys.key"]),
        Index("ix_personal_answers_member_id", "merchant_id", "member_id"),
    )

    merchant_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    member_id: Mapped[str | None] = mapped_column(String(40))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Root(Base):
    """The signed Merkle root over how far the chains of a merchant's cards had come on a day; see `roots`."""

    __tablename__ = "roots"
    __table_args__ = (UniqueConstraint("merchant_id", "day"),)

    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    leaves: Mapped[int] = mapped_column(Integer)
    transactions: Mapped[int] = mapped_column(BigInteger)
    key_id: Mapped[str] = mapped_column(ForeignKey("ed25519_keys.id"))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RootLeaf(Base):
    """A card in a root: `head` is the link of its entry `card_version`, the last one then."""

    __tablename__ = "root_leaves"
    __table_args__ = (
        ForeignKeyConstraint(
            ["card_id", "card_version"], ["transactions.card_id", "transactions.card_version"]
        ),
        UniqueConstraint("card_id", "card_version"),
    )

    merchant_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True)
    card_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    card_version: Mapped[int] = mapped_column(Integer)
    head: Mapped[bytes] = mapped_column(LargeBinary(32))
