"""`campaigns`: from a file to members, at a moment one names."""

import json
from typing import Any

import pytest

from passes.cards import service as card_service
from passes.members.rules import ConsentDraft
from passes.merchants import queries as merchants
from passes.programs import queries as programs
from tests.cli.conftest import Shell
from tests.cli.offers import a_program
from tests.factories.merchants import a_member

YES = ConsentDraft(purpose="marketing", channel="wallet", granted=True, wording="Yes.", source="till")
DRAFT: dict[str, Any] = {
    "name": "Hello",
    "trigger": {"type": "manual"},
    "message": {"de": "Hallo {first_name}", "en": "Hello {first_name}"},
}
NOON = "2100-03-02T12:00:00Z"


def members(shell: Shell, merchant_id: str) -> None:
    """Two members with a card; one of them wants to hear from us."""
    program_id = a_program(shell, merchant_id, "stamp")
    with shell.database.write() as uow:
        merchant = merchants.merchant(uow, merchant_id)
        program = programs.get(uow, merchant_id, program_id)
        for known in ({"name": "Ada B.", "consents": (YES,)}, {"name": "Bo"}):
            member = a_member(uow, merchant, **known)
            card_service.issue(uow, program, actor="test", member_id=member.id)


def a_campaign(shell: Shell, **changes: Any) -> str:
    path = shell.file("campaign.json", json.dumps({**DRAFT, **changes}))
    return str(shell.json("campaigns", "create", "--merchant", "cafe", path)["id"])


def test_a_campaign_is_drafted_counted_launched_run_and_told_of(shell: Shell) -> None:
    members(shell, shell.merchant())
    campaign_id = a_campaign(shell)
    found = shell.json("campaigns", "preview", campaign_id)
    assert (found["count"], found["consenting"]) == (2, 1)
    assert shell.json("campaigns", "results", campaign_id)["planned"] == 0
    launched = shell.json("campaigns", "launch", campaign_id)
    assert (launched["audience_count"], launched["planned"]) == (2, 2)
    dry = shell.json("campaigns", "run", "--now", NOON, "--dry-run")
    assert (dry["dry_run"], dry["sent"], dry["now"]) == (True, 1, NOON)
    assert shell.json("campaigns", "results", campaign_id)["sent"] == 0
    ran = shell.json("campaigns", "run", "--now", NOON)
    assert (ran["sent"], ran["suppressed"]) == (1, {"no_consent": 1})
    results = shell.json("campaigns", "results", campaign_id)
    assert (results["planned"], results["sent"]) == (0, 1)
    again = shell.json("campaigns", "run", "--now", NOON)
    assert (again["planned"], again["sent"]) == (0, 0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_people_read_counts_and_both_texts(shell: Shell) -> None:
    members(shell, shell.merchant())
    campaign_id = a_campaign(shell)
    said = shell.run("campaigns", "preview", campaign_id).stdout
    assert said == (
        "2 members, 1 of whom agreed to hear from you.\nde: Hallo {first_name}\nen: Hello {first_name}\n"
    )
    result = shell.run("campaigns", "launch", campaign_id)
    assert result.stdout == "Launched for 2 members; 2 messages are planned.\n"
    assert "Planning" in result.stderr
    assert "sent: 1\n" in shell.run("campaigns", "run", "--now", NOON).stdout
    assert "sent: 1\n" in shell.run("campaigns", "results", campaign_id).stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "content, complaint",
    [
        ("{", "is no JSON"),
        ("[]", "must hold one JSON object"),
        ('{"name": "x"}', "Error: trigger: "),
        (json.dumps({**DRAFT, "message": {"de": "Hallo"}}), "Error: message.en: "),
        (json.dumps({**DRAFT, "mesage": 1}), "Error: mesage: "),
        (json.dumps({**DRAFT, "trigger": {"type": "inactivity"}}), "Error: trigger.days: "),
    ],
)
def test_a_wrong_file_is_refused_with_the_field_that_is_wrong(
    shell: Shell, content: str, complaint: str
) -> None:
    shell.merchant()
    path = shell.file("campaign.json", content)
    assert complaint in shell.refused("campaigns", "create", "--merchant", "cafe", path)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("verb", ["preview", "launch", "results"])
def test_an_unknown_campaign_is_refused(shell: Shell, verb: str) -> None:
    said = shell.refused("campaigns", verb, "camp_x", exit_code=1)
    assert said == "Error: There is no campaign camp_x.\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_campaign_is_launched_once(shell: Shell) -> None:
    members(shell, shell.merchant())
    campaign_id = a_campaign(shell)
    shell.json("campaigns", "launch", campaign_id)
    assert "finished" in shell.refused("campaigns", "launch", campaign_id, exit_code=1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("moment", ["tomorrow", "2026-03-02", "2026-03-02T12:00:00"])
def test_a_moment_needs_its_offset(shell: Shell, moment: str) -> None:
    assert "'--now'" in shell.refused("campaigns", "run", "--now", moment)
