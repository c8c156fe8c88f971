"""Every promise has a test, every test a promise, and a broken promise is noticed by its own tests."""

from typing import Any

import pytest
from flask import Flask

from passes.web import accidents
from tests.contract.breaks import Break
from tests.contract.breaks_form import FORM
from tests.contract.breaks_orders import ORDERS
from tests.contract.breaks_value import VALUE
from tests.contract.promises import cases, numbered, promised_tests, run_afresh

BREAKS = [*FORM, *VALUE, *ORDERS]


class Deaf:
    """Hears nothing of accidents: one is noticed by who looks at the answer 500, or not at all."""

    def exception(self, event: str, **details: Any) -> None:
        """No trace is written, which would take longer than the test."""


def test_every_promise_is_shown_by_a_test_and_every_test_shows_a_promise() -> None:
    numbers = [number for number, _ in numbered()]
    assert len(numbers) == len(set(numbers))
    assert set(promised_tests()) == set(numbers)


def test_every_break_breaks_a_promise_there_is() -> None:
    assert {broken.promise for broken in BREAKS} <= set(promised_tests())


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("broken", BREAKS, ids=str)
def test_a_broken_promise_is_noticed(
    request: pytest.FixtureRequest, api_app: Flask, monkeypatch: pytest.MonkeyPatch, broken: Break
) -> None:
    monkeypatch.setattr(accidents, "log", Deaf())
    broken.plant(monkeypatch)
    for test in promised_tests()[broken.promise]:
        for given in cases(test):
            try:
                run_afresh(request, test, given)
            except (AssertionError, KeyError):
                return
    pytest.fail(f"{broken} goes unnoticed")
