"""Whoever waits has handed the baton on, so that what is waited for can happen."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import bindparam, text, update

from passes.db import baton
from passes.db.baton import BATON, Baton
from passes.db.engine import Database, UnitOfWork
from passes.db.prepared import Prepared
from passes.errors import Busy
from passes.merchants.models import Merchant
from tests.db.rows import add_merchant
from tests.waiting import PATIENCE_S, eventually, somebody_waits

RENAME = Prepared(update(Merchant).where(Merchant.id == "mer_raw").values(name=bindparam("new")))

Rename = Callable[[Database, int], None]

only_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def rename_at_once(database: Database, wait_s: int) -> None:
    """As a till's call does it: straight to the driver."""
    with BATON, database.write() as uow:
        be_patient(uow, wait_s)
        RENAME.run(uow, {"new": "later"})


def rename_in_passing(database: Database, wait_s: int) -> None:
    """As what few tills call does it: through SQLAlchemy."""
    with BATON, database.write() as uow:
        be_patient(uow, wait_s)
        uow.conn.execute(text("UPDATE merchants SET name = 'later'"))


def be_patient(uow: UnitOfWork, wait_s: int) -> None:
    """Wait so long for a lock instead of the two seconds that a till is made to wait."""
    uow.conn.execute(text(f"SET LOCAL lock_timeout = '{wait_s}s'"))


def two_at_one_row(
    database: Database, rename: Rename, wait_s: int = 50, first: str = "UPDATE merchants SET name = 'first'"
) -> Future[None]:
    """One holds a row and needs the baton to let it go; the other has the baton and needs the row."""
    with database.write() as uow:
        add_merchant(uow, "raw")
    with ThreadPoolExecutor(1) as threads:
        with database.write() as uow:
            uow.conn.execute(text(first))
            other: Future[None] = threads.submit(rename, database, wait_s)
            eventually(lambda: other.done() or somebody_waits(database))
            with BATON:
                uow.conn.execute(text("SELECT 1"))
        other.exception(PATIENCE_S)
    return other


@only_postgresql
@pytest.mark.parametrize("rename", [rename_at_once, rename_in_passing])
def test_who_waits_for_a_row_lets_others_compute(database: Database, rename: Rename) -> None:
    assert two_at_one_row(database, rename).exception() is None


@only_postgresql
def test_who_waits_to_have_a_statement_prepared_lets_others_compute(database: Database) -> None:
    assert two_at_one_row(database, rename_at_once, first="LOCK TABLE merchants").exception() is None


@only_postgresql
@pytest.mark.parametrize("rename", [rename_at_once, rename_in_passing])
def test_who_keeps_the_baton_while_waiting_waits_in_vain(
    database: Database, rename: Rename, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(baton.Connection, "wait")
    assert isinstance(two_at_one_row(database, rename, wait_s=2).exception(), Busy)


def test_after_waiting_it_is_back_even_where_the_wait_failed() -> None:
    mine = Baton()

    def take_it() -> None:
        with mine:
            pass

    def wait() -> None:
        with ThreadPoolExecutor(1) as threads:
            threads.submit(take_it).result(PATIENCE_S)
        raise TimeoutError

    with mine:
        with pytest.raises(TimeoutError):
            mine.waiting_for(wait)
        assert taken_elsewhere(mine) is False
    assert taken_elsewhere(mine) is True


def taken_elsewhere(mine: Baton) -> bool:
    """Whether another thread could have it now."""
    if not mine._lock.acquire(blocking=False):
        return False
    mine._lock.release()
    return True


def test_nothing_is_handed_on_that_one_does_not_have() -> None:
    mine = Baton()
    assert mine.waiting_for(max, 1, 2) == 2
    with ThreadPoolExecutor(1) as threads, mine:
        assert threads.submit(mine.waiting_for, max, 1, 2).result(PATIENCE_S) == 2
        assert not taken_elsewhere(mine)
