"""Past the web framework and through it: whatever is sent, nobody can tell which way was taken."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import uuid4

import orjson
import pytest
from flask import Flask

from passes.app import MAX_BODY_BYTES
from passes.web import hardening
from passes.web.api_v1 import running
from tests.fixtures.api import Shop, eur
from tests.waiting import PATIENCE_S

Way = Callable[[Flask, dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def past(app: Flask, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """As the server calls the application."""
    return app.wsgi_app(environ, start)


def through(app: Flask, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """As if there were no other way than the framework's."""
    return Flask.wsgi_app(app, environ, start)


@dataclass(frozen=True)
class Told:
    """What came back over one of the ways."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def send(way: Way, app: Flask, path: str, body: bytes, **environ: Any) -> Told:
    """One POST; what is None in `environ` is left out of it."""
    started: list[Any] = []
    whole = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": f"/api/v1{path}",
        "QUERY_STRING": "",
        "SERVER_NAME": "till",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        **environ,
    }
    sent = {name: value for name, value in whole.items() if value is not None}
    parts = way(app, sent, lambda status, headers: started.extend((status, headers)))
    try:
        told = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return Told(int(started[0].split()[0]), list(started[1]), told)


def asked_by(shop: Shop, key: str | None = None) -> dict[str, Any]:
    """The headers of the shop's till, with a fresh idempotency key by default."""
    return {
        "HTTP_AUTHORIZATION": f"Bearer {shop.till.key}",
        "HTTP_IDEMPOTENCY_KEY": key or str(uuid4()),
    }


def without_names(told: Told) -> Told:
    """What was told, but for what differs between two sales of the same."""
    body = orjson.loads(told.body)
    differs = {"id": "", "created_at": "", "balance_after": ""}
    return Told(told.status, told.headers, orjson.dumps(body | differs))


ODD: dict[str, tuple[bytes, dict[str, Any]]] = {
    "no key": (b'{"count":1}', {"HTTP_IDEMPOTENCY_KEY": None}),
    "empty key": (b'{"count":1}', {"HTTP_IDEMPOTENCY_KEY": ""}),
    "long key": (b'{"count":1}', {"HTTP_IDEMPOTENCY_KEY": "k" * 256}),
    "key in another alphabet": (b'{"count":1}', {"HTTP_IDEMPOTENCY_KEY": "schl\xfcssel"}),
    "nobody": (b'{"count":1}', {"HTTP_AUTHORIZATION": None}),
    "a stranger": (b'{"count":1}', {"HTTP_AUTHORIZATION": "Bearer sk_unknown"}),
    "no bearer": (b'{"count":1}', {"HTTP_AUTHORIZATION": "Basic abc"}),
    "no address": (b'{"count":1}', {"REMOTE_ADDR": None, "HTTP_AUTHORIZATION": None}),
    "empty": (b"", {}),
    "no JSON": (b"{", {}),
    "too deep": (b"[" * 60 + b"]" * 60, {}),
    "a list": (b"[]", {}),
    "a great number": (b'{"card_id":"card_1","count":1e400}', {}),
    "a field too many": (b'{"card_id":"card_1","count":1,"colour":"red"}', {}),
    "an unknown card": (b'{"card_id":"card_1","count":1}', {}),
    "cut off": (b'{"card_id":"card_1","cou', {"CONTENT_LENGTH": "500"}),
    "another type": (b'{"card_id":"card_1","count":1}', {"CONTENT_TYPE": "text/plain"}),
    "a form": (b"card_id=card_1", {"CONTENT_TYPE": "application/x-www-form-urlencoded"}),
    "no type": (b'{"card_id":"card_1","count":1}', {"CONTENT_TYPE": None}),
    "no length": (b"", {"CONTENT_LENGTH": None}),
    "a length that is none": (b"{}", {"CONTENT_LENGTH": "-2"}),
    "too large": (b"{}", {"CONTENT_LENGTH": str(MAX_BODY_BYTES + 1)}),
    "in chunks": (b"{}", {"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}),
    "a query": (b'{"card_id":"card_1","count":1}', {"QUERY_STRING": "a=1&a=2"}),
    "a cookie": (b'{"card_id":"card_1","count":1}', {"HTTP_COOKIE": "stempel=x"}),
    "another method": (b"{}", {"REQUEST_METHOD": "PUT"}),
    "another address": (b"{}", {"PATH_INFO": "/api/v1/stamps/"}),
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_refused_is_refused_in_the_same_words(shop: Shop, case: str) -> None:
    body, odd = ODD[case]
    ways = [send(way, shop.app, "/stamps", body, **asked_by(shop) | odd) for way in (past, through)]
    assert ways[0] == ways[1]
    assert ways[0].status >= 400


def test_what_is_done_is_told_alike(shop: Shop) -> None:
    card = shop.gift(1000)
    body = orjson.dumps({"card_id": card["id"], "amount": eur(1)})
    ways = [send(way, shop.app, "/redemptions", body, **asked_by(shop)) for way in (past, through)]
    assert [told.status for told in ways] == [201, 201]
    assert without_names(ways[0]) == without_names(ways[1])
    assert shop.balance(card) == 998


@pytest.mark.parametrize(
    "first,then", [(past, through), (through, past)], ids=["past first", "through first"]
)
def test_what_was_done_on_one_way_is_replayed_on_the_other(shop: Shop, first: Way, then: Way) -> None:
    card = shop.gift(1000)
    body = orjson.dumps({"card_id": card["id"], "amount": eur(1)})
    made = send(first, shop.app, "/redemptions", body, **asked_by(shop, "one"))
    again = send(then, shop.app, "/redemptions", body, **asked_by(shop, "one"))
    assert again.body == made.body
    assert dict(again.headers) == dict(made.headers) | {"Idempotent-Replayed": "true"}
    assert shop.balance(card) == 999


def test_a_fault_of_ours_is_told_alike(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise LookupError("broken")

    monkeypatch.setattr(running, "_parsed", broken)
    ways = [send(way, shop.app, "/stamps", b"{}", **asked_by(shop)) for way in (past, through)]
    assert ways[0] == ways[1]
    assert ways[0].status == 500
    assert b"broken" not in ways[0].body


def test_a_plain_call_does_not_come_by_the_framework(shop: Shop) -> None:
    seen: list[str] = []
    shop.app.before_request_funcs.setdefault(None, []).append(lambda: seen.append("seen"))
    told = send(past, shop.app, "/stamps", b"{", **asked_by(shop))
    assert seen == []
    assert set(hardening.HEADERS) <= set(told.headers)
    assert send(past, shop.app, "/stamps", b"{", **asked_by(shop), HTTP_COOKIE="a=b") == told
    assert seen == ["seen"]


def test_a_till_that_sends_slowly_holds_no_other_up(shop: Shop) -> None:
    body = orjson.dumps({"card_id": shop.gift(2000)["id"], "amount": eur(1)})

    class Slow(BytesIO):
        """What comes only after another till was served."""

        def read(self, size: int | None = -1) -> bytes:
            with ThreadPoolExecutor(1) as other:
                quick = other.submit(send, past, shop.app, "/redemptions", body, **asked_by(shop))
                assert quick.result(PATIENCE_S).status == 201
            return super().read(size)

    slow = {**asked_by(shop), "wsgi.input": Slow(body)}
    assert send(past, shop.app, "/redemptions", body, **slow).status == 201
