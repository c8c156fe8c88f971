"""A connection out of the pool, for as long as a unit of work lasts.

SQLAlchemy's own connection, and the transaction it keeps, are made when somebody asks for them. On the way
every till takes nobody does: the statements there go straight to the driver (`pipeline`), and what SQLAlchemy
would note about them costs as much Python as they do.
"""

import sqlite3
from types import TracebackType

import psycopg
from psycopg import pq
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

from passes.db.baton import BATON


class Stock:
    """The connections of an engine; those just given back clean lie at hand, the last one on top.

    The pool counts, opens and mends them as ever, but to take one out of it and put it back costs as much
    Python as the statements of a till's call.
    """

    __slots__ = ("_at_hand", "_most", "engine")

    def __init__(self, engine: Engine, most: int) -> None:
        self.engine = engine
        self._most = most
        self._at_hand: list[PoolProxiedConnection] = []
        event.listen(engine, "engine_disposed", lambda _: self.clear())

    def take(self) -> PoolProxiedConnection:
        """A connection without a transaction; raises `DBAPIError`, or SQLAlchemy's `TimeoutError`."""
        try:
            return self._at_hand.pop()
        except IndexError:
            pass
        driver = self.engine.dialect.loaded_dbapi
        try:
            return BATON.waiting_for(self.engine.raw_connection)
        except driver.Error as error:
            raise _said(self.engine.dialect, error, None, is_lost=False) from error

    def give_back(self, raw: PoolProxiedConnection) -> None:
        """Take a connection back; what is left of a transaction is rolled back."""
        if len(self._at_hand) < self._most and _is_clean(raw):
            self._at_hand.append(raw)
        else:
            raw.close()

    def clear(self) -> None:
        """Close what lies at hand."""
        while self._at_hand:
            self._at_hand.pop().invalidate()


class Lease:
    """A connection that goes back when the block ends, rolled back unless it was committed."""

    __slots__ = ("_conn", "_stock", "dialect", "raw")

    def __init__(self, stock: Stock, conn: Connection | None = None) -> None:
        self.dialect = stock.engine.dialect
        self._stock = stock
        self._conn = conn
        self.raw = stock.take() if conn is None else conn.connection

    @property
    def conn(self) -> Connection:
        """SQLAlchemy's connection, in the transaction that may have begun already."""
        if self._conn is None:
            self._conn = Connection(self._stock.engine, connection=self.raw)
            self._conn.begin()
        return self._conn

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._conn is None:
            self._stock.give_back(self.raw)
        else:
            self._conn.close()

    def commit(self) -> None:
        """Commit what is not committed yet; raises `DBAPIError`."""
        if self._conn is not None:
            self._conn.commit()
            return
        if _is_clean(self.raw):
            return
        try:
            self.raw.commit()
        except self.dialect.loaded_dbapi.Error as error:
            raise in_our_words(self, error) from error

    def invalidate(self, error: BaseException) -> None:
        """The connection is lost and goes back to nobody; what lies at hand will have been lost with it."""
        self._stock.clear()
        (self.raw if self._conn is None else self._conn).invalidate(error)


def in_our_words(lease: Lease, error: Exception, statement: str | None = None) -> DBAPIError:
    """The driver's error in SQLAlchemy's terms, without the values; a connection that is lost is given up."""
    lost = lease.dialect.is_disconnect(error, lease.raw.dbapi_connection, None)  # type: ignore[arg-type]  # SQLAlchemy leaves the class of a driver's errors open
    if lost:
        lease.invalidate(error)
    return _said(lease.dialect, error, statement, is_lost=lost)


def _said(dialect: Dialect, error: Exception, statement: str | None, *, is_lost: bool) -> DBAPIError:
    said = DBAPIError.instance(
        statement,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
    assert isinstance(said, DBAPIError)
    return said


def _is_clean(raw: PoolProxiedConnection) -> bool:
    """Whether the connection is there and in no transaction."""
    driver = raw.driver_connection
    if isinstance(driver, psycopg.Connection):
        return driver.pgconn.transaction_status == pq.TransactionStatus.IDLE
    return isinstance(driver, sqlite3.Connection) and not driver.in_transaction
