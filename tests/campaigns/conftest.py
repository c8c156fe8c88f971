"""A shop to campaign for, on both databases."""

import sys

import pytest

from passes.campaigns import run
from passes.clock import FixedClock
from passes.db.engine import Database
from tests.campaigns.shop import Shop


class _Loud:
    """A log that makes the test fail of what a run would log and go on from."""

    def exception(self, *_: object, **__: object) -> None:
        error = sys.exc_info()[1]
        assert error is not None
        raise error

    def warning(self, *_: object, **__: object) -> None:
        """What is only a pity is let through."""


@pytest.fixture(autouse=True)
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing a run could stumble over passes for a campaign without effect."""
    monkeypatch.setattr(run, "log", _Loud())


@pytest.fixture
def shop(database: Database, clock: FixedClock) -> Shop:
    """An open shop, on a Monday morning in March."""
    return Shop(database, clock).open()
