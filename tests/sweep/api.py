"""Bad requests for every operation of the API, from its own declarations."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import orjson

from passes.merchants.access import SCOPES
from passes.web.api_v1.examples import EXAMPLES
from passes.web.api_v1.operation import Nothing, Operation
from tests.sweep.bad import Bad
from tests.sweep.bodies import HUGE, wrong_bodies
from tests.sweep.nonsense import nonsense
from tests.sweep.world import World

Json = dict[str, Any]
UNKNOWN_IDS = (
    "unknown",
    "card_00000000000000000000000000",
    "%00",
    "x" * 5000,
    "%F0%9F%98%80",
    "'%20OR%201=1",
    "%2e%2e",
)
NO_JSON = (b"{", b"{'a': 1}", b"NaN", b"\xff\xfe", b"<xml/>", b"a=1&b=2", b"[" * 100_000, b'{"a":' * 5_000)
NO_OBJECT = (b"[]", b'"x"', b"7", b"null", b"true", b"1e400")
NO_KEYS = ("", "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "k" * 5000, "Bearer \xff", "ApplePass x")
PAYING = ("load", "redeem", "hold", "adjust")
BAD_QUERY: dict[str, tuple[Any, ...]] = {
    "limit": (0, 201, -1, "x", "1.5", "", "9" * 5000, "a\0b"),
    "cursor": ("x", "", "a\0b", HUGE[:5000], "MTk3MHx4", "ÿ"),
    "since": ("yesterday", "", "2026-13-01T00:00:00Z", "2026-01-01", "a\0b", "9" * 5000),
    "until": ("yesterday", "", "2026-13-01T00:00:00Z", "2026-01-01", "a\0b", "9" * 5000),
    "type": ("nonsense", "", "a\0b"),
    "location_id": ("", "x" * 201, "a\0b"),
    "reference": ("", "x" * 201, "a\0b"),
    "search": ("", "x" * 201, "a\0b"),
    "actor": ("", "x" * 201, "a\0b"),
    "action": ("", "x" * 201, "a\0b"),
    "subject": ("", "x" * 201, "a\0b"),
    "external_id": ("", "x" * 201, "a\0b"),
    "email": ("", "x" * 321, "a\0b"),
}


def path_of(world: World, operation: Operation, thing: str | None = None) -> str:
    """The operation's address, about a thing of ours unless another is given."""
    path = f"/api/v1{operation.path}"
    return (
        path.replace("<id>", thing or world.mine.thing(operation.path.split("/")[1])) if "<" in path else path
    ).replace("<version>", "1")


def body_of(world: World, operation: Operation) -> Json:
    """A body that would be accepted.

    It names its card by the barcode: typed codes in bodies that are refused are counted as guesses, and all
    who guess are slowed down.
    """
    card = world.mine.cards["gift" if operation.name in PAYING else "stamp"]
    named = {"code": card["barcode"], "program_id": world.mine.shop.program("stamp")}
    example = EXAMPLES.get(operation.name, {})
    body = {name: named.get(name, value) for name, value in example.items()}
    return {**body, "instruments": _instruments(world)} if "instruments" in body else body


def _instruments(world: World) -> list[Json]:
    return [{"card_id": world.mine.cards[kind]["id"]} for kind in ("gift", "coupon")]


def bad_requests(world: World, operation: Operation) -> Iterator[Bad]:
    """Everything that can be wrong with a call of `operation`."""
    yield from _from_nobody(world, operation)
    if "<id>" in operation.path:
        yield from _about_nothing(world, operation)
    if operation.reads:
        yield from _with_queries(world, operation)
        return
    yield from _with_bodies(world, operation)
    yield from _with_keys(world, operation)


def well_formed(world: World, operation: Operation) -> Bad:
    """A call with nothing wrong in it."""
    return _bad(world, operation, "nothing wrong", 200, 201, 204)


def _bad(world: World, operation: Operation, what: str, *statuses: int, **request: Any) -> Bad:
    headers: dict[str, str | None] = {
        "Authorization": f"Bearer {world.mine.key}",
        "Idempotency-Key": str(uuid4()),
    }
    headers.update(request.pop("headers", {}))
    request.setdefault("data", None if operation.reads else orjson.dumps(body_of(world, operation)))
    path = path_of(world, operation, request.pop("thing", None))
    sent = {name: value for name, value in headers.items() if value is not None}
    return Bad(what, operation.method, path, frozenset(statuses), headers=sent, **request)


def _from_nobody(world: World, operation: Operation) -> Iterator[Bad]:
    for value in NO_KEYS:
        yield _bad(world, operation, f"{value[:12]!r} as a key", 401, headers={"Authorization": value})
    wrong = next(scope for scope in SCOPES if scope not in operation.scopes)
    key = world.mine.shop.client(wrong).key
    yield _bad(world, operation, "key without the scope", 403, headers={"Authorization": f"Bearer {key}"})


def _about_nothing(world: World, operation: Operation) -> Iterator[Bad]:
    room = operation.path.split("/")[1]
    for thing in UNKNOWN_IDS:
        yield _bad(world, operation, f"{thing[:12]!r} as an id", 404, thing=thing)
    yield _bad(world, operation, "another merchant's id", 404, thing=world.theirs.thing(room))
    others = next(thing for thing in ("members", "locations") if thing != room)
    yield _bad(world, operation, "the id of something else", 404, thing=world.mine.thing(others))


def _with_queries(world: World, operation: Operation) -> Iterator[Bad]:
    if operation.takes is Nothing:
        return
    for name in operation.takes.model_fields:
        for value in BAD_QUERY[name]:
            yield _bad(world, operation, f"{name}={str(value)[:12]!r}", 422, query={name: value}, names=name)
        yield _bad(world, operation, f"{name} twice", 422, query=f"{name}=1&{name}=1", names=name)
    yield _bad(world, operation, "unknown parameter", 422, query={"surprise": "1"}, names="surprise")


def _with_bodies(world: World, operation: Operation) -> Iterator[Bad]:
    for data in NO_JSON:
        yield _bad(world, operation, f"{data[:12]!r} as a body", 400, data=data)
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml"):
        yield _bad(world, operation, f"a body of {kind}", 400, data=b"--x\r\nname=1", content_type=kind)
    for data in NO_OBJECT:
        yield _bad(world, operation, f"{data[:12]!r} as a body", 422, data=data)
    if not operation.may_be_empty:
        yield _bad(world, operation, "no body", 400, data=b"")
    if operation.takes is not Nothing:
        schema = operation.takes.model_json_schema()
        for what, path, body in wrong_bodies(schema, body_of(world, operation)):
            name = ".".join(path)
            yield _bad(world, operation, f"{name} {what}", *_expected(path), data=_json(body), names=name)
        for name, value, extra in nonsense(world, operation):
            body = {**body_of(world, operation), **extra, name.partition(".")[0]: value}
            yield _bad(world, operation, f"{name}: {value!r:.40}", 422, data=_json(body), names=name)
        yield from _about_others(world, operation)


def _expected(path: tuple[str, ...]) -> tuple[int, ...]:
    return (404, 422) if path and path[-1].endswith("_id") else (422,)


def _about_others(world: World, operation: Operation) -> Iterator[Bad]:
    """Ids inside bodies that are nobody's, or somebody else's."""
    theirs = world.theirs
    strange = {
        "program_id": theirs.shop.program("stamp"),
        "member_id": theirs.member,
        "location_id": theirs.location,
        "card_id": str(theirs.cards["stamp"]["id"]),
        "code": str(theirs.cards["stamp"]["barcode"]),
    }
    for name, value in strange.items():
        if name not in operation.takes.model_fields:
            continue
        body = {k: v for k, v in body_of(world, operation).items() if name != "card_id" or k != "code"}
        for thing in (value, re.sub(r".{4}$", "0000", value)):
            yield _bad(world, operation, f"{name} {thing}", 404, data=orjson.dumps({**body, name: thing}))


def _with_keys(world: World, operation: Operation) -> Iterator[Bad]:
    if operation.key == "required":
        for key in (None, ""):
            yield _bad(world, operation, f"{key!r} as idempotency key", 400, headers={"Idempotency-Key": key})
    if operation.key != "none":
        for key in ("k" * 256, "k" * 5000, "sch\xf6n", "\t x"):
            headers = {"Idempotency-Key": key}
            yield _bad(
                world,
                operation,
                f"{key[:12]!r} as idempotency key",
                422,
                headers=headers,
                names="Idempotency-Key",
            )


def _json(body: Any) -> bytes:
    # The standard library also writes the numbers that no machine type holds.
    return json.dumps(body).encode()
