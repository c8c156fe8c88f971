"""INSERT ... ON CONFLICT, which both databases spell alike and SQLAlchemy offers per database."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

from passes.db.engine import UnitOfWork


def insert_into(uow: UnitOfWork, table: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """An insert into `table` that can be given `on_conflict_do_update` or `on_conflict_do_nothing`."""
    if uow.conn.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
