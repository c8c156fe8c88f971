"""The numbered promises, the tests that carry their numbers, and how such a test is run again over a bug."""

import importlib
import inspect
import itertools
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.api import Shop
from tests.fixtures.databases import START

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parents[1] / "docs" / "till-api-promises.md"
Test = Callable[..., None]
_ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+) \|$", re.MULTILINE)
_numbers = itertools.count(1)


def numbered() -> list[tuple[str, str]]:
    """Every number and its statement, in the order of the document."""
    return _ROW.findall(DOCUMENT.read_text(encoding="utf-8"))


@cache
def promised_tests() -> dict[str, list[Test]]:
    """The tests of this folder that show each promise."""
    found: dict[str, list[Test]] = {}
    for path in sorted(FOLDER.glob("test_*.py")):
        module = importlib.import_module(f"tests.contract.{path.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_") and function.__module__ == module.__name__:
                for mark in getattr(function, "pytestmark", ()):
                    for number in mark.args if mark.name == "promise" else ():
                        found.setdefault(number, []).append(function)
    return found


def cases(test: Test) -> Iterator[dict[str, Any]]:
    """The arguments of every parametrised case of a test."""
    tables = []
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            names = [name.strip() for name in mark.args[0].split(",")]
            rows = [getattr(row, "values", row) if len(names) > 1 else (row,) for row in mark.args[1]]
            tables.append([dict(zip(names, row, strict=True)) for row in rows])
    for rows in itertools.product(*tables):
        yield {name: value for row in rows for name, value in row.items()}


def run_afresh(request: pytest.FixtureRequest, test: Test, given: dict[str, Any]) -> None:
    """Run one case of a test with shops of its own, at the usual time."""
    app, services = request.getfixturevalue("api_app"), request.getfixturevalue("services")
    request.getfixturevalue("clock").at = START
    number = next(_numbers)
    shop = Shop(app, services, f"again-{number}").open()
    fresh: dict[str, Callable[[], Any]] = {
        "shop": lambda: shop,
        "other_shop": lambda: Shop(app, services, f"beside-{number}").open(),
        "till": lambda: shop.till,
        "marketing": lambda: shop.client("marketing"),
    }
    with pytest.MonkeyPatch.context() as patch:
        fresh["monkeypatch"] = lambda: patch
        names = inspect.signature(test).parameters.keys() - given.keys()
        fixtures = {name: fresh[name]() if name in fresh else request.getfixturevalue(name) for name in names}
        test(**fixtures, **given)
