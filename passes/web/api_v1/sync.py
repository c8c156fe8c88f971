"""`/sync`: what a till did without the network, told in one go and done one by one.

Each operation is the very call it names: the same checks, the same commit, the same key. So a till that sent
a call, lost the answer and went offline may tell it here and hears the first answer. What cannot be done
now (503) stops the rest, so that a till that repeats it keeps its order.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
from pydantic import Field

from passes.db.engine import Asker, UnitOfWork
from passes.errors import FieldError, NotFound
from passes.fields import Instant, Line, Strict, checked
from passes.merchants.access import Caller, require_scope
from passes.redemption.offline import MAX_OPERATIONS, require_recent
from passes.web import keyed, problems
from passes.web.api_v1 import adjustments, baskets, cards, holds, reversals, till
from passes.web.api_v1.operation import PREFIX, Api, Call, Later, Operation
from passes.web.api_v1.schemas import Answered
from passes.web.keyed import Answer
from passes.wiring import Services

api = Api("Offline tills")
TELLABLE = (till.api, holds.api, baskets.api, cards.api, reversals.api, adjustments.api)
"""Where the calls are that a till may tell of later: all that need a key of their own."""

PASSING = frozenset({429, 503})
_NOT_TRIED = "This was not tried, because something before it could not be done yet; send both again."


class OfflineOperation(Strict):
    """One call as the till would have made it: the path after `/api/v1`, its key, its body; and when."""

    call: Annotated[Line, Field(min_length=1, max_length=300)]
    idempotency_key: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,255}$")]
    occurred_at: Instant
    body: dict[str, Any] = Field(default_factory=dict)


class SyncRequest(Strict):
    """What a till did, in the order in which it did it."""

    operations: Annotated[list[OfflineOperation], Field(max_length=MAX_OPERATIONS)]


class OperationResult(Answered):
    """What one operation was answered: the status and the body that its call answers."""

    idempotency_key: str
    status: int
    body: dict[str, Any]


class SyncAnswer(Answered):
    """One result for each operation, in their order."""

    results: list[OperationResult]


@api.operation(
    "POST",
    "/sync",
    scopes=("till",),
    takes=SyncRequest,
    answers=SyncAnswer,
    key="optional",
    in_parts=True,
)
def sync(call: Call[SyncRequest]) -> Any:
    """Tell what was done without the network, up to 500 calls in order, each a commit of its own.

    Expiry and the limits of a day are judged at `occurred_at`, at most seven days ago, the rest now. What a
    card did not hold is answered with `overspend`. Repeat whatever is answered with 429 or 503.
    """
    told, services, caller, asker = call.body.operations, call.services, call.caller, call.uow.asker
    for place, one in enumerate(told):
        if one.idempotency_key == call.key:
            name = f"operations.{place}.idempotency_key"
            raise FieldError(name, "is this request's own; every operation needs a key of its own")
    return Later(lambda: _answer(told, _each(services, caller, asker, told)))


def _answer(told: Sequence[OfflineOperation], answers: Sequence[Answer]) -> Answer:
    results = [
        {"idempotency_key": one.idempotency_key, "status": got.status, "body": orjson.Fragment(got.body)}
        for one, got in zip(told, answers, strict=True)
    ]
    passing = any(map(_is_passing, answers))
    return Answer(200, orjson.dumps({"results": results}), is_passing=passing)


def _is_passing(answer: Answer) -> bool:
    return answer.is_passing or answer.status in PASSING


def _each(
    services: Services, caller: Caller, asker: Asker | None, told: Sequence[OfflineOperation]
) -> list[Answer]:
    answers: list[Answer] = []
    for one in told:
        if answers and _is_passing(answers[-1]):
            waiting = problems.busy(_NOT_TRIED)
            answers.append(Answer(waiting.status, waiting.body()))
        else:
            answers.append(_do(services, caller, asker, one))
    return answers


def _do(services: Services, caller: Caller, asker: Asker | None, told: OfflineOperation) -> Answer:
    """The call itself, in a commit of its own."""
    address = "/" + told.call.removeprefix("/")
    found = _operation(address)
    if found is None:
        unknown = problems.of_refusal(NotFound("There is no such call that a till can tell of later."))
        return Answer(unknown.status, unknown.body())
    operation, path = found
    after_commit: list[Callable[[], object]] = []

    def prepare(uow: UnitOfWork) -> tuple[str, Callable[[], Any]]:
        after_commit.clear()
        uow.asker, uow.scanned_at = asker, told.occurred_at
        require_scope(caller, *operation.scopes)
        body = checked(operation.takes, told.body)
        call = Call(uow, services, caller, body, path, after_commit, told.idempotency_key, told.occurred_at)
        return caller.merchant_id, lambda: _now(operation, call, told.occurred_at)

    answer = keyed.perform(
        services.database,
        prepare,
        status=operation.status,
        key=told.idempotency_key,
        request_hash=keyed.fingerprint("POST", PREFIX + address, told.body),
    )
    if not answer.is_problem and not answer.replayed:
        for work in after_commit:
            work()
    return answer


def _now(operation: Operation, call: Call[Any], occurred_at: datetime) -> Any:
    # Asked only of what has no answer yet: what was booked in time keeps its answer however late it is told.
    require_recent(occurred_at, call.uow.now)
    return operation.handler(call)


def _operation(address: str) -> tuple[Operation, dict[str, str]] | None:
    """The call at an address and the ids in it; None where there is no call that can be told later."""
    for operation, pattern in _PATTERNS:
        if (named := pattern.fullmatch(address)) is not None:
            return operation, named.groupdict()
    return None


def _pattern(operation: Operation) -> re.Pattern[str]:
    return re.compile(re.sub(r"<([a-z_]+)>", r"(?P<\1>[^/]+)", operation.path))


_PATTERNS = [
    (operation, _pattern(operation))
    for room in TELLABLE
    for operation in room.operations
    if operation.key == "required"
]
