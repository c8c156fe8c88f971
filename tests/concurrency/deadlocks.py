"""Counting the times PostgreSQL had to end a ring of waiting transactions by force."""

import time

from passes.db.engine import Database

COUNTED_AFTER_S = 1.5


def deadlocks(database: Database) -> int:
    """How many there were in this database; SQLite knows none. PostgreSQL counts them a moment later."""
    if database.is_sqlite:
        return 0
    time.sleep(COUNTED_AFTER_S)
    with database.read() as uow:
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(uow.conn.exec_driver_sql(query).scalar_one())
