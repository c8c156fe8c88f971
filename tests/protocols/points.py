"""The moments at which a process can lose its power: around every statement, every commit, the answer.

They are counted at the driver, below everything of ours, so that no statement can be forgotten.
"""

import os
import signal
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import psycopg
from psycopg import pq

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

    def here(self, last_act: Callable[[], object] = bool) -> None:
        """One moment; whose is the last is gone after its `last_act`."""
        if not self.armed:
            return
        if self.passed == self.die_at:
            last_act()
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
    """Have both drivers pass the points; before any database is opened."""
    for owner, names in (
        (psycopg.Cursor, ("execute", "executemany")),
        (psycopg.Connection, ("commit", "rollback")),
    ):
        for name in names:
            setattr(owner, name, points.around(getattr(owner, name)))

    _watch_pipelines(points)

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


def _watch_pipelines(points: Points) -> None:
    """A moment before every statement of a pipeline, the server having those before it; one after all."""
    exchange = pipeline._Pipeline._exchange

    def watched(self: pipeline._Pipeline, sent: Sequence[pipeline.Sent]) -> Any:
        for count in range(len(sent)):
            points.here(partial(_hand_over, self._libpq, sent[:count]))
        results = exchange(self, sent)
        points.here()
        return results

    setattr(pipeline._Pipeline, "_exchange", watched)  # noqa: B010  # mypy knows methods as not assignable


def _hand_over(libpq: pq.abc.PGconn, sent: Sequence[pipeline.Sent]) -> None:
    libpq.enter_pipeline_mode()
    for name, values, formats in sent:
        libpq.send_query_prepared(name, values, formats)
    libpq.send_flush_request()
    libpq.flush()
