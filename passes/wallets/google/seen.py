"""The ids met on a walk through what Google has, kept beside the memory: a brand may have millions of cards.

SQLite's own temporary file is all that is needed: it has no name, is used by nobody else, and is gone with
its connection. What fits into a few megabytes never reaches the disk.
"""

import sqlite3
from collections.abc import Iterable

_CACHE_KB = 4 * 1024
_ASKED_AT_ONCE = 500


class SeenIds:
    """A set of ids that takes the same memory however many there are. Close it when done."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("")
        self._file.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        self._file.execute("CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, ids: Iterable[str]) -> None:
        """Remember them; one that is known already stays."""
        self._file.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((one,) for one in ids))

    def unseen(self, ids: list[str]) -> set[str]:
        """Those of at most 500 ids that were not met."""
        if len(ids) > _ASKED_AT_ONCE:
            raise ValueError(f"at most {_ASKED_AT_ONCE} ids can be asked for at once")
        places = ", ".join("?" * len(ids))
        met = self._file.execute(f"SELECT id FROM seen WHERE id IN ({places})", ids)  # noqa: S608  # only question marks
        return set(ids) - {row[0] for row in met}

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
