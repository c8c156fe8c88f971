"""Every page and every address machines call: a clear no, beside the field where there is one, no trace."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from passes.web.api_v1.blueprint import operations
from tests.sweep.bad import Bad, faults
from tests.sweep.pages import PAGES
from tests.sweep.places import Places
from tests.sweep.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "NONSENSE")


@pytest.mark.parametrize("endpoint", PAGES)
def test_bad_input_is_refused_clearly_and_leaves_no_trace(world: World, endpoint: str) -> None:
    asked = list(PAGES[endpoint](Places(world)))
    found = faults(world.app, world.database, asked)
    assert not found, "\n".join(found)


def test_every_address_there_is_is_swept(world: World) -> None:
    known = PAGES.keys() | {f"api_v1.{operation.name}" for operation in operations()}
    assert {rule.endpoint for rule in world.app.url_map.iter_rules()} == known


def wrong_methods(app: Flask) -> Iterator[Bad]:
    """Every address with every method it does not take."""
    adapter = app.url_map.bind("karten.example", url_scheme="https")
    for path in sorted({re.sub(r"<[^>]+>", "x", rule.rule) for rule in app.url_map.iter_rules()}):
        for method in METHODS:
            try:
                adapter.match(path, method=method)
            except MethodNotAllowed:
                yield Bad("wrong method", method, path, frozenset({405}), content_type=None)
            except (NotFound, RequestRedirect):
                raise AssertionError(path) from None


def test_a_method_an_address_does_not_take_is_said_so(world: World) -> None:
    asked = list(wrong_methods(world.app))
    assert len(asked) > 200
    found = faults(world.app, world.database, asked)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api/v1/nowhere", "/apple/v1/nowhere", "/google/nowhere", "/c", "/e/"]
)
def test_an_address_that_is_none_is_nowhere(world: World, path: str) -> None:
    asked = [Bad("no address", method, path, frozenset({404})) for method in METHODS]
    found = faults(world.app, world.database, asked)
    assert not found, "\n".join(found)
