"""Who of several schedulers works.

The lock saves work and keeps one connection to Apple and one budget with Google; that nothing is lost or
done twice follows from leases and unique keys, not from it. A leader that dies loses the lock with its
process. One that is stopped keeps everything a process has, so it also has to be heard of: after
`patience_s` of silence another takes over, and the old one finds out before it works again.
"""

import fcntl
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from passes.db.engine import Database

PATIENCE_S = 15.0
LOCK_KEY = 0x57E3
_ANSWER_MS = 5_000

log = structlog.get_logger(__name__)


class LeaderLock(Protocol):
    """A lock of which at most one holder is meant to work."""

    @property
    def patience_s(self) -> float:
        """For how long a hold is good without another."""
        ...

    def hold(self) -> bool:
        """Take the lock, or make sure that it is still ours; to be called every second or so."""
        ...

    def release(self) -> None:
        """Give the lock up."""
        ...


def leader_lock(database: Database, data_dir: Path, patience_s: float = PATIENCE_S) -> LeaderLock:
    """The lock that fits the database: all who share the database share the lock."""
    if database.is_sqlite:
        return FileLock(data_dir / "scheduler.lock", patience_s)
    return AdvisoryLock(database.url, patience_s)


class FileLock:
    """A locked file beside the SQLite database; its time of change is the leader's sign of life."""

    def __init__(self, path: Path, patience_s: float = PATIENCE_S) -> None:
        self.patience_s = patience_s
        self._path = path
        self._descriptor: int | None = None

    def hold(self) -> bool:
        """Take the lock, or give the sign of life of who has it."""
        if self._descriptor is None:
            self._descriptor = self._take()
        if self._descriptor is None:
            return False
        if not self._is_at_path(self._descriptor):
            self.release()
            return False
        os.utime(self._descriptor)
        return True

    def release(self) -> None:
        """Close the file, and with it give up the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self) -> int | None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            silent_s = time.time() - os.fstat(descriptor).st_mtime
            os.close(descriptor)
            return self._replace() if silent_s > self.patience_s else None
        return descriptor

    def _replace(self) -> int:
        """Put a file of our own in the place of the silent leader's; of two who do so the later wins."""
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.replace(draft, self._path)
        return descriptor

    def _is_at_path(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self._path))
        except FileNotFoundError:
            return False


class AdvisoryLock:
    """A session lock of PostgreSQL on a connection of its own, which the server ends when it falls silent.

    Neither the connection nor the lock may pass through a pooler in transaction mode; one that does is
    noticed, because the lock is then found on another session, and nobody leads.
    """

    # The lock lives as long as the session, but only the server's own list tells whether this session
    # is still the one that took it. (Advisory locks of one number: classid 0, objid, objsubid 1.)
    _HOLD = text(
        """
        SELECT CASE WHEN EXISTS (
            SELECT FROM pg_locks
            WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
                AND classid = 0 AND objid = CAST(:key AS oid) AND objsubid = 1
        ) THEN true ELSE pg_try_advisory_lock(CAST(:key AS bigint)) END
        """
    )

    def __init__(self, url: str, patience_s: float = PATIENCE_S) -> None:
        self.patience_s = patience_s
        silence_ms = int(patience_s * 1000)
        options = f"-c statement_timeout={_ANSWER_MS} -c idle_session_timeout={silence_ms}"
        self._engine = create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"connect_timeout": 5, "tcp_user_timeout": _ANSWER_MS, "options": options},
        )
        self._conn: Connection | None = None

    def hold(self) -> bool:
        """Take the lock, or make sure that it is still ours; False also when the database is away."""
        try:
            if self._conn is None:
                self._conn = self._engine.connect()
            return bool(self._conn.execute(self._HOLD, {"key": LOCK_KEY}).scalar())
        except DBAPIError as error:
            log.warning("leader_lock_lost", reason=str(error.orig).strip())
            self._close()
            return False

    def release(self) -> None:
        """Give up the lock, at once rather than when the server has noticed that the connection is gone."""
        if self._conn is not None:
            with suppress(DBAPIError):  # then the session ends, and the lock with it
                self._conn.execute(text("SELECT pg_advisory_unlock_all()"))
            self._close()

    def _close(self) -> None:
        if self._conn is not None:
            conn, self._conn = self._conn, None
            conn.invalidate()
            conn.close()
