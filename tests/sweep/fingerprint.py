"""What a database holds, so that two moments can be compared: whoever was refused must have left no trace."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, select

from passes.audit.models import AuditEntry
from passes.db.base import Base
from passes.db.engine import Database
from passes.ledger.models import AnsweredKey
from passes.limits.models import GuessDebt
from passes.limits.sign_ins import WRONG_PIN

Fingerprint = dict[str, str]
"""A digest for each table and file, by name."""


def fingerprint(database: Database, folders: Iterable[Path] = ()) -> Fingerprint:
    """Everything in the database, and every file in `folders` that is not the database's own.

    Three traces of a refusal are wanted and left out: the refusal itself under its idempotency key, a wrong
    guess that was counted, and what the audit log says of guessing.
    """
    with database.read() as uow:
        found = {
            table.name: _digest(repr(tuple(row)) for row in uow.conn.execute(_contents(table)))
            for table in Base.metadata.sorted_tables
            if table is not GuessDebt.__table__
        }
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and ".db" not in path.suffixes and not path.name.startswith("stempel"):
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def changed(before: Fingerprint, after: Fingerprint) -> list[str]:
    """The tables and files that differ."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _contents(table: Table) -> Select[Any]:
    query = select(table).order_by(*table.primary_key.columns)
    if table is AnsweredKey.__table__:
        return query.where(table.c.status < 400)
    if table is AuditEntry.__table__:
        return query.where(table.c.action.not_in((WRONG_PIN, "limits.lock_out")))
    return query


def _digest(rows: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(rows).encode(errors="surrogatepass")).hexdigest()
