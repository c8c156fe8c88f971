"""Two expressions that the two databases spell differently."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, ColumnElement, exists, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from passes.db.base import UtcDateTime


class _Later(GenericFunction[datetime]):
    """An instant moved by whole days."""

    type = UtcDateTime()
    name = "stempel_later"
    inherit_cache = True


class _HasTag(GenericFunction[bool]):
    """Whether a JSON list of texts holds one text."""

    type = Boolean()
    name = "stempel_has_tag"
    inherit_cache = True


def later(at: Any, period: timedelta) -> ColumnElement[datetime]:
    """The column `at` moved by the whole days of `period`."""
    return _Later(at, literal(period.days))


def has_tag(tags: Any, tag: str) -> ColumnElement[bool]:
    """Whether the JSON list in the column `tags` holds `tag`."""
    return _HasTag(tags, literal(tag))


@compiles(_Later, "sqlite")
def _later_sqlite(element: _Later, compiler: SQLCompiler, **kwargs: Any) -> str:
    at, days = (compiler.process(clause, **kwargs) for clause in element.clauses)
    # Milliseconds where the column has microseconds; as text both compare as they should.
    return f"strftime('%Y-%m-%d %H:%M:%f', {at}, {days} || ' days')"


@compiles(_Later, "postgresql")
def _later_postgresql(element: _Later, compiler: SQLCompiler, **kwargs: Any) -> str:
    at, days = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"({at} + make_interval(days => {days}))"


@compiles(_HasTag, "sqlite")
def _has_tag_sqlite(element: _HasTag, compiler: SQLCompiler, **kwargs: Any) -> str:
    tags, tag = element.clauses
    listed = func.json_each(tags).table_valued("value")
    return compiler.process(exists().where(listed.c.value == tag), **kwargs)


@compiles(_HasTag, "postgresql")
def _has_tag_postgresql(element: _HasTag, compiler: SQLCompiler, **kwargs: Any) -> str:
    tags, tag = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"jsonb_exists({tags}, {tag})"
