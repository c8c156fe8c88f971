"""Waiting for what must happen, as long as a busy machine takes, and never for a time in which it should."""

import time
from collections.abc import Callable

from passes.db.engine import Database

PATIENCE_S = 120.0
"""Longer than anything takes that happens at all."""


def eventually(condition: Callable[[], bool], why: Callable[[], str] = str) -> None:
    """Wait until it holds; an AssertionError with the words of `why` if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


def somebody_waits(database: Database) -> bool:
    """Whether a session of this PostgreSQL database waits for what another has locked."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with database.read() as uow:
        return bool(uow.conn.exec_driver_sql(waiting).scalar_one())


def is_alone(database: Database) -> bool:
    """Whether nobody but the asker has a session on this PostgreSQL database."""
    others = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid != pg_backend_pid() AND backend_type = 'client backend'"
    )
    with database.read() as uow:
        return not uow.conn.exec_driver_sql(others).scalar_one()
