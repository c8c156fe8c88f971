"""Every command, whatever is wrong on its line or in its files: one sentence, an exit code, nothing done."""

from collections.abc import Iterator

import click
import pytest
import structlog

from passes.clock import SystemClock
from passes.db.engine import Database
from tests.cli.conftest import KEYS, Shell
from tests.fixtures.databases import DATABASES, make_database
from tests.sweep.commands import BadLine, Stock, bad_lines, commands, complaints, groups
from tests.sweep.fingerprint import changed, fingerprint

ALL = dict(commands())


@pytest.fixture(scope="module", params=DATABASES)
def stock(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """A shop to run commands on; nothing of it may change."""
    folder = tmp_path_factory.mktemp("commands")
    url = make_database(request, request.param, folder)
    environment = {
        "STEMPEL_DATABASE_URL": url,
        "STEMPEL_DATA_DIR": str(folder / "var"),
        "STEMPEL_CERTS_DIR": str(folder / "certs"),
        **KEYS,
    }
    database = Database(url, SystemClock(), "key")
    yield Stock(Shell(environment, database, folder))
    database.close()
    structlog.reset_defaults()


def faults(stock: Stock, lines: list[BadLine]) -> list[str]:
    """What is wrong with how bad lines are answered."""
    shell, found = stock.shell, []
    before = fingerprint(shell.database, [shell.folder])
    for line in lines:
        found += [f"{line}: {complaint}" for complaint in complaints(shell, line)]
        after = fingerprint(shell.database, [shell.folder])
        if traces := changed(before, after):
            found.append(f"{line}: left a trace in {', '.join(traces)}")
        before = after
    return found


@pytest.mark.parametrize("name", ALL)
def test_a_bad_line_gets_a_sentence_and_leaves_no_trace(stock: Stock, name: str) -> None:
    lines = list(bad_lines(stock, name, ALL[name]))
    found = faults(stock, lines)
    assert not found, "\n".join(found)


def test_every_command_and_every_option_is_swept(stock: Stock) -> None:
    assert stock.well().keys() == ALL.keys()


def test_a_command_there_is_not_is_said_so(stock: Stock) -> None:
    lines = [BadLine((*above, word), word) for above in groups() for word in ("nonsense", "--surprise")]
    found = faults(stock, lines)
    assert not found, "\n".join(found)
    assert len(lines) > 10
    assert isinstance(ALL["serve"], click.Command)
