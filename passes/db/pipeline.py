"""Several statements in one trip to the database.

On PostgreSQL a small statement costs less than the way there and back, so statements are sent together in
libpq's pipeline mode and their answers read together. They run in their order; the first one that fails
keeps all later ones from running, a COMMIT among them. On SQLite, which lies in the process, they simply run
one after another. Errors, types and transactions are SQLAlchemy's and the driver's own.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import DivisionByZero, error_from_result
from psycopg.waiting import Ready, Wait

from passes.db.baton import BATON
from passes.db.lease import Lease, in_our_words

BEGIN = "begin"
"""Where a connection to SQLite keeps how its transactions begin."""

_KEPT = "pipeline"
_LOCK_NOT_AVAILABLE = "55P03"
_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
Sent = tuple[bytes, Sequence[Any], Sequence[pq.Format]]
"""The name of a statement, its values as they travel, and in which form each of them does."""


class Step(NamedTuple):
    """One statement in the database's own words, with the values for its places in their order.

    `taken` is raised in place of the database's error when somebody else has the row or the lock already,
    `untouched` when the statement touched no row, or failed over one that is not as it must be (see
    `prepared.must`). `forms` says how each value travels to PostgreSQL: bytes as they are, which spares both
    sides their digits, all else as text.
    """

    sql: str
    values: Sequence[Any]
    taken: Exception | None = None
    untouched: Exception | None = None
    forms: Sequence[PyFormat] = ()


_BEGIN, _COMMIT = Step("BEGIN", ()), Step("COMMIT", ())


class Outcome(NamedTuple):
    """What one statement brought: its rows as the driver gives them, and how many it touched."""

    rows: list[tuple[Any, ...]]
    touched: int


def send(lease: Lease, steps: Sequence[Step], *, commit: bool = False) -> list[Outcome]:
    """Run `steps` in their order within the transaction of `lease`, beginning it if need be.

    With `commit` the transaction may be committed in the same trip; what is left to commit is then nothing.
    Raises `DBAPIError` like SQLAlchemy, or what a step wants raised instead; nothing after the step that
    failed was run.
    """
    kept = lease.raw.info
    runner = kept.get(_KEPT)
    if runner is None:
        driver: Any = lease.raw.driver_connection
        is_psycopg = isinstance(driver, psycopg.Connection)
        runner = kept[_KEPT] = _Pipeline(driver) if is_psycopg else _OneByOne(driver, kept[BEGIN])
    try:
        outcomes: list[Outcome] = runner.send(steps, commit)
        return outcomes
    except _Failed as failed:
        raise _said(lease, failed) from failed.error


class _Failed(Exception):
    """The driver's error and the step it was about (None: the connection itself, or the transaction)."""

    def __init__(self, error: Exception, step: Step | None) -> None:
        self.error = error
        self.step = step


def _said(lease: Lease, failed: _Failed) -> Exception:
    """What the caller is told: the step's own word for it, else the error in SQLAlchemy's terms."""
    error, step = failed.error, failed.step
    if step is not None and step.taken is not None:
        state = getattr(error, "sqlstate", None)
        if isinstance(error, lease.dialect.loaded_dbapi.IntegrityError) or state == _LOCK_NOT_AVAILABLE:
            return step.taken
    return in_our_words(lease, error, None if step is None else step.sql)


class _OneByOne:
    """A connection to a database in this process."""

    def __init__(self, driver: Any, begin: str) -> None:
        self._driver = driver
        self._cursor = driver.cursor()
        self._begin = Step(begin, ())

    def send(self, steps: Sequence[Step], _commit: bool) -> list[Outcome]:
        if not self._driver.in_transaction:
            self._run(self._begin)
        return [self._run(step) for step in steps]

    def _run(self, step: Step) -> Outcome:
        try:
            self._cursor.execute(step.sql, step.values)
            outcome = Outcome(self._cursor.fetchall(), self._cursor.rowcount)
        except self._cursor.connection.Error as error:
            raise _Failed(error, step) from error
        if outcome.touched == 0 and step.untouched is not None:
            raise step.untouched
        return outcome


class _Pipeline:
    """A connection to PostgreSQL: statements are prepared once under a name, then sent by it."""

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self._driver = driver
        self._libpq = driver.pgconn
        self._adapted = Transformer(driver)
        self._names: dict[str, bytes] = {}

    def send(self, steps: Sequence[Step], commit: bool) -> list[Outcome]:
        begins = self._libpq.transaction_status == pq.TransactionStatus.IDLE
        whole = [_BEGIN] * begins + list(steps) + [_COMMIT] * commit
        try:
            results = self._exchange([self._addressed(step) for step in whole])
        except psycopg.Error as error:
            raise _Failed(error, None) from error
        outcomes = [self._outcome(*pair) for pair in zip(whole, results, strict=True)]
        return outcomes[begins : begins + len(steps)]

    def _addressed(self, step: Step) -> Sent:
        values = self._adapted.dump_sequence(step.values, step.forms)
        return self._name(step), values, self._adapted.formats or ()

    def _exchange(self, sent: Sequence[Sent]) -> list[pq.abc.PGresult]:
        complete = False
        try:
            self._libpq.enter_pipeline_mode()
            for name, values, formats in sent:
                self._libpq.send_query_prepared(name, values, formats)
            self._libpq.pipeline_sync()
            results = self._driver.wait(_answers(self._libpq))
            self._libpq.exit_pipeline_mode()
            complete = True
            return results
        finally:
            if not complete:
                self._driver.close()  # answers nobody has read would be taken for those of the next one

    def _name(self, step: Step) -> bytes:
        """The name under which the connection knows the statement, which it is told when it is new."""
        name = self._names.get(step.sql)
        if name is None:
            name = f"stempel_{len(self._names)}".encode()
            result = BATON.waiting_for(self._libpq.prepare, name, step.sql.encode())
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise self._error(result)
            self._names[step.sql] = name
        return name

    def _error(self, result: pq.abc.PGresult) -> psycopg.Error:
        """The error of a refused statement; that the server has gone is libpq's own word, without a state."""
        error = error_from_result(result)
        if error.sqlstate is not None:
            return error
        self._driver.close()
        return psycopg.OperationalError(str(error))

    def _outcome(self, step: Step, result: pq.abc.PGresult) -> Outcome:
        if result.status not in _DONE:
            error = self._error(result)
            if step.untouched is not None and isinstance(error, DivisionByZero):
                raise step.untouched
            raise _Failed(error, step)
        if result.status == pq.ExecStatus.TUPLES_OK:
            self._adapted.set_pgresult(result)
            return Outcome(self._adapted.load_rows(0, result.ntuples, tuple), result.ntuples)
        touched = result.command_tuples or 0
        if not touched and step.untouched is not None:
            raise step.untouched
        return Outcome([], touched)


def _answers(libpq: pq.abc.PGconn) -> PQGen[list[pq.abc.PGresult]]:
    """One result for every statement sent, read up to the end of the pipeline.

    Whoever asks libpq whether it is busy gives up Python's interpreter, so it is asked no more than need be.
    """
    while libpq.flush():
        if (yield Wait.RW) & Ready.R:
            libpq.consume_input()
    results: list[pq.abc.PGresult] = []
    while True:
        while libpq.is_busy():
            yield Wait.R
            libpq.consume_input()
        result = libpq.get_result()
        if result is None:
            if libpq.status == pq.ConnStatus.BAD:
                raise psycopg.OperationalError("the connection was lost")
        elif result.status == pq.ExecStatus.PIPELINE_SYNC:
            return results
        else:
            results.append(result)
            libpq.get_result()  # None: where this statement's answer ends is known without waiting
