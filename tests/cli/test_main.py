"""What holds for every command: help, JSON for machines, and sentences for whoever got something wrong."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from passes.cli.base import Complaint
from passes.cli.main import main
from tests.cli.conftest import Shell

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MACHINE_COMMANDS = """
    db upgrade, db check, merchant create, merchant list, location create, apikey create, apikey revoke,
    staff create, certs show, certs import, certs dev, members import, cards issue, ledger verify,
    campaigns create, campaigns preview, campaigns launch, campaigns results, campaigns run,
    outbox status, outbox drain
"""


def commands(group: click.Group = main, *above: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        yield " ".join((*above, name)), command


ALL = dict(commands())


@pytest.mark.parametrize("name", ALL)
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert (ALL[name].help or "").strip()
    for option in ALL[name].params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.name}"


@pytest.mark.parametrize("name", [name.strip() for name in MACHINE_COMMANDS.split(",")])
def test_every_command_of_the_contract_speaks_to_machines(name: str) -> None:
    assert "--json" in {opt for param in ALL[name].params for opt in param.opts}


def test_no_option_takes_a_secret_as_an_argument() -> None:
    for name, command in ALL.items():
        for param in command.params:
            if any(word in opt for opt in param.opts for word in ("password", "passphrase", "pin")):
                in_a_variable = all(opt.endswith("-env") for opt in param.opts)
                assert in_a_variable or isinstance(param.type, click.Path), f"{name} {param.opts}"


def test_it_runs_as_a_module_from_a_checkout() -> None:
    command = [sys.executable, "-m", "passes", "--version"]
    assert "Stempel" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


@ON_SQLITE
@pytest.mark.parametrize(
    "setting, value, complaint",
    [
        (
            "STEMPEL_BASEURL",
            "x",
            "STEMPEL_BASEURL is not a setting of Stempel. Did you mean STEMPEL_BASE_URL?",
        ),
        ("STEMPEL_PORT", "many", "STEMPEL_PORT"),
        ("STEMPEL_BASE_URL", "https://cards.example.com/?shop=1", "STEMPEL_BASE_URL: must be"),
        ("STEMPEL_BASE_URL", "https://ada:hush@cards.example.com", "STEMPEL_BASE_URL: must be"),
        ("STEMPEL_SECRET_KEY", "hush", "STEMPEL_SECRET_KEY must have"),
        ("STEMPEL_GOOGLE_ISSUER_ID", "3388", "STEMPEL_GOOGLE_CREDENTIALS_FILE and STEMPEL_GOOGLE_ISSUER_ID"),
        ("STEMPEL_CLOCK_FILE", "/nowhere", "STEMPEL_CLOCK_FILE: there is no file /nowhere"),
        ("STEMPEL_CLOCK_FILE", sys.executable, "STEMPEL_CLOCK_FILE"),
        ("STEMPEL_DATA_DIR", "/proc/nowhere", "STEMPEL_DATA_DIR"),
        ("STEMPEL_DATABASE_URL", "sqlite:////nowhere/at/all.db", "STEMPEL_DATABASE_URL"),
        ("STEMPEL_DATABASE_URL", "postgresql://u:hush@127.0.0.1:1/x", "STEMPEL_DATABASE_URL"),
        ("STEMPEL_DATABASE_URL", "postgresql://u:hush@127.0.0.1:many/x", "STEMPEL_DATABASE_URL"),
    ],
)
def test_a_setting_that_cannot_work_is_named(shell: Shell, setting: str, value: str, complaint: str) -> None:
    said = shell.refused("merchant", "list", **{setting: value})
    assert complaint in said
    assert "hush" not in said


def test_a_database_that_was_never_migrated_says_so(shell: Shell, empty_database_url: str) -> None:
    for command in (
        ("merchant", "create", "--slug", "cafe", "--name", "Café"),
        ("merchant", "list"),
        ("ledger", "verify"),
        ("outbox", "status"),
    ):
        said = shell.refused(*command, STEMPEL_DATABASE_URL=empty_database_url)
        assert said == "Error: The database is behind the code; run: python -m passes db upgrade\n"


@ON_SQLITE
def test_several_wrong_options_are_named_at_once(shell: Shell) -> None:
    said = shell.refused("merchant", "create", "--slug", "A B", "--name", "x", "--time-zone", "Mars/North")
    assert "--slug: must be" in said
    assert "--time-zone: must be" in said


@ON_SQLITE
def test_what_the_database_refuses_for_good_reason_is_told_in_its_words(shell: Shell) -> None:
    address = shell.environment["STEMPEL_DATABASE_URL"].replace("sqlite:///", "sqlite:///file:")
    said = shell.refused(
        "merchant", "create", "--slug", "cafe", "--name", "C", exit_code=1,
        STEMPEL_DATABASE_URL=f"{address}?mode=ro&uri=true",
    )  # fmt: skip
    assert said == "Error: The database could not do that: attempt to write a readonly database\n"


def test_a_complaint_is_one_line_for_each_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    Complaint(["One.", "Two."]).show()
    assert capsys.readouterr().err == "Error: One.\nError: Two.\n"
