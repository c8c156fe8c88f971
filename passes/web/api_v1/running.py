"""Running an operation: who asks, whether they may, what they want, done once, as an answer.

The order of checks is the contract's: the idempotency key's presence, who asks, what they may do, the form of
the request, the key's history, then the use-case. Knows HTTP, and no web framework.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from flask import Response
from pydantic import BaseModel

from passes.db.engine import Asker, UnitOfWork
from passes.errors import Busy, FieldError, Refusal, StempelError
from passes.fields import checked
from passes.merchants.access import Caller, require_scope
from passes.merchants.keys import authenticate
from passes.redemption.arrival import Arrival, Asked, look
from passes.web import keyed, problems
from passes.web.api_v1 import json_body, walking
from passes.web.api_v1.incoming import Incoming
from passes.web.api_v1.operation import JSON, Call, Later, Operation
from passes.web.api_v1.schemas import CardTillRequest, ListQuery
from passes.web.keyed import Answer
from passes.web.problems import Problem
from passes.web.typed_codes import Typing
from passes.wiring import Services

_PRINTABLE = re.compile(r"[\x20-\x7e]+")


def run(
    services: Services, operation: Operation, incoming: Incoming, path: dict[str, str]
) -> Answer | Response:
    """The answer to a request for `operation`, a refusal included; a `Response` where it is no JSON."""
    work = _read if operation.reads else _write_in_parts if operation.in_parts else _write
    try:
        services.admission.enter(incoming.credential, incoming.address)
        return work(services, operation, incoming, path)
    except Refusal as refusal:
        return keyed.of_problem(problems.of_refusal(refusal))
    except FieldError as error:
        return keyed.of_problem(problems.of_fields(error))
    except Busy as error:
        return keyed.of_problem(problems.busy(str(error)))


def headers_of(answer: Answer) -> list[tuple[str, str]]:
    """The headers of an answer with a body, as they are sent."""
    headers = [
        ("Content-Type", problems.CONTENT_TYPE if answer.is_problem else JSON),
        ("Content-Length", str(len(answer.body))),
    ]
    if answer.replayed:
        headers.append(("Idempotent-Replayed", "true"))
    if answer.retry_after_s is not None:
        headers.append(("Retry-After", str(answer.retry_after_s)))
    if answer.status == 401:
        headers.append(("WWW-Authenticate", 'Bearer realm="Stempel"'))
    return headers


def _read(
    services: Services, operation: Operation, incoming: Incoming, path: dict[str, str]
) -> Answer | Response:
    with services.database.read() as uow:
        caller = _caller(uow, services, incoming, operation)
        query = checked(operation.takes, _query_values(incoming, operation.takes))
        call = Call(uow, services, caller, query, path)
        result = _page(operation, call, query) if isinstance(query, ListQuery) else operation.handler(call)
    if isinstance(result, Later):
        result = result.work()
    return result if isinstance(result, Response) else Answer(200, orjson.dumps(result))


def _page(operation: Operation, call: Call[Any], query: ListQuery) -> Any:
    """A page of a list, whose cursor comes in and goes out as one of this list."""
    place = walking.place(query.cursor, operation.name, call.path)
    found = operation.handler(replace(call, body=query.model_copy(update={"cursor": place})))
    return found | {"next_cursor": walking.bound(found["next_cursor"], operation.name, call.path)}


def _write(services: Services, operation: Operation, incoming: Incoming, path: dict[str, str]) -> Answer:
    key = _key(incoming, operation)
    parsed = _came(services, incoming, operation)
    typing = Typing(services, incoming.credential, parsed)
    typing.begin()
    body, prepared = _prepared(services, incoming, operation, _valid(operation, key, parsed))
    asked = _asked(incoming, body, key)
    after_commit: list[Callable[[], object]] = []

    def prepare(uow: UnitOfWork) -> tuple[str, Callable[[], Any]]:
        after_commit.clear()
        arrival = look(uow, asked) if asked is not None else None
        caller = _caller(uow, services, incoming, operation, arrival)
        if isinstance(body, StempelError):
            raise body
        typing.asker = uow.asker
        typing.pay()
        call = Call(uow, services, caller, body, path, after_commit, key, arrival=arrival, prepared=prepared)
        return caller.merchant_id, lambda: operation.handler(call)

    request_hash = b""
    if key is not None and not isinstance(parsed, Problem):
        request_hash = keyed.fingerprint(incoming.method, incoming.path, parsed)
    answer = keyed.perform(
        services.database,
        prepare,
        status=operation.status,
        key=key,
        request_hash=request_hash,
        only_reads=operation.only_reads,
    )
    typing.end(answer)
    if answer.replayed and not answer.is_problem and operation.again is not None:
        return replace(answer, body=operation.again(services, answer.body))
    if not answer.is_problem and not answer.replayed:
        for work in after_commit:
            work()
    return answer


def _write_in_parts(
    services: Services, operation: Operation, incoming: Incoming, path: dict[str, str]
) -> Answer:
    """A call whose parts are remembered one by one; under a key of its own also as a whole."""
    key = _key(incoming, operation)
    parsed = _came(services, incoming, operation)
    request_hash = b""
    with services.database.read() as uow:
        caller = _caller(uow, services, incoming, operation)
        if isinstance(parsed, Problem):
            raise Refusal(parsed.code, parsed.detail)
        if key is not None:
            _check_key(key)
        body = checked(operation.takes, parsed)
        if key is not None:
            request_hash = keyed.fingerprint(incoming.method, incoming.path, parsed)
            earlier = keyed.earlier(uow, caller.merchant_id, key, request_hash)
            if earlier is not None:
                return earlier
        later: Later = operation.handler(Call(uow, services, caller, body, path, [], key))
    answer: Answer = later.work()
    if key is not None and not answer.is_passing:
        done = orjson.Fragment(answer.body)
        answer = keyed.perform(
            services.database,
            lambda _: (caller.merchant_id, lambda: done),
            status=answer.status,
            key=key,
            request_hash=request_hash,
        )
    return answer


def _came(services: Services, incoming: Incoming, operation: Operation) -> Any:
    """The JSON value of the body, or the problem that it is none; a large one of nobody is not read."""
    if operation.most_bytes is not None:
        with services.database.read() as uow:
            _caller(uow, services, incoming, operation)
    return _parsed(incoming.read(), operation)


def _valid(operation: Operation, key: str | None, parsed: Any) -> BaseModel | StempelError:
    """The body as the operation takes it, or what is wrong with it or the key.

    Found out before the database is asked for anything, said only to a caller who may ask.
    """
    if isinstance(parsed, Problem):
        return Refusal(parsed.code, parsed.detail)
    try:
        if key is not None:
            _check_key(key)
        return checked(operation.takes, parsed)
    except FieldError as error:
        return error


def _prepared(
    services: Services, incoming: Incoming, operation: Operation, body: BaseModel | StempelError
) -> tuple[BaseModel | StempelError, Any]:
    """The body and what `prepare` makes of it; in place of the body what is wrong with it."""
    if operation.prepare is None or isinstance(body, StempelError):
        return body, None
    with services.database.read() as uow:
        _caller(uow, services, incoming, operation)
    try:
        return body, operation.prepare(body)
    except FieldError as error:
        return error, None


def _asked(incoming: Incoming, body: BaseModel | StempelError, key: str | None) -> Asked | None:
    """What can be looked up at once about a call that names a card."""
    presented = incoming.presented
    if presented is None or key is None or not isinstance(body, CardTillRequest):
        return None
    return Asked(presented, key, body.card_id, body.code, body.reference, body.location_id)


def _key(incoming: Incoming, operation: Operation) -> str | None:
    if not incoming.key:
        if operation.key == "required":
            # The server hands on a header that is not ASCII as an empty one.
            detail = "Send an Idempotency-Key header of 1 to 255 printable ASCII characters, such as a UUID."
            raise Refusal("idempotency_key_required", detail)
        return None
    return incoming.key if operation.method == "POST" else None


def _check_key(key: str) -> None:
    if len(key) > 255:
        raise FieldError("Idempotency-Key", "must have at most 255 characters")
    if not _PRINTABLE.fullmatch(key):
        raise FieldError("Idempotency-Key", "must be printable ASCII")


def _caller(
    uow: UnitOfWork,
    services: Services,
    incoming: Incoming,
    operation: Operation,
    arrival: Arrival | None = None,
) -> Caller:
    presented = incoming.presented
    caller = arrival.caller if arrival else authenticate(uow, presented) if presented else None
    if caller is None:
        services.admission.turn_away(incoming.address)
        raise Refusal("unauthenticated", "Send Authorization: Bearer and a valid API key.")
    services.admission.welcome(incoming.credential)
    uow.asker = Asker(caller.actor, incoming.address)
    require_scope(caller, *operation.scopes)
    return caller


def _parsed(raw: bytes, operation: Operation) -> Any:
    """The JSON value of a body, or the problem that it is none."""
    if not raw:
        if operation.may_be_empty:
            return {}
        return Problem("malformed_json", "The body is empty; it must be a JSON object.")
    try:
        value = orjson.loads(raw)
        too_deep = json_body.may_be_too_deep(raw) and json_body.is_too_deep(value)
        return Problem("malformed_json", "The body is nested too deeply.") if too_deep else value
    except orjson.JSONDecodeError as error:
        problem = Problem("malformed_json", f"The body is no JSON: {error}.")
        return json_body.with_great_numbers(raw) or problem


def _query_values(incoming: Incoming, takes: type[BaseModel]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, found in incoming.query:
        if len(found) > 1:
            raise FieldError(name, "must be given once")
        field = takes.model_fields.get(name)
        number = field is not None and name == "limit" and re.fullmatch(r"-?[0-9]{1,9}", found[0])
        values[name] = int(found[0]) if number else found[0]
    return values
