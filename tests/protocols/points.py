"""The moments at which a process can lose its power: around every statement, every commit, the answer.

They are counted at the driver, below everything of ours, so that no statement can be forgotten.
"""

import os
import signal
import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg

from passes.db import engine, pipeline


class Points:
    """Counts the moments passed since it was armed; at the chosen one the process is gone."""

    def __init__(self) -> None:
        self.armed = False
        self.die_at: int | None = None
        self.passed = 0

    def arm(self, die_at: int | None) -> None:
        """Count from now on; `die_at` None only counts."""
        self.armed, self.die_at, self.passed = True, die_at, 0

    def here(self) -> None:
        """One moment."""
        if not self.armed:
            return
        if self.passed == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """`work` with a moment before and one after it."""

        def watched(*args: Any, **kwargs: Any) -> Any:
            self.here()
            result = work(*args, **kwargs)
            self.here()
            return result

        return watched


def watch(points: Points) -> None:
    """Have both drivers pass the points; before any database is opened.

    What is sent together in a pipeline is in the server's hands together: a moment before, one after.
    """
    for owner, names in (
        (psycopg.Cursor, ("execute", "executemany")),
        (psycopg.Connection, ("commit", "rollback")),
        (pipeline._Pipeline, ("_exchange",)),
    ):
        for name in names:
            setattr(owner, name, points.around(getattr(owner, name)))

    class Cursor(sqlite3.Cursor):
        execute = points.around(sqlite3.Cursor.execute)
        executemany = points.around(sqlite3.Cursor.executemany)

    class Connection(sqlite3.Connection):
        commit = points.around(sqlite3.Connection.commit)
        rollback = points.around(sqlite3.Connection.rollback)
        execute = points.around(sqlite3.Connection.execute)

        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

    make_engine = engine.create_engine

    def create_engine(url: str, **options: Any) -> Any:
        if url.startswith("sqlite"):
            options.setdefault("connect_args", {})["factory"] = Connection
        return make_engine(url, **options)

    engine.create_engine = create_engine
