"""What holds for every test: no settings of the developer's, a skip where a program is missing.

Sockets are limited in pyproject.toml to this machine. `--no-skips` is for the place that has promised to
have every program: there a skipped test is a failed run.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from passes.db import engine
from passes.wallets.apple.apns import client

pytest_plugins = ["tests.fixtures.databases", "tests.fixtures.api", "tests.fixtures.pages"]

PROGRAMS = {
    "needs_openssl": ("openssl",),
    "needs_chromium": ("chromium", "chromium-browser", "google-chrome"),
    "needs_node": ("node",),
}

# A verdict on the code and not on the machine or on the dice: what is slow is none, and every run tries the
# same examples. `make chaos` rolls others each time.
settings.register_profile(
    "stempel",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("stempel")


def find_program(marker: str) -> str | None:
    """The path of the first program that serves the marker, or None."""
    return next((path for name in PROGRAMS[marker] if (path := shutil.which(name))), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail the run if any test was skipped")


def pytest_configure() -> None:
    for name in [n for n in os.environ if n.startswith("STEMPEL_") and not n.startswith("STEMPEL_TEST_")]:
        del os.environ[name]
    # How long a call waits for another belongs to the tests that ask for `impatient`. In all others a machine
    # that stands still for a moment must not turn an answer into "busy", nor a wallet into one that is away.
    engine.LOCK_TIMEOUT_MS = engine.BUSY_TIMEOUT_MS = 30_000
    client.CONNECT_TIMEOUT_S = 60.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for marker, names in PROGRAMS.items():
        if find_program(marker) is None:
            skip = pytest.mark.skip(reason=f"{' or '.join(names)} is not installed")
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(skip)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", ())) if reporter else 0
    if skipped and session.config.getoption("no_skips"):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"--no-skips: {skipped} skipped test(s) fail this run", red=True)
    return (yield)


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    """Where Playwright finds its browser; only asked for by tests marked needs_chromium."""
    return find_program("needs_chromium")
