"""Opening the database, and the unit of work every change goes through.

SQLite is opened as one writer at a time wants it: `BEGIN IMMEDIATE` (a deferred BEGIN raises "locked" the
moment two readers turn writers), WAL, full sync, and a lock inside the process because SQLite's own
back-off is unfair. PostgreSQL runs at READ COMMITTED; nothing relies on more.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from passes.clock import Clock
from passes.db import baton, pipeline
from passes.db.lease import Lease, Stock
from passes.db.pipeline import Outcome, Step
from passes.errors import Busy, Refusal

LOCK_TIMEOUT_MS = 2_000
BUSY_TIMEOUT_MS = 5_000
POOL_SIZE = 8

# PostgreSQL: lock_not_available, query_canceled, serialization_failure, deadlock_detected, admin_shutdown,
# crash_shutdown, cannot_connect_now, too_many_connections.
_TRY_AGAIN = {"55P03", "57014", "40001", "40P01", "57P01", "57P02", "57P03", "53300"}

_WITHOUT_THE_DISK = Step("SET LOCAL synchronous_commit TO off", ())


@dataclass(slots=True)
class Asker:
    """Who asks from outside: a key or person, and the network address they come from.

    `misses` is how many codes in the request named no card.
    """

    actor: str
    address: str
    misses: int = 0


class UnitOfWork:
    """One transaction: its connection, and its business time (read once).

    What nobody needs an answer to is written `later`: it waits here and travels with the next question, or
    with the commit, in the order in which it came. So nobody ever reads from before it, and no error of its
    is lost. `claims` are the names it has to itself (see `locks`).

    `token_key_id` names the key that the wallet tokens of cards made in it will be derived from. `asker` is
    whoever's request it serves, if it serves one: guesses are counted against them. `scanned_at` is
    when what it tells of was scanned, if that was not now. `afterwards` is what is to be written down whether
    it commits or is refused, such as the refusal itself; each is called in a unit of its own once this one
    has ended. `tallies` are the same, but may be lost with the machine's power.
    """

    asker: Asker | None = None
    scanned_at: datetime | None = None

    def __init__(self, lease: Lease, now: datetime, token_key_id: str) -> None:
        self.now = now
        self.token_key_id = token_key_id
        self.afterwards: list[Callable[[UnitOfWork], None]] = []
        self.tallies: list[Callable[[UnitOfWork], None]] = []
        self.dialect = lease.dialect
        self.claims: set[str] = set()
        self._lease = lease
        self._waiting: list[Step] = []

    @property
    def conn(self) -> Connection:
        """The connection, everything written down on it that was to be written later."""
        self.flush()
        return self._lease.conn

    def later(self, step: Step) -> None:
        """Run `step` before anything else is asked of the database; see `Prepared.later`."""
        self._waiting.append(step)

    def run(self, step: Step) -> Outcome:
        """Run `step` now, after what waits."""
        return self._send([step])[-1]

    def flush(self, *, commit: bool = False) -> None:
        """Run what waits; raises what it raises."""
        if self._waiting:
            self._send([], commit=commit)

    def _send(self, steps: list[Step], *, commit: bool = False) -> list[Outcome]:
        waiting, self._waiting = self._waiting, []
        return pipeline.send(self._lease, waiting + steps, commit=commit)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happens inside if it raises, and nothing else."""
        with self.conn.begin_nested():
            try:
                yield
                self.flush()
            finally:
                self._waiting.clear()


class Database:
    """Where units of work come from.

    `claims` are those of the one writer that SQLite has at a time, as far as it is in this process;
    `write_lock` is what keeps the others waiting. `writer` is where connections that write come from.
    """

    def __init__(self, url: str, clock: Clock, token_key_id: str = "") -> None:
        self.url = url
        self.clock = clock
        self.token_key_id = token_key_id
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self.writer = Stock(_sqlite_engine(url, "BEGIN IMMEDIATE"), POOL_SIZE)
            self._reader = Stock(_sqlite_engine(url, "BEGIN"), POOL_SIZE)
            self._tallier = Stock(_sqlite_engine(url, "BEGIN IMMEDIATE", synchronous="NORMAL"), 1)
            self.write_lock: threading.Lock | None = threading.Lock()
        else:
            self.writer = self._reader = self._tallier = Stock(_postgresql_engine(url), POOL_SIZE)
            self.write_lock = None
        self.claims: Set[str] = frozenset()

    @property
    def engine(self) -> Engine:
        """The engine that writes; for migrations and for the curious."""
        return self.writer.engine

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """A unit of work that commits when the block ends and rolls back when it raises.

        Raises `Busy` when the database could not be had in time or went away; unless that happened during
        the commit itself nothing was done.
        """
        uow: UnitOfWork | None = None
        try:
            with _Turn(self), Lease(self.writer) as lease:
                uow = UnitOfWork(lease, self.clock.now(), self.token_key_id)
                if self.write_lock is not None:
                    self.claims = uow.claims
                yield uow
                uow.flush(commit=True)
                lease.commit()
        except Refusal:
            self._finish(uow)
            raise
        self._finish(uow)

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """A unit of work that changes nothing: it always rolls back."""
        uow: UnitOfWork | None = None
        try:
            with _BusyWhenUnavailable(), Lease(self._reader) as lease:
                uow = UnitOfWork(lease, self.clock.now(), self.token_key_id)
                yield uow
        except Refusal:
            self._finish(uow)
            raise
        self._finish(uow)

    def _finish(self, uow: UnitOfWork | None) -> None:
        if uow is None or not (uow.afterwards or uow.tallies):
            return
        # An attack makes many tallies: waiting for the disk over each would make every till wait with it.
        with self.write() if uow.afterwards else self.tally() as later:
            for note in (*uow.afterwards, *uow.tallies):
                note(later)

    @contextmanager
    def tally(self) -> Iterator[UnitOfWork]:
        """A unit of work like `write` whose commit does not wait for the disk.

        It may be lost with the machine's power, and nothing else of it.
        """
        with _Turn(self), Lease(self._tallier) as lease:
            uow = UnitOfWork(lease, self.clock.now(), self.token_key_id)
            if not self.is_sqlite:
                uow.later(_WITHOUT_THE_DISK)
            yield uow
            uow.flush(commit=True)
            lease.commit()

    def close(self) -> None:
        """Give every connection back."""
        for stock in (self.writer, self._reader, self._tallier):
            stock.clear()
            stock.engine.dispose()


class _BusyWhenUnavailable:
    """Says `Busy` where the database could not be had."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            return
        if isinstance(error, PoolTimeout):
            raise Busy("Every database connection is in use.") from error
        if isinstance(error, DBAPIError) and _is_temporary(error):
            raise Busy("The database is busy or restarting.") from error


class _Turn(_BusyWhenUnavailable):
    """The turn to write, where there is one writer at a time.

    A writer is waited for as long as another's row is on PostgreSQL.
    """

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> None:
        lock = self._database.write_lock
        if lock is not None and not lock.acquire(timeout=LOCK_TIMEOUT_MS / 1000):
            raise Busy("The database is busy.")

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._database.write_lock is not None:
            self._database.claims = frozenset()
            self._database.write_lock.release()
        super().__exit__(kind, error, trace)


def _is_temporary(error: DBAPIError) -> bool:
    if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _TRY_AGAIN:
        return True
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    # psycopg reports a server it cannot reach as an OperationalError without a state.
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", "") is None


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


_COMMON: dict[str, Any] = {
    "pool_size": POOL_SIZE,
    "json_serializer": _dumps,
    "json_deserializer": orjson.loads,
    # An error ends up in a log, and the values of its statement are people and what unlocks their cards.
    "hide_parameters": True,
}


def _sqlite_engine(url: str, begin: str, synchronous: str = "FULL") -> Engine:
    engine = create_engine(url, max_overflow=64, **_COMMON)

    @event.listens_for(engine, "connect")
    def _open(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        record.info[pipeline.BEGIN] = begin
        connection.isolation_level = None  # transactions are begun below, not guessed by the driver
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")  # before WAL: switching may have to wait
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        driver: Any = conn.connection.driver_connection
        if not driver.in_transaction:  # where a pipeline came first, it has begun it
            conn.exec_driver_sql(begin)

    return engine


def _postgresql_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        max_overflow=POOL_SIZE,
        pool_timeout=5,
        # The one used last: its server process still has its tables and plans in the processor's cache.
        pool_use_lifo=True,
        **_COMMON,
        connect_args={
            "connect_timeout": 5,
            # What the driver has prepared by itself it forgets with a DEALLOCATE ALL at the next rollback,
            # which would be ours too (see `pipeline`).
            "prepare_threshold": None,
            "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout=60000 -c timezone=UTC",
        },
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Dialect, _record: ConnectionPoolEntry, where: Any, how: Any) -> baton.Connection:
        return baton.Connection.connect(*where, **how)

    return engine
