"""Counting the times PostgreSQL had to end a ring of waiting transactions by force."""

import time

from passes.db.engine import Database
from tests.waiting import is_alone

REPORTED_AFTER_S = 11.0
"""A session reports what it counted when it ends, or after ten seconds in which it was asked nothing."""


def deadlocks(database: Database) -> int:
    """How many there were in this database; SQLite knows none. Our own sessions are ended for it."""
    if database.is_sqlite:
        return 0
    database.close()
    deadline = time.monotonic() + REPORTED_AFTER_S
    while not is_alone(database) and time.monotonic() < deadline:
        time.sleep(0.02)
    with database.read() as uow:
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(uow.conn.exec_driver_sql(query).scalar_one())
