"""The sweep finds what it is for, and what it sends is wrong in nothing but what it says."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response

from passes.app import create_app
from passes.audit import service as audit
from passes.clock import FixedClock, SystemClock
from passes.db.engine import Database
from passes.errors import FieldError
from passes.web import pages, problems
from passes.web.api_v1.blueprint import operations
from passes.web.api_v1.operation import Operation
from tests.cli.conftest import KEYS, Shell
from tests.fakes.google import GoogleStandIn
from tests.fixtures.databases import START, make_database
from tests.sweep import test_commands, test_pages
from tests.sweep.api import bad_requests, body_of, path_of, well_formed
from tests.sweep.bad import Bad, faults, send
from tests.sweep.commands import SERVERS, Stock, bad_lines
from tests.sweep.pages import PAGES
from tests.sweep.places import Places
from tests.sweep.world import World, open_world

View = Callable[..., Response]
LAST = ("deactivate_card", "erase_member", "delete_webhook", "delete_limit")
"""What ends the thing that others are about."""


@pytest.fixture(scope="module")
def sound(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world of this file's own, on SQLite."""
    folder = tmp_path_factory.mktemp("planted")
    database = Database(make_database(request, "sqlite", folder), FixedClock(START))
    with open_world(database, folder) as opened:
        yield opened
    database.close()


def with_bug(world: World, endpoint: str, bug: Callable[[World, View], View]) -> Flask:
    """The application with one view made worse, and every request sent to the views."""
    app = create_app(world.services)
    app.wsgi_app = partial(Flask.wsgi_app, app)
    app.view_functions[endpoint] = bug(world, app.view_functions[endpoint])
    return app


def breaks(_world: World, _view: View) -> View:
    def broken(**_path: str) -> Response:
        raise RuntimeError("no such attribute")

    return broken


def writes_first(world: World, view: View) -> View:
    def hasty(**path: str) -> Response:
        with world.database.write() as uow:
            audit.record(uow, world.mine.shop.id, "test", "did something", "too early")
        return view(**path)

    return hasty


def accepts(_world: World, _view: View) -> View:
    return lambda **_path: Response(status=200)


def names_nothing(_world: World, _view: View) -> View:
    return lambda **_path: problems.invalid([{"field": "body", "message": "is wrong somewhere"}]).response()


def shows_its_insides(_world: World, _view: View) -> View:
    said = problems.Problem("invalid_request", "Traceback (most recent call last): ...")
    return lambda **_path: said.response()


def says_nothing_beside_the_field(_world: World, _view: View) -> View:
    return lambda **_path: pages.error_page(422)


API_BUGS = [
    (breaks, "answered 500"),
    (writes_first, "left a trace in audit_log"),
    (accepts, "answered 200"),
    (names_nothing, "does not name name"),
    (shows_its_insides, "shows what it is made of"),
]


@pytest.mark.parametrize("bug, complaint", API_BUGS, ids=[bug.__name__ for bug, _ in API_BUGS])
def test_a_bug_in_an_operation_is_found(sound: World, bug: Any, complaint: str) -> None:
    create_location = next(o for o in operations() if o.name == "create_location")
    asked = list(bad_requests(sound, create_location))
    assert faults(sound.app, sound.database, asked) == []
    found = faults(with_bug(sound, "api_v1.create_location", bug), sound.database, asked)
    assert any(complaint in fault for fault in found), found


PAGE_BUGS = [
    (breaks, "answered 500"),
    (writes_first, "left a trace in audit_log"),
    (accepts, "answered 200"),
    (says_nothing_beside_the_field, "does not say what is wrong beside name"),
]


@pytest.mark.parametrize("bug, complaint", PAGE_BUGS, ids=[bug.__name__ for bug, _ in PAGE_BUGS])
def test_a_bug_in_a_page_is_found(sound: World, bug: Any, complaint: str) -> None:
    asked = list(PAGES["console.preview"](Places(sound)))
    assert faults(sound.app, sound.database, asked) == []
    found = faults(with_bug(sound, "console.preview", bug), sound.database, asked)
    assert any(complaint in fault for fault in found), found


def test_an_address_nobody_listed_is_found(sound: World) -> None:
    app = create_app(sound.services)
    app.add_url_rule("/new", "new", lambda: "")
    with pytest.raises(AssertionError):
        test_pages.test_every_address_there_is_is_swept(
            World(app, sound.services, sound.google, sound.mine, sound.theirs)
        )


def order(operation: Operation) -> tuple[int, str]:
    """Those that end something after those that are about it."""
    return (LAST.index(operation.name) + 1 if operation.name in LAST else 0, operation.name)


def test_every_operation_takes_the_request_that_nothing_is_wrong_with(sound: World) -> None:
    """Otherwise a bad request might be refused for another reason than the one under test."""
    for operation in sorted(operations(), key=order):
        answer = send(sound.app, well_formed(sound, operation))
        assert answer.status_code < 400 or answer.status_code == 409, (operation.name, answer.data)


def test_bodies_are_wrong_in_every_field_an_operation_takes(sound: World) -> None:
    for operation in operations():
        if operation.reads or not operation.takes.model_fields:
            continue
        named = {(bad.names or "").partition(".")[0] for bad in bad_requests(sound, operation)}
        aliases = {field.alias or name for name, field in operation.takes.model_fields.items()}
        assert aliases <= named, operation.name
        assert path_of(sound, operation).startswith("/api/v1/")
        assert isinstance(body_of(sound, operation), dict)


@pytest.fixture(scope="module")
def stock(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """A shop for commands, of this file's own, with a Google that has none of its cards."""
    folder = tmp_path_factory.mktemp("planted-commands")
    url = make_database(request, "sqlite", folder)
    environment = {"STEMPEL_DATABASE_URL": url, "STEMPEL_DATA_DIR": str(folder / "var")}
    environment |= {**KEYS, "STEMPEL_CERTS_DIR": str(folder / "certs")}
    with GoogleStandIn(tmp_path_factory.mktemp("planted-google")) as google:
        environment |= {
            "STEMPEL_GOOGLE_API_URL": google.url,
            "STEMPEL_GOOGLE_CREDENTIALS_FILE": str(google.credentials_file),
            "STEMPEL_GOOGLE_ISSUER_ID": google.issuer_id,
        }
        database = Database(url, SystemClock(), "key")
        try:
            yield Stock(Shell(environment, database, folder))
        finally:
            database.close()


def command_breaks(stock: Stock) -> Callable[..., None]:
    def broken(**_options: object) -> None:
        raise RuntimeError("no such attribute")

    return broken


def command_writes_first(stock: Stock) -> Callable[..., None]:
    def hasty(**_options: object) -> None:
        with stock.shell.database.write() as uow:
            audit.record(uow, stock.merchant, "test", "did something", "too early")
        Path(stock.folder, "half-done").write_text("x")
        raise FieldError("slug", "is taken")

    return hasty


@pytest.mark.parametrize(
    "bug, complaint",
    [(command_breaks, "broke with RuntimeError"), (command_writes_first, "half-done, audit_log")],
)
def test_a_bug_in_a_command_is_found(
    stock: Stock, monkeypatch: pytest.MonkeyPatch, bug: Any, complaint: str
) -> None:
    command = test_commands.ALL["merchant create"]
    lines = list(bad_lines(stock, "merchant create", command))
    assert test_commands.faults(stock, lines) == []
    monkeypatch.setattr(command, "callback", bug(stock))
    found = test_commands.faults(stock, lines)
    assert any(complaint in fault for fault in found), found


def test_every_command_takes_the_line_that_nothing_is_wrong_with(stock: Stock) -> None:
    assert test_commands.ALL.keys() > SERVERS
    for name, command in test_commands.ALL.items():
        if name not in SERVERS:
            result = stock.shell.run(*stock.line(name, command))
            assert result.exit_code == 0, (name, result.output)


def test_a_sweep_sends_what_it_says() -> None:
    bad = Bad("count '0'", "POST", "/api/v1/stamps", frozenset({422}))
    assert str(bad) == "POST /api/v1/stamps: count '0'"
