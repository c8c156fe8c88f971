"""The unit of work on both databases: whole or not at all, no lost update, and a clear "busy"."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, StatementError

from passes.clock import FixedClock
from passes.db import engine
from passes.db.engine import Database
from passes.errors import Busy
from passes.ledger.models import Account
from passes.members.models import Member
from passes.merchants.models import Merchant
from tests.db.rows import add_books, add_merchant
from tests.fixtures.databases import START

THREADS = 8
ROUNDS = 25

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(engine, "LOCK_TIMEOUT_MS", 50)


def merchant_slugs(database: Database) -> list[str]:
    with database.read() as uow:
        return list(uow.conn.scalars(select(Merchant.slug).order_by(Merchant.slug)))


def test_a_block_that_ends_commits(database: Database) -> None:
    with database.write() as uow:
        add_merchant(uow, "raw")
    assert merchant_slugs(database) == ["raw"]


def test_an_error_repeats_none_of_the_values_it_was_about(database: Database) -> None:
    """Errors are logged; names, addresses and what unlocks a card are not."""
    nobodys = {"id": "mem_1", "merchant_id": "nobody", "name": "Anna Geheim", "email": "anna@geheim.example"}
    known = {
        "locale": "de",
        "time_zone": "Europe/Berlin",
        "tags": [],
        "created_at": START,
        "updated_at": START,
    }
    with pytest.raises(IntegrityError) as caught, database.write() as uow:
        uow.conn.execute(insert(Member).values(**nobodys, **known))
    assert "members" in str(caught.value)
    assert "geheim" not in str(caught.value).lower()


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as uow:
            add_merchant(uow, "raw")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert merchant_slugs(database) == []


def test_reading_changes_nothing(database: Database) -> None:
    with database.read() as uow:
        add_merchant(uow, "raw")
    assert merchant_slugs(database) == []


def test_a_savepoint_undoes_what_is_inside_and_nothing_else(database: Database) -> None:
    with database.write() as uow:
        add_merchant(uow, "kept")
        with contextlib.suppress(LookupError), uow.savepoint():
            add_merchant(uow, "lost")
            raise LookupError
    assert merchant_slugs(database) == ["kept"]


def test_the_business_time_is_read_once_per_unit_of_work(database: Database, clock: FixedClock) -> None:
    with database.write() as uow:
        clock.at += timedelta(days=1)
        assert uow.now == START


def test_an_instant_comes_back_as_it_went_in_and_in_utc(database: Database) -> None:
    at = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    with database.write() as uow:
        add_merchant(uow, "one")
        uow.conn.execute(update(Merchant).values(created_at=at))
    with database.read() as uow:
        found = uow.conn.scalar(select(Merchant.created_at))
    assert found == at
    assert found.tzinfo is UTC


def test_a_naive_datetime_is_refused(database: Database) -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(StatementError, match="naive"), database.write() as uow:
        uow.conn.execute(update(Merchant).values(created_at=naive))


def in_threads(work: Callable[[], None]) -> None:
    start = threading.Barrier(THREADS)

    def after_the_others() -> None:
        start.wait()
        for _ in range(ROUNDS):
            work()

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(after_the_others) for _ in range(THREADS)]:
            future.result()


def test_eight_threads_lose_no_update(database: Database) -> None:
    with database.write() as uow:
        add_merchant(uow, "one")
        add_books(uow, "one")

    def add_a_cent() -> None:
        with database.write() as uow:
            uow.conn.execute(
                update(Account).where(Account.id == "card_1:EUR").values(balance=Account.balance + 1)
            )

    in_threads(add_a_cent)
    with database.read() as uow:
        assert uow.conn.scalar(select(Account.balance).where(Account.id == "card_1:EUR")) == 500 + 8 * 25


@only_sqlite
def test_sqlite_threads_that_read_before_they_write_lose_nothing_either(database: Database) -> None:
    with database.write() as uow:
        add_merchant(uow, "one")
        add_books(uow, "one")

    def read_and_add_a_cent() -> None:
        with database.write() as uow:
            balance = uow.conn.scalar(select(Account.balance).where(Account.id == "card_1:EUR"))
            uow.conn.execute(
                update(Account).where(Account.id == "card_1:EUR").values(balance=(balance or 0) + 1)
            )

    in_threads(read_and_add_a_cent)
    with database.read() as uow:
        assert uow.conn.scalar(select(Account.balance).where(Account.id == "card_1:EUR")) == 500 + 8 * 25


@only_sqlite
def test_sqlite_is_opened_durable_and_with_its_guards_on(impatient: None, database: Database) -> None:
    pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 50}
    with database.write() as uow:
        found = {name: uow.conn.scalar(text(f"PRAGMA {name}")) for name in pragmas}
    assert found == pragmas


@only_sqlite
def test_a_sqlite_writer_has_the_lock_from_its_first_statement_on(database: Database) -> None:
    other = sqlite3.connect(str(make_url(database.url).database), timeout=0, isolation_level=None)
    with database.write() as uow:
        uow.conn.scalar(text("SELECT 1"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


@only_sqlite
def test_a_sqlite_reader_does_not_wait_for_the_writer(database: Database) -> None:
    with database.write() as uow:
        add_merchant(uow, "one")
        assert merchant_slugs(database) == []
    assert merchant_slugs(database) == ["one"]


@only_sqlite
@pytest.mark.usefixtures("impatient")
def test_a_lock_held_by_another_process_is_busy(database: Database) -> None:
    other = sqlite3.connect(str(make_url(database.url).database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy), database.write() as uow:
        add_merchant(uow, "one")
    other.close()
    with database.write() as uow:
        add_merchant(uow, "one")
    assert merchant_slugs(database) == ["one"]


@only_sqlite
@pytest.mark.usefixtures("impatient")
def test_a_lock_held_by_another_thread_is_busy(database: Database) -> None:
    with ThreadPoolExecutor(1) as pool, database.write():
        assert isinstance(pool.submit(lambda: database.write().__enter__()).exception(), Busy)


@only_postgresql
@pytest.mark.usefixtures("impatient")
def test_a_row_held_by_another_connection_is_busy(database: Database) -> None:
    with database.write() as uow:
        add_merchant(uow, "one")
    with database.engine.begin() as other:
        other.execute(text("UPDATE merchants SET name = 'held'"))
        with pytest.raises(Busy), database.write() as uow:
            uow.conn.execute(text("UPDATE merchants SET name = 'late'"))
    with database.read() as uow:
        assert uow.conn.scalar(select(Merchant.name)) == "held"


@only_postgresql
def test_a_connection_that_goes_away_is_busy_and_the_next_one_works(database: Database) -> None:
    def lose_the_connection() -> None:
        with database.write() as uow:
            pid = uow.conn.scalar(text("SELECT pg_backend_pid()"))
            with database.engine.begin() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 60000)"), {"pid": pid})
            add_merchant(uow, "one")

    with pytest.raises(Busy):
        lose_the_connection()
    assert merchant_slugs(database) == []


def test_a_server_that_cannot_be_reached_is_busy(tmp_path: Path, clock: FixedClock) -> None:
    database = Database(f"postgresql+psycopg://nobody@/none?host={tmp_path}", clock)
    with pytest.raises(Busy), database.read() as uow:
        uow.conn.scalar(text("SELECT 1"))
    database.close()


def test_a_mistake_of_ours_is_not_called_busy(database: Database) -> None:
    with database.write() as uow:
        add_merchant(uow, "one")
    with pytest.raises(IntegrityError), database.write() as uow:
        add_merchant(uow, "one")
