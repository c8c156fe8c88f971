"""A Google on this machine for each test; the service account's key is made once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from passes.wallets.google.bodies import PublicUrls, class_body, object_body
from passes.wallets.google.client import GoogleWallet
from tests.factories.faces import make_face
from tests.fakes.google import GoogleStandIn

URLS = PublicUrls(
    logo="https://karten.example/i/logo.png?v=1",
    hero="https://karten.example/i/hero.png?v=3",
    callback="https://karten.example/google/callback",
)


class FreePace:
    """Lets everything leave at once; remembers what Google said of it."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def acquire(self, patience_s: float) -> None:
        """Always."""

    def succeeded(self) -> None:
        """Nothing to remember."""

    def too_fast(self, retry_after_s: float | None) -> None:
        """Remembered."""
        self.said.append(f"too fast {retry_after_s}")

    def quota_spent(self, message: str) -> None:
        """Remembered."""
        self.said.append("quota spent")


@pytest.fixture(scope="session")
def credentials_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("google")


@pytest.fixture
def stand_in(credentials_directory: Path) -> Iterator[GoogleStandIn]:
    with GoogleStandIn(credentials_directory) as running:
        running.switches.locations_allowed = True
        yield running


@pytest.fixture
def pace() -> FreePace:
    return FreePace()


@pytest.fixture
def wallet(stand_in: GoogleStandIn, pace: FreePace) -> GoogleWallet:
    return GoogleWallet(
        stand_in.credentials_file,
        stand_in.issuer_id,
        pace,
        api_url=stand_in.url,
        timeout_s=60.0,
    )


@pytest.fixture
def patient_wallet(stand_in: GoogleStandIn, pace: FreePace) -> GoogleWallet:
    """The same for tests of what is not about waiting, on a machine that has other things to do."""
    return GoogleWallet(
        stand_in.credentials_file, stand_in.issuer_id, pace, api_url=stand_in.url, timeout_s=60.0
    )


@pytest.fixture
def render(stand_in: GoogleStandIn) -> Callable[..., tuple[dict[str, Any], dict[str, Any]]]:
    """Class and object body of a face made from the arguments."""

    def bodies(kind: Any = "stamp", **overrides: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        face = make_face(kind, **overrides)
        issuer = stand_in.issuer_id
        return class_body(face, issuer, URLS).body, object_body(face, issuer, URLS).body

    return bodies
