"""`cards issue`: many cards, listed where their owner wants them and nobody else reads them."""

import csv
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from passes.cards.models import Card
from passes.cells import plain_cell
from passes.cli import cards as command
from passes.ids import normalise_code
from tests.cli.conftest import Shell
from tests.cli.offers import a_program

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def count(shell: Shell) -> int:
    with shell.database.read() as uow:
        return uow.conn.execute(select(func.count()).select_from(Card)).scalar_one()


def test_cards_are_issued_in_batches_and_listed_in_a_file(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "BATCH", 3)
    program_id, path = a_program(shell, shell.merchant(), "gift"), tmp_path / "cards.csv"
    report = shell.json(
        "cards", "issue", "--merchant", "cafe", "--program", program_id, "--count", "7", "--amount", "2500",
        "--csv", str(path),
    )  # fmt: skip
    assert report == {"issued": 7, "csv": str(path), "cards": []}
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["id"] for row in rows}) == 7
    assert all(normalise_code(row["code"]) for row in rows)
    assert all(row["page"].startswith("http://127.0.0.1:8000/c/") for row in rows)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with shell.database.read() as uow:
        issued = {row.id: row for row in uow.conn.execute(select(Card.__table__))}
    assert issued.keys() == {row["id"] for row in rows}
    assert {card.state for card in issued.values()} == {"active"}
    assert shell.json("ledger", "verify") == {
        "ok": True,
        "cards": 7,
        "transactions": 7,
        "transactions_after_last_root": 7,
    }


@on_sqlite
def test_without_a_file_the_cards_are_printed(shell: Shell) -> None:
    program_id = a_program(shell, shell.merchant(), "stamp")
    issue = ("cards", "issue", "--merchant", "cafe", "--program", program_id, "--count", "2")
    assert len(shell.json(*issue)["cards"]) == 2
    result = shell.run(*issue)
    assert result.stdout.splitlines()[-1] == "2 cards issued."
    assert len(result.stdout.splitlines()) == 3
    assert "Issuing" in result.stderr


@on_sqlite
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_cards_are_printed_as_they_are_made_and_not_kept(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    happened: list[str] = []
    echo, issue = command.click.echo, command._issue_batch

    def said(text: str, *more: Any, **how: Any) -> None:
        happened.append("said")
        echo(text, *more, **how)

    def issued(*what: Any) -> Any:
        happened.append("issued")
        return issue(*what)

    monkeypatch.setattr(command, "BATCH", 2)
    monkeypatch.setattr(command.click, "echo", said)
    monkeypatch.setattr(command, "_issue_batch", issued)
    program_id = a_program(shell, shell.merchant(), "stamp")
    happened.clear()
    shell.run("cards", "issue", "--merchant", "cafe", "--program", program_id, "--count", "4", *options)
    assert happened.index("said") == 1
    assert happened[:6] == ["issued", "said", "said", "issued", "said", "said"]


@on_sqlite
@pytest.mark.parametrize(
    "options, complaint",
    [
        (("--count", "0"), "'--count'"),
        (("--count", "1.5"), "'--count'"),
        (("--count", "1", "--program", "prog_x"), "--program: merchant cafe has none with the id 'prog_x'"),
        (("--count", "1", "--amount", "100"), "--amount: is for gift cards; this is a stamp program"),
        (("--count", "1", "--csv", __file__), "test_cards.py exists already; name a new file"),
        (("--count", "1", "--csv", "/proc/nowhere/x.csv"), "--csv: /proc/nowhere/x.csv cannot be written"),
    ],
)
def test_bad_input_is_named_and_issues_nothing(
    shell: Shell, options: tuple[str, ...], complaint: str
) -> None:
    program_id = a_program(shell, shell.merchant(), "stamp")
    said = shell.refused("cards", "issue", "--merchant", "cafe", "--program", program_id, *options)
    assert complaint in said
    assert count(shell) == 0


@on_sqlite
def test_a_limit_of_the_program_refuses_the_whole_batch(shell: Shell) -> None:
    program_id = a_program(shell, shell.merchant(), "gift")
    said = shell.refused(
        "cards", "issue", "--merchant", "cafe", "--program", program_id, "--count", "5", "--amount", "9999",
        exit_code=1,
    )  # fmt: skip
    assert "at most 5000" in said
    assert count(shell) == 0


@on_sqlite
def test_a_program_of_another_merchant_is_none(shell: Shell) -> None:
    program_id = a_program(shell, shell.merchant("cafe"), "stamp")
    shell.merchant("bar")
    said = shell.refused("cards", "issue", "--merchant", "bar", "--program", program_id, "--count", "1")
    assert "--program: merchant bar has none" in said


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-1", "@x", "\tx", "\rx", "\nx"])
def test_no_cell_becomes_a_formula(cell: str) -> None:
    assert plain_cell(cell) == f"'{cell}"


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert plain_cell("ABCD-EFGH") == "ABCD-EFGH"
