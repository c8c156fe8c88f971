"""Real time under control, and a process without a memory."""

import pytest

from passes.limits import debts
from tests.fixtures.api import Shop
from tests.limits.guessers import Watch, unpace


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The clock of locks and debts; it stands still unless moved."""
    watch = Watch()
    monkeypatch.setattr(debts, "now_ms", watch)
    return watch


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """No process remembers a lock or paces, so that every answer comes from the database."""
    unpace(monkeypatch, shop)
    monkeypatch.setattr(shop.services.closed, "shut", lambda *_: None)


@pytest.fixture
def unpaced(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """The process remembers locks and lets wrong codes come as fast as they like until then."""
    unpace(monkeypatch, shop)
