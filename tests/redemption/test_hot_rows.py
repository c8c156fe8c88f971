"""On PostgreSQL a sale's new rows stay on the pages of the old ones, so that no index grows with it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from passes.clock import FixedClock
from passes.db.engine import Database, UnitOfWork
from passes.money import Money
from passes.redemption import service as redemption
from tests.ledger.life import Books

pytestmark = pytest.mark.postgres

_CHANGED = text("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = :table")


def sell(database: Database, books: Books, table: str) -> tuple[int, int]:
    """How many rows of the table a sale has changed, and how many of them stayed on their page."""
    with database.write() as uow:
        before = changed(uow, table)
        redemption.redeem(uow, books.call("gift"), amount=Money(1, "EUR"))
        after = changed(uow, table)
        return after[0] - before[0], after[1] - before[1]


def changed(uow: UnitOfWork, table: str) -> tuple[int, int]:
    """The same of all that this connection has not reported yet."""
    row: Any = uow.conn.execute(_CHANGED, {"table": table}).one()
    return int(row[0]), int(row[1])


@pytest.mark.parametrize("table, column", [("cards", "last_purchase_at"), ("accounts", "balance")])
def test_a_sale_writes_to_no_index(
    new_database: Callable[..., str], clock: FixedClock, table: str, column: str
) -> None:
    database = Database(new_database("postgresql"), clock)
    try:
        books = Books(database).open()
        with database.write() as uow:
            books.issue(uow, "gift", "gift", 5000)
        clock.at += timedelta(days=1)
        assert sell(database, books, table) == (1, 1)
        with database.write() as uow:
            uow.conn.execute(text(f"CREATE INDEX in_the_way ON {table} ({column})"))
        clock.at += timedelta(days=1)
        assert sell(database, books, table) == (1, 0)
    finally:
        database.close()
