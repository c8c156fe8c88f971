"""A connection out of the pool, for as long as a unit of work lasts.

SQLAlchemy's own connection, and the transaction it keeps, are made when somebody asks for them. On the way
every till takes nobody does: the statements there go straight to the driver (`pipeline`), and what SQLAlchemy
would note about them costs as much Python as they do.
"""

from types import TracebackType

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection


class Lease:
    """A connection that goes back to the pool when the block ends, rolled back unless it was committed."""

    __slots__ = ("_conn", "_engine", "dialect", "raw")

    def __init__(self, engine: Engine, conn: Connection | None = None) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._conn = conn
        self.raw = _taken_from(engine) if conn is None else conn.connection

    @property
    def conn(self) -> Connection:
        """SQLAlchemy's connection, in the transaction that may have begun already."""
        if self._conn is None:
            self._conn = Connection(self._engine, connection=self.raw)
            self._conn.begin()
        return self._conn

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._conn is None:
            self.raw.close()
        else:
            self._conn.close()

    def commit(self) -> None:
        """Commit what is not committed yet; raises `DBAPIError`."""
        if self._conn is not None:
            self._conn.commit()
            return
        try:
            self.raw.commit()
        except self.dialect.loaded_dbapi.Error as error:
            raise in_our_words(self, error) from error

    def invalidate(self, error: BaseException) -> None:
        """The connection is lost and goes back to nobody."""
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


def _taken_from(engine: Engine) -> PoolProxiedConnection:
    try:
        return engine.raw_connection()
    except engine.dialect.loaded_dbapi.Error as error:
        raise _said(engine.dialect, error, None, is_lost=False) from error
