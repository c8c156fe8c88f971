"""Bad requests from phones and from Google."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.google.keys import CallbackKeys, callback_message
from tests.sweep.bad import Bad
from tests.sweep.places import NOWHERE, Places, get


def apple(verb: str) -> Callable[[Places], Iterator[Bad]]:
    """A registration (POST), its end (DELETE) or a fetch (GET) that is wrong in some way."""

    def requests(places: Places) -> Iterator[Bad]:
        thing, auth = places.registration
        pass_type = thing.partition("/")[0]
        start = "/apple/v1/passes/" if verb == "GET" else "/apple/v1/devices/device-1/registrations/"
        body = b'{"pushToken": "a1b2"}'

        def bad(what: str, path: str, *statuses: int, **request: Any) -> Bad:
            return Bad(what, verb, path, frozenset(statuses), **{"headers": auth, "data": body, **request})

        for value in (
            "",
            "ApplePass",
            "ApplePass x",
            "Bearer x",
            "ApplePass " + "x" * 5000,
            "ApplePass \xff",
        ):
            yield bad(f"{value[:12]!r} as token", f"{start}{thing}", 401, headers={"Authorization": value})
        for name in (*NOWHERE, places.world.theirs.cards["stamp"]["id"]):
            yield bad(f"serial {name[:12]}", f"{start}{pass_type}/{name}", 401, 404)
            yield bad(f"pass type {name[:12]}", f"{start}{name}/{thing.partition('/')[2]}", 401, 404)
        if verb == "POST":
            for data in (
                b"",
                b"{",
                b"[]",
                b"\xff",
                b"7",
                b"{}",
                b'{"pushToken": 7}',
                b'{"pushToken": ""}',
                b'{"pushToken": "a\\u0000b"}',
                b'{"pushToken": "%s"}' % (b"x" * 301),
            ):
                yield bad(f"{data[:20]!r}", f"{start}{thing}", 400, data=data, names="pushToken")
            yield bad("a huge body", f"{start}{thing}", 413, data=b"x" * 70_000)
        for name in ("%00", "x" * 141, "%F0%9F%98%80", "a%20b"):
            path = f"/apple/v1/devices/{name}/registrations/{thing}"
            if verb == "POST":
                yield bad(f"device {name[:8]}", path, 400, names="deviceLibraryIdentifier")
            if verb == "DELETE":
                yield bad(f"device {name[:8]}", path, 200)

    return requests


def apple_updated(places: Places) -> Iterator[Bad]:
    pass_type = places.registration[0].partition("/")[0]
    for name in NOWHERE:
        yield get(f"device {name[:12]}", f"/apple/v1/devices/{name}/registrations/{pass_type}", 204, 404)
        yield get(f"pass type {name[:12]}", f"/apple/v1/devices/device-1/registrations/{name}", 204, 404)
    path = f"/apple/v1/devices/device-1/registrations/{pass_type}"
    for tag in ("", "x", "-1", "9" * 5000, "a\0b", "😀", "1.5"):
        yield get(f"tag {tag[:8]!r}", path, 204, query={"passesUpdatedSince": tag})


def apple_log(places: Places) -> Iterator[Bad]:
    for data in (b"", b"{", b"[]", b"\xff", b"{}", b'{"logs": 7}', b'{"logs": [7]}', b'{"logs": {"a": "b"}}'):
        yield Bad(f"{data[:20]!r}", "POST", "/apple/v1/log", frozenset({400}), "logs", data=data)
    yield Bad("a huge body", "POST", "/apple/v1/log", frozenset({413}), data=b"x" * 70_000)


def google(places: Places) -> Iterator[Bad]:
    google = places.world.google
    message = callback_message(f"{google.issuer_id}.class", f"{google.issuer_id}.card", "save")
    bodies = [b"", b"{", b"[]", b"\xff", b"7", b"{}", b'{"protocolVersion": "ECv1"}', b"[" * 60_000]
    bodies += [CallbackKeys().signed(google.issuer_id, message), google.keys.signed("1", message)]
    for changes in (
        {"nonce": ""},
        {"nonce": "a\0b"},
        {"nonce": "x" * 201},
        {"eventType": 7},
        {"classId": "1.x"},
    ):
        bodies.append(google.keys.signed(google.issuer_id, {**message, **changes}))
    for data in bodies:
        yield Bad(f"{data[-30:]!r}", "POST", "/google/callback", frozenset({422}), "body", data=data)
    yield Bad("a huge body", "POST", "/google/callback", frozenset({413}), data=b"x" * 70_000)
