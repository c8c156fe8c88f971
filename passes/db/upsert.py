"""INSERT ... ON CONFLICT, which both databases spell alike and SQLAlchemy offers per database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

from passes.db.engine import UnitOfWork


def insert_into(uow: UnitOfWork, table: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """An insert into `table` that can be given `on_conflict_do_update` or `on_conflict_do_nothing`."""
    return insert_for(uow.dialect.name, table)


def insert_for(dialect: str, table: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """The same for a database by its name; for statements that are made once."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def insert_once(uow: UnitOfWork, table: type[DeclarativeBase], row: Mapping[str, Any]) -> bool:
    """Insert `row` unless a unique key refuses it; returns whether it is new."""
    # Asked for by RETURNING, because SQLAlchemy keeps no row count of an insert on PostgreSQL.
    statement = insert_into(uow, table).values(**row).on_conflict_do_nothing().returning(literal(1))
    return uow.conn.execute(statement).first() is not None


def insert_missing(uow: UnitOfWork, table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows that no unique key refuses; returns how many were new."""
    if not rows:
        return 0
    statement = insert_into(uow, table).values([dict(row) for row in rows]).on_conflict_do_nothing()
    return len(uow.conn.execute(statement.returning(literal(1))).all())
