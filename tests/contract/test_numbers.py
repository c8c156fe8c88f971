"""Every promise has a test, every test a promise, and a broken promise is noticed by its own tests."""

from typing import Any

import pytest
from flask import Flask

import passes.app
from tests.contract.breaks import Break
from tests.contract.breaks_form import FORM
from tests.contract.breaks_value import VALUE
from tests.contract.promises import cases, numbered, promised_tests, run_afresh

BREAKS = [*FORM, *VALUE]
COMING = (
    "B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B11 B12 B13 B14 B15 C5 E27 F53 F55 I13 M23 M24 M27 M28 M29 S1 S2 S3 S4 S5"
)
TO_COME = set(COMING.split())


class Crashed:
    """Hears of accidents: a break that only crashes the application shows nothing."""

    def exception(self, event: str, **details: Any) -> None:
        raise RuntimeError(event)


def test_every_promise_is_shown_by_a_test_and_every_test_shows_a_promise() -> None:
    numbers = [number for number, _ in numbered()]
    assert len(numbers) == len(set(numbers))
    assert set(promised_tests()) == set(numbers) - TO_COME


def test_every_break_breaks_a_promise_there_is() -> None:
    assert {broken.promise for broken in BREAKS} <= set(promised_tests())


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("broken", BREAKS, ids=str)
def test_a_broken_promise_is_noticed(
    request: pytest.FixtureRequest, api_app: Flask, monkeypatch: pytest.MonkeyPatch, broken: Break
) -> None:
    monkeypatch.setattr(passes.app, "log", Crashed())
    broken.plant(monkeypatch)
    for test in promised_tests()[broken.promise]:
        for given in cases(test):
            try:
                run_afresh(request, test, given)
            except (AssertionError, KeyError):
                return
    pytest.fail(f"{broken} goes unnoticed")
