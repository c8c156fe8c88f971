"""Doing something once: a use-case, its answer and its idempotency key in one commit.

The key's row is written last, with the answer in it; its primary key is what makes the second of two twins
fail, roll everything back and answer what the first one answered. A refusal has no effect to commit, so it
is recorded in a unit of work of its own, after the refused one was rolled back.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from passes.cards.errors import CardMovedOn
from passes.db.engine import Database, UnitOfWork
from passes.db.locks import claim, claim_name
from passes.errors import Busy, FieldError, NotFound, Refusal, StempelError
from passes.ledger import queries as books
from passes.ledger import service as ledger
from passes.ledger import tombstones
from passes.redemption.errors import AlreadyReversed
from passes.web import problems
from passes.web.problems import NOT_REMEMBERED, Problem

MAX_ATTEMPTS = 4

Prepare = Callable[[UnitOfWork], tuple[str, Callable[[], Any]]]
"""Who asks (the merchant's id) and what to do, found out in the open unit of work."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: status, body, and whether it is the repeat of an earlier answer."""

    status: int
    body: bytes
    replayed: bool = False
    retry_after_s: int | None = None
    is_passing: bool = False
    """Whether asking again may rightly get another answer, so that this one must not be remembered."""

    @property
    def is_problem(self) -> bool:
        """Whether the body is a problem document."""
        return self.status >= 400


@dataclass(frozen=True, slots=True)
class Personal:
    """A result that tells of a member (or of several: None); its answer is kept where erasure reaches it."""

    result: Any
    member_id: str | None


@dataclass(frozen=True, slots=True)
class Concealed:
    """A result with a secret in it; `kept` is what is remembered, from which it can be made again."""

    result: Any
    kept: Any


class _KeyTaken(Exception):
    """A twin has committed under this key."""


class _KeyInUse(Exception):
    """A twin has been at it for longer than anybody is made to wait."""


def fingerprint(method: str, path: str, body: Any) -> bytes:
    """What a request is, whatever its spacing and key order."""
    canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(b"\0".join([method.encode(), path.encode(), canonical])).digest()


def perform(
    database: Database,
    prepare: Prepare,
    *,
    status: int,
    key: str | None = None,
    request_hash: bytes = b"",
    only_reads: bool = False,
) -> Answer:
    """Do what `prepare` says in one unit of work and answer `status`; with a `key`, once and for all.

    `prepare` authenticates and validates, and returns the merchant's id and the use-case. One that
    `only_reads` waits for nobody who writes, unless its answer has to be kept under a key.
    """
    for _ in range(MAX_ATTEMPTS):
        try:
            return _attempt(database, prepare, status, key, request_hash, only_reads)
        except (CardMovedOn, _KeyTaken):
            continue
        except _KeyInUse:
            return _in_use()
        except Busy as error:
            if _is_in_flight(database, prepare, key):
                return _in_use()
            return of_problem(problems.busy(str(error)))
    return of_problem(problems.busy("Too many others are changing this card."))


def _attempt(
    database: Database,
    prepare: Prepare,
    status: int,
    key: str | None,
    request_hash: bytes,
    only_reads: bool,
) -> Answer:
    merchant_id = None
    notes: list[Callable[[UnitOfWork], None]] = []
    try:
        with database.read() if key is None and only_reads else database.write() as uow:
            merchant_id, use_case = prepare(uow)
            if key is not None and (earlier := _once_ours(uow, merchant_id, key, request_hash)) is not None:
                return earlier
            try:
                result = use_case()
            except Refusal:
                # Written in one commit with the remembered refusal instead of in one of their own.
                if key is not None:
                    notes = [*uow.afterwards, *uow.tallies]
                    uow.afterwards, uow.tallies = [], []
                raise
            about = result if isinstance(result, Personal) else None
            hides = isinstance(result, Personal | Concealed)
            body = orjson.dumps(result.result if hides else result)
            if key is not None:
                kept = orjson.dumps(result.kept) if isinstance(result, Concealed) else body
                _store(uow, merchant_id, key, request_hash, status, b"" if about else kept)
                if about is not None:
                    ledger.answer_personally(uow, merchant_id, key, about.member_id, body)
            return Answer(status, body)
    except Refusal as refusal:
        problem = problems.of_refusal(refusal)
    except FieldError as error:
        problem = problems.of_fields(error)
    forgettable = key is None or problem.code in ("idempotency_key_reused", "rate_limited")
    if merchant_id is None or (forgettable and not notes):
        return of_problem(problem)
    return _after_refusal(database, merchant_id, None if forgettable else key, request_hash, problem, notes)


def _after_refusal(
    database: Database,
    merchant_id: str,
    key: str | None,
    request_hash: bytes,
    problem: Problem,
    notes: Sequence[Callable[[UnitOfWork], None]],
) -> Answer:
    """The refusal, remembered where it is definite; or a twin's answer, whose effect may be its cause."""
    try:
        with database.write() as uow:
            earlier = None if key is None else _once_ours(uow, merchant_id, key, request_hash)
            if earlier is not None:
                return earlier
            for note in notes:
                note(uow)
            if key is not None and problem.code not in NOT_REMEMBERED:
                _store(uow, merchant_id, key, request_hash, problem.status, problem.body())
    except Refusal as refusal:
        # Somebody used the key for something else in between.
        return of_problem(problems.of_refusal(refusal))
    return of_problem(problem)


def earlier(uow: UnitOfWork, merchant_id: str, key: str, request_hash: bytes) -> Answer | None:
    """What the request was answered before; raises `Refusal` when the key was used for another."""
    return _earlier(uow, merchant_id, key, request_hash)


def _once_ours(uow: UnitOfWork, merchant_id: str, key: str, request_hash: bytes) -> Answer | None:
    """The same once the key is ours alone; what has claimed it already has also looked."""
    name = claim_name(merchant_id, key)
    if name in uow.claims:
        return None
    claim(uow, name, _KeyInUse())
    return _earlier(uow, merchant_id, key, request_hash)


def _earlier(uow: UnitOfWork, merchant_id: str, key: str, request_hash: bytes) -> Answer | None:
    answered = books.answered(uow, merchant_id, key)
    if answered is None:
        return None
    if answered.fingerprint == tombstones.ANY_REQUEST:
        return of_problem(problems.of_refusal(AlreadyReversed()))
    if answered.fingerprint != request_hash:
        raise Refusal("idempotency_key_reused", "This Idempotency-Key was used for a different request.")
    if tombstones.refuses(uow, merchant_id, key, answered):
        return of_problem(problems.of_refusal(AlreadyReversed()))
    if answered.body is None:
        raise NotFound("The answer to this key told of a member who has been erased.")
    return Answer(answered.status, answered.body, replayed=True)


def _store(
    uow: UnitOfWork, merchant_id: str, key: str, request_hash: bytes, status: int, body: bytes
) -> None:
    ledger.answer_key(uow, merchant_id, key, request_hash, status, body, taken=_KeyTaken())


def _is_in_flight(database: Database, prepare: Prepare, key: str | None) -> bool:
    """Whether the one that has the whole database to itself is at this very key."""
    if key is None or not database.claims:
        return False
    try:
        with database.read() as uow:
            merchant_id, _ = prepare(uow)
    except StempelError:
        return False
    return claim_name(merchant_id, key) in database.claims


def _in_use() -> Answer:
    said = "A request with this Idempotency-Key is still running. Ask again with the same key."
    return replace(of_problem(Problem("idempotency_key_in_use", said)), is_passing=True)


def of_problem(problem: Problem) -> Answer:
    """A refusal as an answer."""
    return Answer(problem.status, problem.body(), retry_after_s=problem.retry_after_s)
