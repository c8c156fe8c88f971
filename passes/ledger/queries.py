"""Reading the books."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from passes.db.engine import UnitOfWork
from passes.db.paging import Page, after_cursor, as_page, newest_first
from passes.db.prepared import Prepared
from passes.ledger.models import (
    Account,
    AnsweredKey,
    LotRow,
    OfflineEntry,
    PersonalAnswer,
    Posting,
    Transaction,
    Undoing,
)
from passes.ledger.receipts import Receipt
from passes.ledger.rules import BALANCE, EXPIRED, ISSUED, Entry, account_id
from passes.money import POINT, REWARD

_SOURCE = aliased(Account)
_COLUMNS = [getattr(Transaction, f.name) for f in fields(Entry)]
_ANSWERED = Prepared(
    select(AnsweredKey.fingerprint, AnsweredKey.status, AnsweredKey.body).where(
        AnsweredKey.merchant_id == bindparam("merchant_id"), AnsweredKey.key == bindparam("key")
    )
)
_PERSONAL = select(PersonalAnswer.body).where(
    PersonalAnswer.merchant_id == bindparam("merchant_id"), PersonalAnswer.key == bindparam("key")
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a key was used for (a hash of the request) and the answer it got; None where that was erased."""

    fingerprint: bytes
    status: int
    body: bytes | None


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """What a list of transactions is narrowed to; `since` inclusive, `until` exclusive."""

    card_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    type: str | None = None
    location_id: str | None = None
    reference: str | None = None


def answered(uow: UnitOfWork, merchant_id: str, key: str) -> Answered | None:
    """The answer `key` got, if it ever got one."""
    row = _ANSWERED.first(uow, {"merchant_id": merchant_id, "key": key})
    if row is None or row["body"]:
        return None if row is None else Answered(**row)
    personal = uow.conn.execute(_PERSONAL, {"merchant_id": merchant_id, "key": key}).scalar()
    return Answered(row["fingerprint"], row["status"], personal)


def transaction(uow: UnitOfWork, merchant_id: str, transaction_id: str) -> Entry | None:
    """One transaction of this merchant."""
    query = select(*_COLUMNS).where(Transaction.merchant_id == merchant_id, Transaction.id == transaction_id)
    row = uow.conn.execute(query).first()
    return None if row is None else _entry(row)


def by_id(uow: UnitOfWork, merchant_id: str, transaction_ids: Collection[str]) -> dict[str, Entry]:
    """Those of the transactions that are this merchant's, by their ids."""
    query = select(*_COLUMNS).where(
        Transaction.merchant_id == merchant_id, Transaction.id.in_(transaction_ids)
    )
    return {row.id: _entry(row) for row in uow.conn.execute(query)}


def replaced_by(uow: UnitOfWork, card_id: str) -> str | None:
    """The card that took this one's place, if one did."""
    return _moved(uow, card_id, "to")


def took_the_place_of(uow: UnitOfWork, card_id: str) -> str | None:
    """The card whose place this one took, if it did."""
    return _moved(uow, card_id, "from")


def _moved(uow: UnitOfWork, card_id: str, where: str) -> str | None:
    query = select(Transaction.details).where(Transaction.card_id == card_id, Transaction.type == "transfer")
    moves = uow.conn.execute(query).scalars()
    return next((str(details[where]) for details in moves if where in details), None)


def transactions(
    uow: UnitOfWork, merchant_id: str, wanted: TransactionFilter, limit: int, cursor: str | None
) -> Page[Entry]:
    """Transactions of this merchant, newest first."""
    conditions = [Transaction.merchant_id == merchant_id]
    for name in ("card_id", "type", "location_id", "reference"):
        if (value := getattr(wanted, name)) is not None:
            conditions.append(getattr(Transaction, name) == value)
    if wanted.since is not None:
        conditions.append(Transaction.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Transaction.created_at < wanted.until)
    conditions += after_cursor(cursor, Transaction.created_at, Transaction.id)
    query = newest_first(select(*_COLUMNS).where(*conditions), Transaction.created_at, Transaction.id, limit)
    return as_page([_entry(row) for row in uow.conn.execute(query)], limit)


def under_receipt(uow: UnitOfWork, receipt: Receipt) -> list[Entry]:
    """What was booked under a receipt."""
    query = select(*_COLUMNS).where(receipt.borne_by(Transaction))
    return [_entry(row) for row in uow.conn.execute(query)]


def issue_of(uow: UnitOfWork, card_id: str) -> Entry | None:
    """The entry a card began with, if it came with something on it."""
    query = select(*_COLUMNS).where(Transaction.card_id == card_id, Transaction.type == "issue")
    row = uow.conn.execute(query).first()
    return None if row is None else _entry(row)


def has_moved(uow: UnitOfWork, card_id: str) -> bool:
    """Whether anything has happened on a card since it was issued."""
    query = select(Transaction.id).where(Transaction.card_id == card_id, Transaction.type != "issue")
    return uow.conn.execute(query.limit(1)).first() is not None


def was_a_decrease(uow: UnitOfWork, adjustment: Entry) -> bool:
    """Whether an adjustment took value off its card: only those move it back to where value comes from."""
    source = account_id(adjustment.card_id, BALANCE, adjustment.asset)
    query = select(Posting.destination).where(
        Posting.transaction_id == adjustment.id, Posting.source == source
    )
    suffix = f".{ISSUED}.{adjustment.asset}"
    return any(destination.endswith(suffix) for destination in uow.conn.execute(query).scalars())


def undone(uow: UnitOfWork, transaction_id: str) -> int:
    """How much of a transaction has been undone so far."""
    query = select(Undoing.undone).where(Undoing.transaction_id == transaction_id)
    return uow.conn.execute(query).scalar() or 0


def earned_between(uow: UnitOfWork, card_id: str, start: datetime, end: datetime) -> int:
    """What a card earned from `start` (inclusive) to `end` (exclusive) in sales that still stand.

    A sale that a till told us of later counts when it was.
    """
    query = (
        select(func.coalesce(func.sum(Transaction.amount), 0))
        .outerjoin(Undoing, Undoing.transaction_id == Transaction.id)
        .outerjoin(OfflineEntry, OfflineEntry.transaction_id == Transaction.id)
        .where(
            Transaction.card_id == card_id,
            Transaction.type == "earn",
            Transaction.created_at >= start,  # nothing is told before it happened, and this has an index
            _happened_at() >= start,
            _happened_at() < end,
            func.coalesce(Undoing.undone, 0) == 0,
        )
    )
    return int(uow.conn.execute(query).scalar_one())


def ran_out_without_lot(uow: UnitOfWork, card_id: str) -> int:
    """What ran out on a card, less what undone entries took of it and what belonged to lots."""
    booked = (
        select(
            func.coalesce(func.sum(case((Account.role == EXPIRED, Posting.amount), else_=-Posting.amount)), 0)
        )
        .select_from(Transaction)
        .join(Posting, Posting.transaction_id == Transaction.id)
        .join(Account, Account.id == Posting.destination)
        .join(_SOURCE, _SOURCE.id == Posting.source)
        .where(Transaction.card_id == card_id, Posting.asset == Transaction.balance_asset)
        .where(or_(Account.role == EXPIRED, _SOURCE.role == EXPIRED))
    )
    in_lots = select(func.coalesce(func.sum(LotRow.lapsed), 0)).where(LotRow.card_id == card_id)
    return int(uow.conn.execute(booked).scalar_one()) - int(uow.conn.execute(in_lots).scalar_one())


def came_back_since(uow: UnitOfWork, card_id: str, at: datetime) -> tuple[int, int]:
    """What refunds have put back onto a card from `at` on: value, and rewards."""
    rewards = func.sum(case((Transaction.asset == REWARD, Transaction.amount), else_=0))
    query = select(func.coalesce(func.sum(Transaction.delta), 0), func.coalesce(rewards, 0)).where(
        Transaction.card_id == card_id, Transaction.type == "refund", Transaction.created_at >= at
    )
    value, count = uow.conn.execute(query).one()
    return int(value), int(count)


def done_by_card(
    uow: UnitOfWork, card_id: str, types: Collection[str], asset: str | None, since: datetime
) -> tuple[int, int]:
    """How many entries of some types a card has from `since` on, and what they come to in `asset`.

    What was undone later still counts: it was done.
    """
    query = select(func.count(), func.coalesce(func.sum(Transaction.amount), 0)).where(
        Transaction.card_id == card_id, Transaction.created_at >= since, Transaction.type.in_(types)
    )
    if asset is not None:
        query = query.where(Transaction.asset == asset)
    count, total = uow.conn.execute(query).one()
    return int(count), int(total)


def last_purchase(uow: UnitOfWork, card_id: str) -> datetime | None:
    """When the card, or one whose place it took, was last part of a purchase that still stands.

    A purchase is an earn, a load, or a payment, also a held one; taking a reward one had saved up for is
    none.
    """
    card_ids = [card_id]
    while (earlier := took_the_place_of(uow, card_ids[-1])) is not None:
        card_ids.append(earlier)
    query = (
        select(func.max(_happened_at()))
        .select_from(Transaction)
        .outerjoin(Undoing, Undoing.transaction_id == Transaction.id)
        .outerjoin(OfflineEntry, OfflineEntry.transaction_id == Transaction.id)
        .where(
            Transaction.card_id.in_(card_ids),
            _is_purchase(),
            func.coalesce(Undoing.undone, 0) < func.coalesce(Undoing.total, 1),
        )
    )
    return uow.conn.execute(query).scalar()


def _happened_at() -> ColumnElement[datetime]:
    return func.coalesce(OfflineEntry.occurred_at, Transaction.created_at)


def _is_purchase() -> ColumnElement[bool]:
    spent = and_(Transaction.type.in_(("redeem", "capture")), Transaction.asset.not_in((REWARD, POINT)))
    paid = and_(spent, Transaction.amount > 0)
    return or_(Transaction.type.in_(("earn", "load")), paid)


def _entry(row: Row[Any]) -> Entry:
    return Entry(**row._mapping)
