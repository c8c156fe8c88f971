"""The few statements whose spelling differs between the two databases."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

from passes.db.engine import UnitOfWork


def insert_missing(uow: UnitOfWork, table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows that no unique key refuses; returns how many were new."""
    if not rows:
        return 0
    dialect = sqlite if uow.conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values([dict(row) for row in rows]).on_conflict_do_nothing()
    return uow.conn.execute(statement).rowcount
