"""What a merchant's books say, without what is different every time: ids, codes, moments.

Two lives of a merchant in which the same things happened have the same state, table by table and row by
row, in every table there is.
"""

from collections import Counter
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, Select, SmallInteger, Table, bindparam, literal, select

from passes import migrate  # every room's tables
from passes.db.base import Base
from passes.db.engine import Database
from passes.ledger.models import Account, Posting, Transaction, Undoing

State = dict[str, Counter[tuple[Any, ...]]]
WORDS = {"type", "status", "state", "asset", "role", "topic", "kind", "action", "reference", "outcome"}
DIFFERENT_EVERY_TIME = {"modified_s", "seq", "position"}
assert migrate


def _says_something(column: Column[Any]) -> bool:
    if column.name in WORDS:
        return True
    counts = isinstance(column.type, BigInteger | Integer | SmallInteger)
    numbered = column.primary_key or column.name in DIFFERENT_EVERY_TIME
    return counts and not numbered


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if _says_something(column)]


@cache
def _queries() -> dict[str, Select[Any]]:
    """What asks every table about one merchant, by the table's name."""
    me = bindparam("merchant_id")
    mine = select(Transaction.id).where(Transaction.merchant_id == me)
    source, destination = Account.__table__.alias(), Account.__table__.alias()
    moved = (
        select(source.c.role, destination.c.role, Posting.asset, Posting.amount)
        .join(source, source.c.id == Posting.source)
        .join(destination, destination.c.id == Posting.destination)
        .where(Posting.transaction_id.in_(mine))
    )
    undone = select(Undoing.total, Undoing.undone).where(Undoing.transaction_id.in_(mine))
    owned = {
        name: select(literal(1), *_columns(table)).where(table.c.merchant_id == me)
        for name, table in Base.metadata.tables.items()
        if "merchant_id" in table.columns
    }
    return {**owned, "postings": moved, "undoings": undone}


def state_of(database: Database, merchant_id: str) -> State:
    """Everything that belongs to the merchant."""
    with database.read() as uow:
        return {
            name: Counter(tuple(row) for row in uow.conn.execute(query, {"merchant_id": merchant_id}))
            for name, query in _queries().items()
        }


def difference(one: State, other: State) -> str:
    """What stands in one and not in the other."""
    return "; ".join(
        f"{name}: {dict(one[name] - other[name])} / {dict(other[name] - one[name])}"
        for name in one
        if one[name] != other[name]
    )
