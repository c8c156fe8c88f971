"""Statements on the way every till takes: said in SQLAlchemy's words, run on the driver's own cursor.

Around one small statement SQLAlchemy spends more time (execution context, events, result object) than the
driver and the database need for it, and a redemption has eight. So these few are compiled once per database
and then only filled in. Types, transactions and errors are the same as everywhere else.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from passes.db.engine import UnitOfWork

Values = Mapping[str, Any]
_CURSOR = "prepared"
_Convert = Callable[[Any], Any]


class Prepared:
    """A statement that is run again and again with other values.

    `columns` are those an insert fills, by default all of its table; nothing here fills in defaults.
    """

    def __init__(
        self, statement: Insert | Update | Select[*tuple[Any, ...]], columns: Iterable[str] = ()
    ) -> None:
        self._statement = statement.inline() if isinstance(statement, Insert) else statement
        self._columns = tuple(columns)
        self._compiled: dict[str, _Compiled] = {}

    def run(self, uow: UnitOfWork, values: Values) -> int:
        """Execute; returns how many rows it touched. Raises `DBAPIError` like SQLAlchemy."""
        touched: int = self._for(uow.conn).execute(uow.conn, values, lambda cursor: cursor.rowcount)
        return touched

    def all(self, uow: UnitOfWork, values: Values) -> list[dict[str, Any]]:
        """Every row, by the names of its columns. Raises like `run`."""
        compiled = self._for(uow.conn)
        return [compiled.row(row) for row in compiled.execute(uow.conn, values, lambda c: c.fetchall())]

    def first(self, uow: UnitOfWork, values: Values) -> dict[str, Any] | None:
        """The only row, or None. Raises like `run`."""
        rows = self.all(uow, values)
        return rows[0] if rows else None

    def _for(self, conn: Connection) -> "_Compiled":
        name = conn.dialect.name
        if name not in self._compiled:
            compiled = self._statement.compile(dialect=conn.dialect, column_keys=self._columns or None)
            assert isinstance(compiled, SQLCompiler)
            self._compiled[name] = _Compiled(compiled, conn.dialect)
        return self._compiled[name]


class _Compiled:
    """The text of a statement for one database, and how values get into it and out of its rows."""

    def __init__(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        self._sql = str(compiled)
        self._order = compiled.positiontup
        self._fixed = compiled.params
        self._into = _converters(
            ((name, bind.type) for name, bind in compiled.binds.items()),
            lambda kind: kind.bind_processor(dialect),
            dialect,
        )
        columns = getattr(compiled.statement, "selected_columns", ())
        self._names = [column.name for column in columns]
        self._out = _converters(
            ((column.name, column.type) for column in columns),
            lambda kind: kind.result_processor(dialect, None),
            dialect,
        )

    def execute(self, conn: Connection, values: Values, result: Callable[[Any], Any]) -> Any:
        filled = {**self._fixed, **values}
        for name, convert in self._into.items():
            filled[name] = convert(filled[name])
        arguments = filled if self._order is None else [filled[name] for name in self._order]
        cursor = _cursor(conn)
        try:
            cursor.execute(self._sql, arguments)
            return result(cursor)
        except conn.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy_says(error, conn, self._sql) from error

    def row(self, values: Iterable[Any]) -> dict[str, Any]:
        found = dict(zip(self._names, values, strict=True))
        for name, convert in self._out.items():
            found[name] = convert(found[name])
        return found


def _cursor(conn: Connection) -> Any:
    """The connection's one cursor for all of these; results are read to their end before it is used again."""
    cursor = conn.info.get(_CURSOR)
    if cursor is None:
        cursor = conn.info[_CURSOR] = conn.connection.cursor()
    return cursor


def _converters(
    kinds: Iterable[tuple[str, TypeEngine[Any]]],
    converter: Callable[[TypeEngine[Any]], _Convert | None],
    dialect: Dialect,
) -> dict[str, _Convert]:
    found = ((name, converter(kind.dialect_impl(dialect))) for name, kind in kinds)
    return {name: convert for name, convert in found if convert is not None}


def _as_sqlalchemy_says(error: Any, conn: Connection, sql: str) -> Exception:
    """The error in SQLAlchemy's terms, without the values; a connection that is lost goes back to nobody."""
    dialect, driver = conn.dialect, conn.connection.dbapi_connection
    lost = dialect.is_disconnect(error, driver, None)
    if lost:
        conn.invalidate(error)
    said: Exception = DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=dialect,
    )
    return said
