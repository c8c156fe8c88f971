"""`ledger verify`: says that the books agree, or where they do not."""

from sqlalchemy import text

from tests.cli.conftest import Shell
from tests.cli.offers import a_program


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
