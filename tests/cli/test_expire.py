"""`expire run`: what has run out, at a moment one names."""

import pytest

from tests.cli.conftest import Shell
from tests.cli.offers import a_program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_run_books_what_has_ended_once_and_a_rehearsal_nothing(shell: Shell) -> None:
    program = a_program(shell, shell.merchant("cafe"), "gift")
    shell.json("cards", "issue", "--merchant", "cafe", "--program", program, "--count", "2")
    line = ("expire", "run", "--now", "2100-01-01T00:00:00Z")
    nothing = {"cards": 0, "emptied": 0, "ended": 0, "failed": 0}
    for more in (["--dry-run"], []):
        found = shell.json(*line, *more)
        assert {name: found[name] for name in nothing} == nothing
    assert "lost what ran out" in shell.run(*line).stdout
