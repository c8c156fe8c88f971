"""`db upgrade` and `db check`."""

from pathlib import Path

import pytest

from passes.clock import SystemClock
from passes.db.engine import Database
from tests.cli.conftest import Shell


def test_an_empty_database_is_migrated_once(shell: Shell, empty_database_url: str) -> None:
    there = {"STEMPEL_DATABASE_URL": empty_database_url}
    found = shell.json("db", "check", exit_code=1, **there)
    assert found == {"ok": False, "pending": True, "drift": []}
    assert shell.json("db", "upgrade", **there) == {"changed": True}
    assert shell.json("db", "upgrade", **there) == {"changed": False}
    assert shell.json("db", "check", **there) == {"ok": True, "pending": False, "drift": []}


def test_a_column_the_code_does_not_know_is_drift(shell: Shell) -> None:
    with shell.database.write() as uow:
        uow.conn.exec_driver_sql("ALTER TABLE members ADD COLUMN shoe_size INTEGER")
    found = shell.json("db", "check", exit_code=1)
    assert not found["ok"]
    assert "shoe_size" in found["drift"][0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_people_are_told_the_same(shell: Shell, tmp_path: Path) -> None:
    there = {"STEMPEL_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}
    assert "run: python -m passes db upgrade" in shell.run("db", "check", **there).stdout
    assert "up to date now" in shell.run("db", "upgrade", **there).stdout
    assert "agree" in shell.run("db", "check", **there).stdout
    assert Database(there["STEMPEL_DATABASE_URL"], SystemClock()).is_sqlite
