"""Statements on the way every till takes: said in SQLAlchemy's words, run by the driver itself.

Around one small statement SQLAlchemy spends more time (execution context, events, result object) than the
driver and the database need for it. So these few are compiled once per database and then only filled in;
`pipeline` sends them. Types, transactions and errors are the same as everywhere else.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from psycopg.adapt import PyFormat
from sqlalchemy import (
    ColumnElement,
    Dialect,
    Insert,
    Integer,
    LargeBinary,
    Select,
    Update,
    cast,
    literal_column,
)
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from passes.db.engine import UnitOfWork
from passes.db.pipeline import Step

Values = Mapping[str, Any]
_Convert = Callable[[Any], Any]
_ONE: ColumnElement[int] = literal_column("1", Integer)
_PLACE = re.compile(r"%\((\w+)\)s|%%")


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
        return uow.run(self._for(uow.dialect).step(values)).touched

    def later(
        self,
        uow: UnitOfWork,
        values: Values,
        *,
        taken: Exception | None = None,
        untouched: Exception | None = None,
    ) -> None:
        """Execute before anything else is asked of the database, at the latest with the commit.

        Whoever asks or commits then gets its error: `taken` in place of the database's own where somebody
        else has the row or the lock already, `untouched` where no row was touched. Say in the statement what
        a row `must` be: on PostgreSQL nobody can look how many were touched before a commit.
        """
        uow.later(self._for(uow.dialect).step(values, taken, untouched))

    def all(self, uow: UnitOfWork, values: Values) -> list[dict[str, Any]]:
        """Every row, by the names of its columns. Raises like `run`."""
        compiled = self._for(uow.dialect)
        return [compiled.row(row) for row in uow.run(compiled.step(values)).rows]

    def first(self, uow: UnitOfWork, values: Values) -> dict[str, Any] | None:
        """The only row, or None. Raises like `run`."""
        rows = self.all(uow, values)
        return rows[0] if rows else None

    def _for(self, dialect: Dialect) -> "_Compiled":
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            said = self._statement.compile(dialect=dialect, column_keys=self._columns or None)
            assert isinstance(said, SQLCompiler)
            compiled = self._compiled[dialect.name] = _Compiled(said, dialect)
        return compiled


def must(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """What the rows that the other conditions find must be, or else the statement fails or touches nothing.

    Dividing by what is false is an error on PostgreSQL, which stops what follows in the pipeline, a COMMIT
    among it; on SQLite it is NULL.
    """
    return _ONE // cast(condition, Integer) == _ONE


class _Compiled:
    """The text of a statement for one database, and how values get into it and out of its rows.

    None is NULL whatever the type, and needs no converting.
    """

    def __init__(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        if compiled.positiontup is None:
            self._sql, order = _numbered(str(compiled))
        else:
            self._sql, order = str(compiled), compiled.positiontup
        kinds = {name: bind.type for name, bind in compiled.binds.items()}
        # Both drivers take bytes as they are; SQLAlchemy would only wrap them.
        converted = {name: kind for name, kind in kinds.items() if not isinstance(kind, LargeBinary)}
        into = _converters(converted.items(), lambda kind: kind.bind_processor(dialect), dialect)
        self._places = [(name, compiled.params[name], into.get(name)) for name in order]
        self._forms = [PyFormat.TEXT if name in converted else PyFormat.BINARY for name in order]
        columns = getattr(compiled.statement, "exported_columns", ())
        self._names = [column.name for column in columns]
        self._out = _converters(
            ((column.name, column.type) for column in columns),
            lambda kind: kind.result_processor(dialect, None),
            dialect,
        )

    def step(
        self, values: Values, taken: Exception | None = None, untouched: Exception | None = None
    ) -> Step:
        filled = [
            value if (value := values.get(name, fixed)) is None or convert is None else convert(value)
            for name, fixed, convert in self._places
        ]
        return Step(self._sql, filled, taken, untouched, self._forms)

    def row(self, values: Iterable[Any]) -> dict[str, Any]:
        found = dict(zip(self._names, values, strict=True))
        for name, convert in self._out.items():
            if found[name] is not None:
                found[name] = convert(found[name])
        return found


def _numbered(sql: str) -> tuple[str, list[str]]:
    """`%(name)s`, the form of Python's driver, as `$1`, which is PostgreSQL's own; and the names in order."""
    order: list[str] = []

    def place(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "%"
        if name not in order:
            order.append(name)
        return f"${order.index(name) + 1}"

    return _PLACE.sub(place, sql), order


def _converters(
    kinds: Iterable[tuple[str, TypeEngine[Any]]],
    converter: Callable[[TypeEngine[Any]], _Convert | None],
    dialect: Dialect,
) -> dict[str, _Convert]:
    found = ((name, converter(kind.dialect_impl(dialect))) for name, kind in kinds)
    return {name: convert for name, convert in found if convert is not None}
