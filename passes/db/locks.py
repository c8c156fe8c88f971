"""Names that one transaction has to itself until it ends, or shares with others like it.

PostgreSQL keeps them as advisory locks. On SQLite a writer has the whole database to itself; what it has
claimed only tells those who wait behind it what is going on.
"""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, bindparam, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from passes.db.engine import UnitOfWork
from passes.db.prepared import Prepared, Values

RECEIPTS, KEYS = 0, 2
"""What is named. The same name is another one in either, so that a receipt may be called like a key."""

_VALUE: ColumnElement[Any] = bindparam("name")


class Lock:
    """A lock on a name, which is a value (`name`) unless something else works it out in the database."""

    def __init__(self, sort: int, *, shared: bool = False, name: ColumnElement[Any] = _VALUE) -> None:
        take = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        self._take = Prepared(select(take(func.hashtextextended(name, sort))))

    def take(self, uow: UnitOfWork, values: Values, *, taken: Exception | None = None) -> None:
        """Wait for the lock before the next question is asked; `taken` is raised if that takes too long."""
        if uow.dialect.name == "postgresql":
            self._take.later(uow, values, taken=taken)


_CLAIM = Lock(KEYS)


def claim_name(merchant_id: str, key: str) -> str:
    """The name of a merchant's idempotency key."""
    return f"{merchant_id} {key}"


def claim(uow: UnitOfWork, name: str, taken: Exception) -> None:
    """Have a key to oneself; `taken` is raised, by the next question, if another has it for too long."""
    uow.claims.add(name)
    _CLAIM.take(uow, {"name": name}, taken=taken)


class claimed_at_once(FunctionElement[bool]):
    """A condition: the key named is ours now, without waiting. Whoever asks notes the claim himself."""

    type = Boolean()
    inherit_cache = True


@compiles(claimed_at_once, "postgresql")
def _try(element: claimed_at_once, compiler: SQLCompiler, **options: Any) -> str:
    name = compiler.process(element.clauses, **options)
    return f"pg_try_advisory_xact_lock(hashtextextended({name}, {KEYS}))"


@compiles(claimed_at_once, "sqlite")
def _have(_element: claimed_at_once, _compiler: SQLCompiler, **_options: Any) -> str:
    return "true"
