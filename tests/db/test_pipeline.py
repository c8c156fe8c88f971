"""What is written later is written in its order, before anybody asks, whole or not at all, never silently."""

import contextlib
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from passes.db import pipeline
from passes.db.engine import Database, UnitOfWork
from passes.db.prepared import Prepared, must
from passes.errors import Busy
from passes.ledger.models import AnsweredKey
from passes.merchants.models import Merchant
from tests.db.rows import add_merchant
from tests.mutants import damage

MINE = update(Merchant).where(Merchant.id == "mer_raw").values(name=bindparam("new"))
RENAME = Prepared(MINE.where(must(Merchant.slug == bindparam("wanted"))))
RENAME_CARELESSLY = Prepared(MINE.where(Merchant.slug == bindparam("wanted")))
NAMED = Prepared(select(Merchant.name))
ANSWER = Prepared(insert(AnsweredKey))
PAST = datetime(2026, 3, 2, tzinfo=UTC)

only_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


class Gone(Exception):
    """What a step wants raised in place of what the database says."""


@pytest.fixture(autouse=True)
def shop(database: Database) -> None:
    with database.write() as uow:
        add_merchant(uow, "raw")


def commit(database: Database, *steps: Callable[[UnitOfWork], object]) -> None:
    with database.write() as uow:
        for step in steps:
            step(uow)


def fail(_: UnitOfWork) -> None:
    raise LookupError


def rename(uow: UnitOfWork, new: str, wanted: str = "raw", **instead: Exception) -> None:
    RENAME.later(uow, {"wanted": wanted, "new": new}, **instead)


def answer(uow: UnitOfWork, key: str, body: bytes = b"{}", taken: Exception | None = None) -> None:
    row = {"merchant_id": "mer_raw", "key": key, "fingerprint": bytes(32), "status": 201, "body": body}
    ANSWER.later(uow, {**row, "created_at": PAST, "seal": bytes(32)}, taken=taken)


def name(database: Database) -> str | None:
    with database.read() as uow:
        return uow.conn.scalar(select(Merchant.name))


def answers(database: Database) -> list[str]:
    with database.read() as uow:
        return list(uow.conn.scalars(select(AnsweredKey.key).order_by(AnsweredKey.key)))


def test_what_waits_is_committed_in_its_order(database: Database) -> None:
    with database.write() as uow:
        rename(uow, "first")
        rename(uow, "second")
    assert name(database) == "second"


def test_every_question_sees_what_was_written_before_it(database: Database) -> None:
    with database.write() as uow:
        rename(uow, "one")
        assert NAMED.all(uow, {}) == [{"name": "one"}]
        rename(uow, "two")
        assert uow.conn.scalar(select(Merchant.name)) == "two"
        rename(uow, "three")
        assert RENAME.run(uow, {"wanted": "raw", "new": "four"}) == 1
    assert name(database) == "four"


def test_a_block_that_raises_writes_nothing_of_what_waits(database: Database) -> None:
    with pytest.raises(LookupError):
        commit(database, lambda uow: rename(uow, "lost"), fail)
    assert name(database) == "Raw"


def test_an_error_of_what_waits_comes_with_the_commit_and_undoes_all(database: Database) -> None:
    with database.write() as uow:
        answer(uow, "taken")
    names = ("taken", "never reached")
    with pytest.raises(IntegrityError):
        commit(database, lambda uow: rename(uow, "lost"), lambda uow: [answer(uow, name) for name in names])
    assert (name(database), answers(database)) == ("Raw", ["taken"])


def test_what_somebody_else_has_is_raised_as_the_step_wants_it(database: Database) -> None:
    with database.write() as uow:
        answer(uow, "taken")
    wanted = {"mine": LookupError(), "taken": Gone()}
    with pytest.raises(Gone):
        commit(database, lambda uow: [answer(uow, key, taken=error) for key, error in wanted.items()])
    assert answers(database) == ["taken"]


def change_what_is_not_there(database: Database) -> None:
    with pytest.raises(Gone):
        commit(
            database,
            lambda uow: rename(uow, "first"),
            lambda uow: rename(uow, "second", wanted="nobody", untouched=Gone()),
            lambda uow: answer(uow, "never reached"),
        )
    assert (name(database), answers(database)) == ("Raw", [])


def test_a_change_that_touches_nothing_is_noticed_before_the_commit(database: Database) -> None:
    with database.write() as uow:
        rename(uow, "Raw", untouched=Gone())
    change_what_is_not_there(database)


@only_postgresql
def test_a_statement_that_does_not_say_what_must_be_is_found_out_too_late(database: Database) -> None:
    with pytest.raises(Gone):
        commit(
            database,
            lambda uow: rename(uow, "first"),
            lambda uow: RENAME_CARELESSLY.later(uow, {"wanted": "nobody", "new": "x"}, untouched=Gone()),
            lambda uow: answer(uow, "reached"),
        )
    assert (name(database), answers(database)) == ("first", ["reached"])


def test_a_savepoint_undoes_what_waits_in_it_and_nothing_before_it(database: Database) -> None:
    with database.write() as uow:
        answer(uow, "before")
        with contextlib.suppress(LookupError), uow.savepoint():
            answer(uow, "inside")
            raise LookupError
        with pytest.raises(Gone), uow.savepoint():
            rename(uow, "x", wanted="nobody", untouched=Gone())
        answer(uow, "after")
    assert answers(database) == ["after", "before"]


def test_a_thousand_large_rows_travel_together(database: Database) -> None:
    with database.write() as uow:
        for number in range(1000):
            answer(uow, f"key {number}", b"x" * 5000)
    assert len(answers(database)) == 1000


@only_postgresql
def test_a_commit_that_reaches_nobody_is_busy_and_kept_nothing(database: Database) -> None:
    def commit_into_the_void() -> None:
        with database.write() as uow:
            pid = uow.conn.scalar(text("SELECT pg_backend_pid()"))
            with database.engine.begin() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 60000)"), {"pid": pid})
            rename(uow, "lost")

    with pytest.raises(Busy):
        commit_into_the_void()
    assert name(database) == "Raw"
    with database.write() as uow:
        rename(uow, "new")
    assert name(database) == "new"


def cut_the_line(uow: UnitOfWork) -> None:
    """What the connection sees when the server's machine goes down."""
    driver = uow.conn.connection.driver_connection
    assert driver is not None
    with socket.socket(fileno=os.dup(driver.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def cut_before(database: Database, *, statement_is_known: bool) -> None:
    if statement_is_known:
        commit(database, lambda uow: rename(uow, "Raw"))
    commit(database, cut_the_line, lambda uow: rename(uow, "lost"))


@only_postgresql
@pytest.mark.parametrize("statement_is_known", [True, False])
def test_a_server_that_goes_away_is_busy_and_its_connection_is_given_up(
    database: Database, statement_is_known: bool
) -> None:
    with pytest.raises(Busy):
        cut_before(database, statement_is_known=statement_is_known)
    assert name(database) == "Raw"
    commit(database, lambda uow: rename(uow, "new"))
    assert name(database) == "new"


def refused_without_a_state(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """libpq's own word for a server that has gone, while the connection does not look broken yet."""
    monkeypatch.setattr(
        pipeline, "error_from_result", lambda _: psycopg.DatabaseError("server closed the connection")
    )
    commit(database, lambda uow: answer(uow, "twice"), lambda uow: answer(uow, "twice"))


@only_postgresql
def test_libpqs_own_words_for_a_lost_server_are_busy(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Busy):
        refused_without_a_state(database, monkeypatch)
    monkeypatch.undo()
    commit(database, lambda uow: rename(uow, "new"))
    assert name(database) == "new"


@only_postgresql
def test_taken_for_a_refusal_they_would_be_our_own_fault(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, pipeline, "_Pipeline._error", ("error.sqlstate is not None", "True"))
    with pytest.raises(DatabaseError):
        refused_without_a_state(database, monkeypatch)


def test_a_refused_question_leaves_the_connection_usable(database: Database) -> None:
    def ask_in_vain() -> None:
        with database.read() as uow:
            answer(uow, "twice")
            answer(uow, "twice")
            NAMED.all(uow, {})

    for _ in range(3):
        with pytest.raises(IntegrityError):
            ask_in_vain()
        assert name(database) == "Raw"
