"""The demo's keys and login: the same at every start, made anew only where they let nobody in."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from passes.cli.demo.logins import Logins, save, working_logins
from passes.db.engine import Database
from passes.errors import ConfigurationError
from passes.merchants import keys, staff
from passes.merchants.access import SCOPES
from tests.factories.merchants import a_merchant

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def merchant_id(database: Database) -> str:
    with database.write() as uow:
        return a_merchant(uow).id


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "demo.json"


def start(database: Database, merchant_id: str, path: Path) -> Logins:
    with database.write() as uow:
        logins = working_logins(uow, merchant_id, path)
    save(logins, path)
    return logins


def test_a_key_for_each_scope_and_a_person_are_made_and_work(
    database: Database, merchant_id: str, path: Path
) -> None:
    logins = start(database, merchant_id, path)
    with database.read() as uow:
        for scope in SCOPES:
            caller = keys.authenticate(uow, logins.keys[scope])
            assert caller is not None
            assert caller.scopes == {scope}
        assert staff.authenticate_staff(uow, logins.staff.email, logins.staff.password)


def test_the_next_start_finds_the_same(database: Database, merchant_id: str, path: Path) -> None:
    assert start(database, merchant_id, path) == start(database, merchant_id, path)


def test_nobody_else_can_read_the_file(database: Database, merchant_id: str, path: Path) -> None:
    start(database, merchant_id, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.glob(".demo.json*")) == []


def test_a_start_that_broke_off_before_the_file_was_written_is_made_good(
    database: Database, merchant_id: str, path: Path
) -> None:
    with database.write() as uow:
        lost = working_logins(uow, merchant_id, path)
    found = start(database, merchant_id, path)
    assert found.staff.email != lost.staff.email
    assert start(database, merchant_id, path) == found


def test_a_file_that_outlived_its_database_is_made_good(
    database: Database, merchant_id: str, path: Path
) -> None:
    with database.write() as uow:
        elsewhere = working_logins(uow, a_merchant(uow, "other").id, path)
    save(elsewhere, path)
    found = start(database, merchant_id, path)
    assert set(found.keys.values()).isdisjoint(elsewhere.keys.values())


def test_only_what_does_not_work_is_replaced(database: Database, merchant_id: str, path: Path) -> None:
    logins = start(database, merchant_id, path)
    save(replace(logins, keys={**logins.keys, "till": "sk_stempel_revoked"}), path)
    found = start(database, merchant_id, path)
    assert found.keys["till"] != logins.keys["till"]
    assert replace(found, keys={**found.keys, "till": logins.keys["till"]}) == logins


@pytest.mark.parametrize("content", ["{", "[]", '{"keys": 1}'])
def test_a_damaged_file_is_named(database: Database, merchant_id: str, path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=r"demo\.json .*remove it for new keys"):
        start(database, merchant_id, path)
