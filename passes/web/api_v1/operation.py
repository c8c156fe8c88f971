"""The typed operation layer: what an endpoint takes, answers and refuses, said once.

An endpoint is a function from a `Call` to plain data. Declaring it also writes its entry in the OpenAPI
document, so the two cannot drift. The order of checks is the contract's: the idempotency key's presence,
who asks, what they may do, the form of the request, the key's history, then the use-case.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import orjson
from flask import Blueprint, Response, request
from pydantic import BaseModel

from passes.db.engine import Asker, UnitOfWork
from passes.errors import Busy, FieldError, Refusal, StempelError
from passes.fields import checked
from passes.merchants.access import Caller, require_scope
from passes.merchants.keys import authenticate
from passes.redemption.arrival import Arrival, Asked, look
from passes.web import keyed, problems
from passes.web.api_v1 import json_body
from passes.web.api_v1.schemas import CardTillRequest
from passes.web.keyed import Answer
from passes.web.problems import Problem
from passes.web.typed_codes import Typing
from passes.wiring import Services

KeyUse = Literal["required", "optional", "none"]
JSON = "application/json"
PREFIX = "/api/v1"
_PRINTABLE = re.compile(r"[\x20-\x7e]+")

B = TypeVar("B", bound=BaseModel)


class Nothing(BaseModel):
    """No body, no query: nothing is read."""


@dataclass(frozen=True, slots=True)
class Later:
    """The rest of a call that must not hold a transaction open: one to another house, or many of its own."""

    work: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Call(Generic[B]):
    """One authenticated, validated request in an open unit of work. `body` is the query for a GET.

    `occurred_at` is set for what a till did without the network and tells us now.
    `arrival` is what was found about the card it names together with the caller, if anything was.
    `prepared` is what the operation's `prepare` made of the body.
    """

    uow: UnitOfWork
    services: Services
    caller: Caller
    body: B
    path: Mapping[str, str]
    after_commit: list[Callable[[], object]] = field(default_factory=list)
    key: str | None = None
    occurred_at: datetime | None = None
    arrival: Arrival | None = None
    prepared: Any = None

    @property
    def merchant_id(self) -> str:
        """Whose request it is."""
        return self.caller.merchant_id


Handler = Callable[[Call[Any]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One endpoint, as the code runs it and as the document describes it."""

    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...]
    takes: type[BaseModel]
    answers: type[BaseModel] | None
    status: int
    key: KeyUse
    codes: tuple[str, ...]
    tag: str
    media_type: str
    may_be_empty: bool
    in_parts: bool
    only_reads: bool
    prepare: Callable[[Any], Any] | None

    @property
    def name(self) -> str:
        """The operation id: the handler's name."""
        return self.handler.__name__

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"


class Api:
    """The operations of one resource."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def operation(
        self,
        method: str,
        path: str,
        *,
        scopes: tuple[str, ...],
        takes: type[BaseModel] = Nothing,
        answers: type[BaseModel] | None = None,
        status: int = 200,
        key: KeyUse = "none",
        codes: tuple[str, ...] = (),
        media_type: str = JSON,
        may_be_empty: bool = False,
        in_parts: bool = False,
        only_reads: bool = False,
        prepare: Callable[[Any], Any] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated function an endpoint. `scopes` are alternatives: any one of them opens it.

        `may_be_empty` is for a body that need not say anything: none at all then means `{}`. What is done
        `only_reads` is for a POST that changes nothing.
        What takes long and needs no database, such as decoding pictures, is done by `prepare`, from the body
        of a caller who may ask and before anybody else is kept from writing.
        `in_parts` is handed a unit of work to read in, and answers a `Later` whose parts commit themselves.
        """

        def declare(handler: Handler) -> Handler:
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    handler=handler,
                    scopes=scopes,
                    takes=takes,
                    answers=answers,
                    status=status,
                    key=key,
                    codes=codes,
                    tag=self.tag,
                    media_type=media_type,
                    may_be_empty=may_be_empty or takes is Nothing,
                    in_parts=in_parts,
                    only_reads=only_reads,
                    prepare=prepare,
                )
            )
            return handler

        return declare


def mount(blueprint: Blueprint, services: Services, operation: Operation) -> None:
    """Serve `operation` from `blueprint`."""
    run = _read if operation.reads else _write_in_parts if operation.in_parts else _write

    def view(**path: str) -> Response:
        # PostgreSQL knows no NUL and no id has one, so such a name is as unknown as any other.
        path = {name: value.replace("\0", "\ufffd") for name, value in path.items()}
        try:
            services.admission.enter(_credential(), _address())
            return run(services, operation, path)
        except Refusal as refusal:
            return problems.of_refusal(refusal).response()
        except FieldError as error:
            return problems.of_fields(error).response()
        except Busy as error:
            return problems.busy(str(error)).response()

    address = operation.path.replace("<id>", "<thing:id>")
    blueprint.add_url_rule(address, operation.name, view, methods=[operation.method])


def _read(services: Services, operation: Operation, path: dict[str, str]) -> Response:
    with services.database.read() as uow:
        caller = _caller(uow, services, operation)
        query = checked(operation.takes, _query_values(operation.takes))
        result = operation.handler(Call(uow, services, caller, query, path))
    if isinstance(result, Later):
        result = result.work()
    return result if isinstance(result, Response) else Response(orjson.dumps(result), 200, content_type=JSON)


def _write(services: Services, operation: Operation, path: dict[str, str]) -> Response:
    key = _key(operation)
    parsed: Any = _parsed(request.get_data(cache=False), operation)
    typing = Typing(services, _credential(), parsed)
    typing.begin()
    body, prepared = _prepared(services, operation, _valid(operation, key, parsed))
    asked = _asked(body, key)
    after_commit: list[Callable[[], object]] = []

    def prepare(uow: UnitOfWork) -> tuple[str, Callable[[], Any]]:
        after_commit.clear()
        arrival = look(uow, asked) if asked is not None else None
        caller = _caller(uow, services, operation, arrival)
        if isinstance(body, StempelError):
            raise body
        typing.asker = uow.asker
        typing.pay()
        call = Call(uow, services, caller, body, path, after_commit, key, arrival=arrival, prepared=prepared)
        return caller.merchant_id, lambda: operation.handler(call)

    request_hash = b""
    if key is not None and not isinstance(parsed, Problem):
        request_hash = keyed.fingerprint(request.method, request.path, parsed)
    answer = keyed.perform(
        services.database,
        prepare,
        status=operation.status,
        key=key,
        request_hash=request_hash,
        only_reads=operation.only_reads,
    )
    typing.end(answer)
    if not answer.is_problem and not answer.replayed:
        for work in after_commit:
            work()
    return _response(answer)


def _write_in_parts(services: Services, operation: Operation, path: dict[str, str]) -> Response:
    """A call whose parts are remembered one by one; under a key of its own also as a whole."""
    key = _key(operation)
    parsed: Any = _parsed(request.get_data(cache=False), operation)
    request_hash = b""
    with services.database.read() as uow:
        caller = _caller(uow, services, operation)
        if isinstance(parsed, Problem):
            raise Refusal(parsed.code, parsed.detail)
        if key is not None:
            _check_key(key)
        body = checked(operation.takes, parsed)
        if key is not None:
            request_hash = keyed.fingerprint(request.method, request.path, parsed)
            earlier = keyed.earlier(uow, caller.merchant_id, key, request_hash)
            if earlier is not None:
                return _response(earlier)
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
    return _response(answer)


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
    services: Services, operation: Operation, body: BaseModel | StempelError
) -> tuple[BaseModel | StempelError, Any]:
    """The body and what `prepare` makes of it; in place of the body what is wrong with it."""
    if operation.prepare is None or isinstance(body, StempelError):
        return body, None
    with services.database.read() as uow:
        _caller(uow, services, operation)
    try:
        return body, operation.prepare(body)
    except FieldError as error:
        return error, None


def _asked(body: BaseModel | StempelError, key: str | None) -> Asked | None:
    """What can be looked up at once about a call that names a card."""
    presented = _presented_key()
    if presented is None or key is None or not isinstance(body, CardTillRequest):
        return None
    return Asked(presented, key, body.card_id, body.code, body.reference, body.location_id)


def _response(answer: Answer) -> Response:
    if answer.status == 204:
        return Response(status=204)
    response = Response(
        answer.body, answer.status, content_type=problems.CONTENT_TYPE if answer.is_problem else JSON
    )
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    if answer.retry_after_s is not None:
        response.headers["Retry-After"] = str(answer.retry_after_s)
    if answer.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Stempel"'
    return response


def _key(operation: Operation) -> str | None:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        if operation.key == "required":
            raise Refusal("idempotency_key_required", "Send an Idempotency-Key header, for example a UUID.")
        return None
    return key if operation.method == "POST" else None


def _check_key(key: str) -> None:
    if len(key) > 255:
        raise FieldError("Idempotency-Key", "must have at most 255 characters")
    if not _PRINTABLE.fullmatch(key):
        raise FieldError("Idempotency-Key", "must be printable ASCII")


def _credential() -> str:
    return request.headers.get("Authorization", "")


def _address() -> str:
    return request.remote_addr or ""


def _presented_key() -> str | None:
    scheme, _, key = _credential().partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key else None


def _caller(
    uow: UnitOfWork, services: Services, operation: Operation, arrival: Arrival | None = None
) -> Caller:
    presented = _presented_key()
    caller = arrival.caller if arrival else authenticate(uow, presented) if presented else None
    if caller is None:
        services.admission.turn_away(_address())
        raise Refusal("unauthenticated", "Send Authorization: Bearer and a valid API key.")
    services.admission.welcome(_credential())
    uow.asker = Asker(caller.actor, _address())
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
        too_deep = json_body.is_too_deep(value)
        return Problem("malformed_json", "The body is nested too deeply.") if too_deep else value
    except orjson.JSONDecodeError as error:
        problem = Problem("malformed_json", f"The body is no JSON: {error}.")
        return json_body.with_great_numbers(raw) or problem


def _query_values(takes: type[BaseModel]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, found in request.args.lists():
        if len(found) > 1:
            raise FieldError(name, "must be given once")
        field = takes.model_fields.get(name)
        number = field is not None and name == "limit" and re.fullmatch(r"-?[0-9]{1,9}", found[0])
        values[name] = int(found[0]) if number else found[0]
    return values
