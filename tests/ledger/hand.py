"""A hand in the database, for which neither trigger nor foreign key nor check holds; what it could edit."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Date,
    Integer,
    LargeBinary,
    RowMapping,
    String,
    Table,
    inspect,
    select,
    update,
)

from passes.cards.models import Card
from passes.db.base import Base, UtcDateTime
from passes.db.engine import Database, UnitOfWork
from passes.db.lease import Lease
from passes.ledger.models import (
    Account,
    AnsweredKey,
    Hold,
    LotRow,
    Posting,
    ReversedReference,
    Root,
    RootLeaf,
    Tombstone,
    Transaction,
    Undoing,
)
from passes.merchants.models import Ed25519Key
from passes.redemption.models import Basket, BasketLine, BasketRefund, BasketRefundLine
from tests.fixtures.databases import START

MONEY_ON_CARDS = ("id", "merchant_id", "program_id", "collected", "chain_head")
"""What of a card is the books' business; its version, names and codes are not."""

EDITED: tuple[type[Base], ...] = (
    Account,
    Transaction,
    Posting,
    Hold,
    AnsweredKey,
    Undoing,
    Root,
    RootLeaf,
    Ed25519Key,
    Card,
    LotRow,
    Tombstone,
    ReversedReference,
    Basket,
    BasketLine,
    BasketRefund,
    BasketRefundLine,
)


@contextmanager
def guards_down(database: Database) -> Iterator[UnitOfWork]:
    """A unit of work without any guard; all that is done in it is taken back."""
    with database.engine.connect() as conn:
        if database.is_sqlite:
            for setting in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
                conn.connection.cursor().execute(f"PRAGMA {setting}")
            triggers = conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in triggers.scalars().all():
                conn.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            conn.execution_options(isolation_level="REPEATABLE READ")
            conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in EDITED:
                name = table.__tablename__
                for check in inspect(conn).get_check_constraints(name):
                    conn.exec_driver_sql(f"ALTER TABLE {name} DROP CONSTRAINT {check['name']}")
        yield UnitOfWork(Lease(database.writer, conn), START, "none")
        conn.rollback()
        conn.invalidate()


@dataclass(frozen=True)
class Edit:
    """One field of one row, changed to something it is not."""

    table: Table
    row: RowMapping
    column: Column[Any]
    value: Any

    def __str__(self) -> str:
        key = ", ".join(str(self.row[column.name]) for column in self.table.primary_key)
        was = self.row[self.column.name]
        return f"{self.table.name}[{key}].{self.column.name}: {was!r:.60} -> {self.value!r:.60}"

    def apply(self, uow: UnitOfWork) -> None:
        """Make it so; raises what the database raises where a unique key stands in the way."""
        mine = [column == self.row[column.name] for column in self.table.primary_key]
        done = uow.conn.execute(update(self.table).where(*mine).values({self.column.name: self.value}))
        assert done.rowcount == 1, self


class Editor:
    """Whoever edits whatever comes to mind; every table as often as the others, whatever its size."""

    def __init__(self, uow: UnitOfWork, dice: random.Random) -> None:
        self._dice = dice
        self._rows: dict[Table, Sequence[RowMapping]] = {}
        for model in EDITED:
            table = model.__table__
            assert isinstance(table, Table)
            self._rows[table] = uow.conn.execute(select(table).order_by(*table.primary_key)).mappings().all()
            assert self._rows[table], f"nothing to edit in {table.name}"

    def edit(self) -> Edit:
        """Something else in one field."""
        table = self._dice.choice(list(self._rows))
        row = self._dice.choice(self._rows[table])
        columns = [c for c in table.columns if table.name != "cards" or c.name in MONEY_ON_CARDS]
        column = self._dice.choice(columns)
        return Edit(table, row, column, self._other(table, column, row[column.name]))

    def _other(self, table: Table, column: Column[Any], was: Any) -> Any:
        while True:
            if column.nullable and self._dice.random() < 0.2:
                value = None
            elif self._dice.random() < 0.3:
                value = self._dice.choice(self._rows[table])[column.name]
            else:
                value = self._near(column, was)
            if value != was and (value is not None or column.nullable):
                return value

    def _near(self, column: Column[Any], was: Any) -> Any:
        dice, kind = self._dice, column.type
        if isinstance(kind, UtcDateTime):
            step = dice.choice([timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=400)])
            at: datetime = was or START
            return at + dice.choice([1, -1]) * step
        if isinstance(kind, Date):
            day: date = was
            return day + timedelta(days=dice.choice([1, -1, 30]))
        if isinstance(kind, Integer):
            return dice.choice(
                [0, 1, -1, (was or 0) + 1, (was or 0) - 1, -(was or 0), dice.randrange(30_000)]
            )
        if isinstance(kind, LargeBinary):
            return self._bent(was or b"\0")
        if isinstance(kind, String):
            limit = kind.length or 20
            return dice.choice(
                ["", "x", f"{was or ''}x"[-limit:], (was or "x")[:-1], (was or "x").swapcase()]
            )
        return dice.choice([{}, {**(was or {}), "collected": dice.randrange(9)}])

    def _bent(self, was: bytes) -> bytes:
        """One bit turned, the end cut off, or nothing left."""
        bent = bytearray(was)
        place = self._dice.randrange(max(1, len(bent)))
        if bent:
            bent[place] ^= 1 << self._dice.randrange(8)
        return self._dice.choice([bytes(bent), bytes(bent), was[:-1], was + b"\0"])
