"""`ledger verify` says that the books agree, or where they do not; `ledger export` lets others say so."""

import json
import re
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from tests.cli.conftest import Shell
from tests.cli.offers import a_program

SCRIPT = Path(__file__).parents[2] / "docs" / "audit" / "verify_export.py"


def test_sound_books_are_ok_and_damaged_ones_are_not(shell: Shell) -> None:
    program_id = a_program(shell, shell.merchant(), "gift")
    shell.json(
        "cards", "issue", "--merchant", "cafe", "--program", program_id, "--count", "2", "--amount", "700"
    )
    assert shell.json("ledger", "verify") == {
        "ok": True,
        "cards": 2,
        "transactions": 2,
        "transactions_after_last_root": 2,
    }
    assert "the books agree" in shell.run("ledger", "verify").stdout
    with shell.database.write() as uow:
        uow.conn.execute(text("UPDATE accounts SET balance = balance + 1 WHERE balance = 700"))
    found = shell.json("ledger", "verify", exit_code=1)
    assert (found["ok"], found["cards"], found["transactions"]) == (False, 2, 2)
    assert any("has 701" in fault for fault in found["faults"])
    result = shell.run("ledger", "verify")
    assert result.exit_code == 1
    assert "has 701" in result.stdout
    assert "Verifying" in result.stderr


def test_the_command_and_the_script_as_an_auditor_runs_them(shell: Shell) -> None:
    program_id = a_program(shell, shell.merchant(), "gift")
    shell.json(
        "cards", "issue", "--merchant", "cafe", "--program", program_id, "--count", "2", "--amount", "700"
    )
    file = shell.folder / "books.jsonl"
    shell.run("ledger", "export", "--merchant", "cafe", "--out", str(file))
    assert file.read_text() == shell.run("ledger", "export", "--merchant", "cafe").stdout
    assert file.stat().st_mode & 0o077 == 0
    assert "exists already" in shell.refused("ledger", "export", "--merchant", "cafe", "--out", str(file))
    checked = [sys.executable, str(SCRIPT), "00" * 32]
    books = file.read_text()
    done = subprocess.run(checked, input=books, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["entries_after_last_root"] == 2
    edited = books.replace('"amount":700', '"amount":7000')
    for wrong, complaint in (
        (edited, r"line 2: txn_\w+ was changed"),
        (books.replace('"entries":', '"remarks":'), "line 2: KeyError 'entries'"),
        ("", "line 1: JSONDecodeError .*"),
    ):
        failed = subprocess.run(checked, input=wrong, capture_output=True, text=True, check=False)
        assert (failed.returncode, failed.stdout) == (1, "")
        assert re.fullmatch(f"NOT WHAT WAS BOOKED: {complaint}\n", failed.stderr), failed.stderr
