"""Connections that were given back clean are at hand for whoever comes next, and no others are."""

import pytest
from sqlalchemy import bindparam, text, update

from passes.db.engine import POOL_SIZE, Database
from passes.db.lease import Lease
from passes.db.prepared import Prepared
from passes.merchants.models import Merchant
from tests.db.rows import add_merchant

RENAME = Prepared(update(Merchant).where(Merchant.slug == "raw").values(name=bindparam("new")))


@pytest.fixture(autouse=True)
def shop(database: Database) -> None:
    with database.write() as uow:
        add_merchant(uow, "raw")


def rename(database: Database, new: str) -> None:
    with database.write() as uow:
        RENAME.later(uow, {"new": new})


def name(database: Database) -> str:
    with database.read() as uow:
        return str(uow.conn.scalar(text("SELECT name FROM merchants")))


def driver(database: Database) -> object:
    """The driver's connection that is next."""
    with Lease(database.writer) as lease:
        return lease.raw.driver_connection


def test_the_next_unit_of_work_gets_the_connection_of_the_last(database: Database) -> None:
    rename(database, "one")
    before = driver(database)
    rename(database, "two")
    assert driver(database) is before
    assert name(database) == "two"


def test_what_was_not_committed_is_rolled_back_before_anybody_has_the_connection(database: Database) -> None:
    def refused() -> None:
        with database.write() as uow:
            assert RENAME.run(uow, {"new": "lost"}) == 1
            raise LookupError

    for _ in range(POOL_SIZE + 1):
        with pytest.raises(LookupError):
            refused()
        assert name(database) == "Raw"
    rename(database, "kept")
    assert name(database) == "kept"


def test_whoever_asks_sqlalchemy_is_in_the_same_transaction(database: Database) -> None:
    with database.write() as uow:
        assert RENAME.run(uow, {"new": "one"}) == 1
        assert uow.conn.scalar(text("SELECT name FROM merchants")) == "one"
        uow.conn.execute(text("UPDATE merchants SET name = 'two'"))
        RENAME.later(uow, {"new": "three"})
    assert name(database) == "three"


def test_more_than_are_kept_can_be_had_at_once(database: Database) -> None:
    leases = [Lease(database.writer) for _ in range(POOL_SIZE + 2)]
    assert len({id(lease.raw.driver_connection) for lease in leases}) == POOL_SIZE + 2
    for lease in leases:
        with lease:
            pass
    rename(database, "one")
    assert name(database) == "one"


def test_nothing_lies_at_hand_once_the_engine_lets_go_of_its_connections(database: Database) -> None:
    rename(database, "one")
    before = driver(database)
    database.engine.dispose()
    assert driver(database) is not before
    rename(database, "two")
    assert name(database) == "two"


def test_what_lies_at_hand_goes_when_one_is_lost(database: Database) -> None:
    with Lease(database.writer) as other:
        with Lease(database.writer):
            pass  # lies at hand now
        lying = database.writer.take()
        database.writer.give_back(lying)
        other.invalidate(OSError("gone"))
    assert lying.dbapi_connection is None
    rename(database, "one")
    assert name(database) == "one"
