"""`members import`: a report row by row, and nothing done in a dry run."""

import pytest
from sqlalchemy import func, select

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.members import queries as members
from passes.members.models import Member
from passes.programs import queries as programs
from tests.cli.conftest import Shell
from tests.cli.offers import a_program

LIST = """external_id,name,email,birthday,consent_wallet,consent_wording
1,Ada,ada@x.example,1990-12-10,yes,You may write to me
2,Bo,not an address,,,
3,Cy,cy@x.example,1990-02-30,,
"""
GOOD = "\n".join(LIST.splitlines()[:2])


def count(shell: Shell) -> int:
    with shell.database.read() as uow:
        return uow.conn.execute(select(func.count()).select_from(Member)).scalar_one()


def test_a_list_is_imported_and_every_refused_row_named(shell: Shell) -> None:
    shell.merchant()
    path = shell.file("members.csv", LIST)
    report = shell.json("members", "import", "--merchant", "cafe", path, exit_code=1)
    counts = {name: report[name] for name in ("rows", "created", "updated", "unchanged", "refused")}
    assert counts == {"rows": 3, "created": 1, "updated": 0, "unchanged": 0, "refused": 2}
    assert [(p["row"], p["field"]) for p in report["problems"]] == [(3, "email"), (4, "birthday")]
    assert count(shell) == 1
    again = shell.json("members", "import", "--merchant", "cafe", path, exit_code=1)
    assert (again["created"], again["unchanged"]) == (0, 1)


def test_a_dry_run_reports_the_same_and_changes_nothing(shell: Shell) -> None:
    shell.merchant()
    path = shell.file("members.csv", LIST)
    dry = shell.json("members", "import", "--merchant", "cafe", path, "--dry-run", exit_code=1)
    assert count(shell) == 0
    assert dry["dry_run"] is True
    wet = shell.json("members", "import", "--merchant", "cafe", path, exit_code=1)
    assert {**dry, "dry_run": False} == wet
    assert shell.json("members", "import", "--merchant", "cafe", shell.file("m.csv", GOOD))["refused"] == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_people_read_a_line_for_each_problem_and_the_progress_beside(shell: Shell) -> None:
    shell.merchant()
    result = shell.run("members", "import", "--merchant", "cafe", shell.file("m.csv", LIST), "--dry-run")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith("row 3: email: ")
    assert lines[1].startswith("row 4: birthday: ")
    assert lines[2] == "3 rows: 1 would be created, 0 would be updated, 0 unchanged, 2 refused."
    assert "Checking" in result.stderr


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "content, complaint",
    [
        (b"shoe,size\n1,42\n", "shoe: is a heading we do not know"),
        (b"\0\1\2", "file: is no CSV file"),
        (b"", "file: needs a column external_id or email"),
    ],
)
def test_what_is_no_list_is_refused_whole(shell: Shell, content: bytes, complaint: str) -> None:
    shell.merchant()
    path = shell.file("members.csv", content)
    assert complaint in shell.refused("members", "import", "--merchant", "cafe", path)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_missing_file_is_named(shell: Shell) -> None:
    assert "'/nowhere.csv' does not exist" in shell.refused(
        "members", "import", "--merchant", "cafe", "/nowhere.csv"
    )


def test_a_new_name_gives_the_members_cards_a_new_version(shell: Shell) -> None:
    merchant_id = shell.merchant()
    shell.json("members", "import", "--merchant", "cafe", shell.file("m.csv", "external_id,name\n1,Ada\n"))
    program_id = a_program(shell, merchant_id, "stamp")
    with shell.database.write() as uow:
        ada = members.by_external_id(uow, merchant_id, "1")
        assert ada is not None
        program = programs.get(uow, merchant_id, program_id)
        card = card_service.issue(uow, program, actor="test", member_id=ada.id)
    shell.json("members", "import", "--merchant", "cafe", shell.file("m.csv", "external_id,name\n1,Ada L.\n"))
    with shell.database.read() as uow:
        assert cards.get(uow, merchant_id, card.id).version == card.version + 1
