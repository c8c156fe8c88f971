"""What stood beside the books before seals did is sealed as it stands, and guarded as before."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from passes import migrate
from passes.db.engine import Database
from passes.ledger.verify import verify
from tests.ledger.beside import things_beside
from tests.ledger.life import Books

BEFORE = "0014"
SEALED = ("tombstones", "reversed_references", "baskets", "basket_refunds", "lots")


def test_what_is_there_is_sealed_and_guarded_as_before(database: Database) -> None:
    books = Books(database).open()
    with database.write() as uow:
        for number in range(3):
            things_beside(uow, books, number)
    migrate.downgrade(database, BEFORE)
    migrate.upgrade(database)
    with database.read() as uow:
        assert verify(uow).faults == []
        kept = {table: uow.conn.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in SEALED}
    assert all(kept.values())
    for table in set(SEALED) - {"lots"}:
        with pytest.raises(DBAPIError, match="append-only"), database.write() as uow:
            uow.conn.execute(text(f"DELETE FROM {table}"))
