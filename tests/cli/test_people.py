"""`merchant`, `location`, `apikey` and `staff`: who there is, and who is let in."""

import json

import pytest
from sqlalchemy import select

from passes.audit.models import AuditEntry
from passes.merchants import keys, staff
from tests.cli.conftest import Shell

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_merchant_is_made_and_listed(shell: Shell) -> None:
    made = shell.json(
        "merchant", "create", "--slug", "cafe", "--name", "Café Lindgren", "--time-zone", "Europe/Vienna",
        "--locale", "en",
    )  # fmt: skip
    assert made["time_zone"] == "Europe/Vienna"
    assert made["created_at"].endswith("Z")
    assert shell.json("merchant", "list") == [made]
    assert "Café Lindgren" in shell.run("merchant", "list").stdout


@on_sqlite
def test_a_merchant_lives_in_berlin_and_speaks_german_unless_told_otherwise(shell: Shell) -> None:
    made = shell.json("merchant", "create", "--slug", "cafe", "--name", "Café")
    assert (made["time_zone"], made["locale"]) == ("Europe/Berlin", "de")


@on_sqlite
def test_a_slug_that_is_taken_is_refused_and_nothing_is_made(shell: Shell) -> None:
    shell.merchant("cafe")
    said = shell.refused("merchant", "create", "--slug", "cafe", "--name", "Other")
    assert said == "Error: --slug: is taken; choose another\n"
    assert len(shell.json("merchant", "list")) == 1


@on_sqlite
@pytest.mark.parametrize(
    "command",
    [
        ("location", "create", "--merchant", "nobody", "--name", "Mitte"),
        ("apikey", "create", "--merchant", "nobody", "--scopes", "till"),
        ("apikey", "list", "--merchant", "nobody"),
        ("members", "import", "--merchant", "nobody", __file__),
        ("cards", "issue", "--merchant", "nobody", "--program", "prog_1", "--count", "1"),
    ],
)
def test_an_unknown_merchant_is_named_and_the_way_to_find_the_known_ones(
    shell: Shell, command: tuple[str, ...]
) -> None:
    said = shell.refused(*command)
    assert said.endswith(
        "Error: --merchant: there is none called 'nobody'; see: python -m passes merchant list\n"
    )


def test_a_shop_is_opened(shell: Shell) -> None:
    merchant_id = shell.merchant()
    made = shell.json("location", "create", "--merchant", "cafe", "--name", "Mitte", "--time-zone", "UTC")
    assert (made["merchant_id"], made["name"], made["time_zone"]) == (merchant_id, "Mitte", "UTC")
    assert made["id"].startswith("loc_")


@on_sqlite
def test_a_shop_in_no_time_zone_is_refused(shell: Shell) -> None:
    shell.merchant()
    said = shell.refused("location", "create", "--merchant", "cafe", "--name", "M", "--time-zone", "Moon")
    assert "--time-zone: must be" in said


def test_a_key_is_printed_once_and_lets_in_until_it_is_revoked(shell: Shell) -> None:
    merchant_id = shell.merchant()
    shop = shell.json("location", "create", "--merchant", "cafe", "--name", "Mitte")["id"]
    made = shell.json("apikey", "create", "--merchant", "cafe", "--scopes", "till, read", "--location", shop)
    assert made.keys() == {"id", "key"}
    with shell.database.read() as uow:
        caller = keys.authenticate(uow, made["key"])
    assert caller is not None
    assert (caller.merchant_id, caller.scopes, caller.location_id) == (merchant_id, {"till", "read"}, shop)
    assert made["key"] not in shell.run("apikey", "list", "--merchant", "cafe", "--json").stdout
    assert shell.json("apikey", "revoke", made["id"])["revoked_at"]
    with shell.database.read() as uow:
        assert keys.authenticate(uow, made["key"]) is None


@on_sqlite
def test_a_person_reading_gets_the_key_alone_on_standard_output(shell: Shell) -> None:
    shell.merchant()
    result = shell.run("apikey", "create", "--merchant", "cafe", "--scopes", "till")
    assert keys.is_well_formed(result.stdout.strip())
    assert "not shown again" in result.stderr
    assert result.stdout.strip() not in shell.run("apikey", "list", "--merchant", "cafe").stdout


@on_sqlite
@pytest.mark.parametrize(
    "options, complaint",
    [
        (("--scopes", "till,fly"), "--scopes: must be one or more of till, manage, marketing, read"),
        (("--scopes", ""), "--scopes: must be one or more of"),
        (("--scopes", "till", "--location", "here"), "--location: "),
    ],
)
def test_a_key_for_something_that_does_not_exist_is_refused(
    shell: Shell, options: tuple[str, ...], complaint: str
) -> None:
    shell.merchant()
    assert complaint in shell.refused("apikey", "create", "--merchant", "cafe", *options)
    assert shell.json("apikey", "list", "--merchant", "cafe") == []


@on_sqlite
def test_a_key_for_another_merchants_shop_is_refused(shell: Shell) -> None:
    shell.merchant("cafe")
    shell.merchant("bar")
    shop = shell.json("location", "create", "--merchant", "bar", "--name", "Mitte")["id"]
    said = shell.refused(
        "apikey", "create", "--merchant", "cafe", "--scopes", "till", "--location", shop, exit_code=1
    )
    assert said == "Error: There is no such location.\n"


@on_sqlite
def test_revoking_what_is_no_key_is_refused(shell: Shell) -> None:
    assert shell.refused("apikey", "revoke", "key_x", exit_code=1) == "Error: There is no such key.\n"


STAFF = ("staff", "create", "--merchant", "cafe", "--name", "Ada", "--email", "ada@cafe.example")


def test_a_person_is_let_in_by_a_password_from_standard_input(shell: Shell) -> None:
    merchant_id = shell.merchant()
    made = shell.json(*STAFF, "--scopes", "marketing", stdin="a long password\n")
    assert made["email"] == "ada@cafe.example"
    with shell.database.read() as uow:
        caller = staff.authenticate_staff(uow, "ada@cafe.example", "a long password")
    assert caller is not None
    assert (caller.merchant_id, caller.actor) == (merchant_id, made["id"])


@on_sqlite
def test_password_and_pin_can_come_from_files(shell: Shell) -> None:
    merchant_id = shell.merchant()
    shop = shell.json("location", "create", "--merchant", "cafe", "--name", "Mitte")["id"]
    password, pin = shell.file("password", "a long password\r\nand a note"), shell.file("pin", "482910\n")
    shell.json(*STAFF, "--scopes", "till", "--password-file", password, "--pin-file", pin)
    with shell.database.read() as uow:
        assert staff.authenticate_staff(uow, "ada@cafe.example", "a long password")
        assert staff.authenticate_pin(uow, merchant_id, shop, "482910")


@on_sqlite
@pytest.mark.parametrize(
    "stdin, complaint", [("short\n", "password: must have 12 to 200"), ("", "password: must have")]
)
def test_a_password_that_is_too_short_is_refused_and_never_repeated(
    shell: Shell, stdin: str, complaint: str
) -> None:
    shell.merchant()
    said = shell.refused(*STAFF, "--scopes", "till", stdin=stdin)
    assert complaint in said
    assert "short" not in said


@on_sqlite
def test_what_commands_do_is_in_the_audit_log_as_the_operators(shell: Shell) -> None:
    shell.merchant()
    shell.json("apikey", "create", "--merchant", "cafe", "--scopes", "till")
    shell.json(*STAFF, "--scopes", "till", stdin="a long password\n")
    with shell.database.read() as uow:
        entries = uow.conn.execute(select(AuditEntry.actor, AuditEntry.action, AuditEntry.details)).all()
    assert {entry.actor for entry in entries} == {"cli"}
    assert [entry.action for entry in entries] == [
        "merchants.create",
        "merchants.create_key",
        "merchants.create_staff",
    ]
    assert "a long password" not in json.dumps([entry.details for entry in entries])


def test_a_person_is_listed_and_shut_out(shell: Shell) -> None:
    shell.merchant("cafe")
    shell.merchant("other")
    person = ("--name", "Ada", "--email", "ada@example.com", "--scopes", "till,manage")
    made = shell.json("staff", "create", "--merchant", "cafe", *person, stdin="correct horse\n")
    assert [one["id"] for one in shell.json("staff", "list", "--merchant", "cafe")] == [made["id"]]
    assert shell.json("staff", "list", "--merchant", "other") == []
    assert "Ada" in shell.run("staff", "list", "--merchant", "cafe").stdout
    assert "nobody here" in shell.refused("staff", "disable", "--merchant", "other", made["id"], exit_code=1)
    ended = shell.json("staff", "disable", "--merchant", "cafe", made["id"])
    assert ended["disabled_at"]
    assert shell.json("staff", "list", "--merchant", "cafe") == [ended]
    with shell.database.read() as uow:
        assert staff.authenticate_staff(uow, "ada@example.com", "correct horse") is None


def test_the_audit_log_is_handed_out_in_its_order(shell: Shell) -> None:
    shell.merchant("other")
    merchant_id = shell.merchant("cafe")
    key = shell.json("apikey", "create", "--merchant", "cafe", "--scopes", "till")
    shell.json("apikey", "revoke", key["id"])
    shell.json("certs", "dev", "--merchant", "cafe")
    lines = [
        json.loads(line)
        for line in shell.run("audit", "export", "--merchant", "cafe").stdout.split("\n")[:-1]
    ]
    assert [(line["action"], line["actor"]) for line in lines] == [
        ("merchants.create", "cli"),
        ("merchants.create_key", "cli"),
        ("merchants.revoke_key", "cli"),
        ("signing.import", "cli"),
    ]
    assert [line["subject"] for line in lines[:3]] == [merchant_id, key["id"], key["id"]]
    file = shell.folder / "log.jsonl"
    assert shell.run("audit", "export", "--merchant", "cafe", "--out", str(file)).exit_code == 0
    assert [json.loads(line) for line in file.read_text().splitlines()] == lines
    assert file.stat().st_mode & 0o077 == 0
    assert shell.run("audit", "export", "--merchant", "cafe", "--until", "2000-01-01T00:00:00Z").stdout == ""
