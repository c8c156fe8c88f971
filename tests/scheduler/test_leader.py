"""The leader lock: one holder, passed on when released, when its holder dies, and when it falls silent."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from passes.db.engine import Database
from scheduler import leader as module
from scheduler.leader import AdvisoryLock, FileLock, LeaderLock, leader_lock
from tests.waiting import eventually

PATIENCE_S = 600.0
"""So long that no machine makes anybody fall silent who is not meant to."""

SHORT_S = 2.0
NewLock = Callable[..., LeaderLock]


@pytest.fixture
def new_lock(database: Database, tmp_path: Path) -> Iterator[NewLock]:
    """Locks of one installation, as its processes have them."""
    made: list[LeaderLock] = []

    def make(patience_s: float = PATIENCE_S) -> LeaderLock:
        made.append(leader_lock(database, tmp_path, patience_s))
        return made[-1]

    yield make
    for lock in made:
        lock.release()


def test_one_holds_and_goes_on_holding(new_lock: NewLock) -> None:
    first, second = new_lock(), new_lock()
    assert [first.hold(), second.hold(), first.hold(), second.hold()] == [True, False, True, False]


def test_a_released_lock_is_free(new_lock: NewLock) -> None:
    first, second = new_lock(), new_lock()
    for _ in range(10):
        assert first.hold()
        first.release()
        assert second.hold()
        assert not first.hold()
        second.release()


def test_releasing_what_one_does_not_have_is_harmless(new_lock: NewLock) -> None:
    first, second = new_lock(), new_lock()
    first.hold()
    second.release()
    assert first.hold()


def test_who_gives_signs_of_life_keeps_the_lock(new_lock: NewLock) -> None:
    first, second = new_lock(SHORT_S), new_lock(SHORT_S)
    first.hold()
    begun = sign = time.monotonic()
    while time.monotonic() < begun + 2 * SHORT_S:
        time.sleep(SHORT_S / 8)
        kept = [first.hold(), second.hold()]
        if time.monotonic() > sign + SHORT_S / 2:
            # The machine kept us from giving a sign for so long that nothing follows from it: once more.
            second.release()
            eventually(first.hold)
            begun = time.monotonic()
        else:
            assert kept == [True, False]
        sign = time.monotonic()


def test_who_falls_silent_loses_the_lock_and_finds_out(
    new_lock: NewLock, database: Database, tmp_path: Path
) -> None:
    # On PostgreSQL the holder's own patience counts, in a file that of whoever would take over.
    silent = new_lock(PATIENCE_S if database.is_sqlite else 0.5)
    second, third = new_lock(), new_lock()
    silent.hold()
    if database.is_sqlite:
        long_ago = time.time() - PATIENCE_S - 1
        os.utime(tmp_path / "scheduler.lock", (long_ago, long_ago))
    eventually(second.hold, lambda: "nobody took over")
    assert not silent.hold()
    assert [silent.hold(), third.hold(), second.hold()] == [False, False, True]


def test_the_database_decides_which_lock_it_is(database: Database, tmp_path: Path) -> None:
    assert isinstance(leader_lock(database, tmp_path), FileLock if database.is_sqlite else AdvisoryLock)


HOLDER = """
import sys, time
from pathlib import Path
from passes.clock import SystemClock
from passes.db.engine import Database
from scheduler.leader import leader_lock
lock = leader_lock(Database(sys.argv[1], SystemClock()), Path(sys.argv[2]), 600)
print(lock.hold(), flush=True)
time.sleep(600)
"""


def test_the_lock_of_a_killed_process_is_free_at_once(
    new_lock: NewLock, database_url: str, tmp_path: Path
) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", HOLDER, database_url, str(tmp_path)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        lock = new_lock()
        assert not lock.hold()
        process.kill()
    eventually(lock.hold, lambda: "the lock outlived its process")


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_a_session_the_server_ended_is_noticed_before_the_next_piece_of_work(database: Database) -> None:
    lock = AdvisoryLock(database.url)
    assert lock.hold()
    with database.write() as uow:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        uow.conn.execute(text(ended))
    assert not lock.hold()
    assert lock.hold()
    lock.release()


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_holding_again_does_not_pile_up(database: Database) -> None:
    first, second = AdvisoryLock(database.url), AdvisoryLock(database.url)
    for _ in range(5):
        first.hold()
    with database.read() as uow:
        held = uow.conn.execute(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar()
    assert held == 1
    first.release()
    assert second.hold()
    second.release()


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_a_released_lock_is_free_before_the_server_has_ended_the_session(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = AdvisoryLock(database.url), AdvisoryLock(database.url)
    assert first.hold()
    with monkeypatch.context() as patched:
        patched.setattr(first, "_close", lambda: None)
        first.release()
    assert second.hold()
    assert not first.hold()
    first.release()
    second.release()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_lock_file_that_vanished_is_not_held(database: Database, tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "scheduler.lock", PATIENCE_S)
    assert lock.hold()
    (tmp_path / "scheduler.lock").unlink()
    assert not lock.hold()
    assert lock.hold()
    lock.release()


def test_of_two_who_replace_a_silent_leader_one_remains(tmp_path: Path) -> None:
    path = tmp_path / "scheduler.lock"
    silent, second, third = (FileLock(path, PATIENCE_S) for _ in range(3))
    silent.hold()
    os.utime(path, (1, 1))
    assert second.hold()
    os.utime(path, (1, 1))
    assert third.hold()
    assert [second.hold(), silent.hold(), third.hold()] == [False, False, True]
    assert [p.name for p in tmp_path.iterdir()] == ["scheduler.lock"]
    for lock in (silent, second, third):
        lock.release()


def test_a_database_that_is_away_means_nobody_leads() -> None:
    lock = AdvisoryLock("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert not lock.hold()
    assert module.PATIENCE_S <= 30
