"""A second person above a threshold: for the very thing that was asked, by somebody else, once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from passes.clock import FixedClock
from passes.limits import approvals
from tests.fixtures.api import Answer, Client, Json, Shop, eur
from tests.limits.managing import audited, incidents, new_till, set_limit
from tests.mutants import damage


@pytest.fixture
def clerk(shop: Shop) -> Client:
    """Somebody who may adjust, and above ten euros not alone."""
    set_limit(shop, call="adjust", within="transaction", amount=eur(1000), action="approve")
    return new_till(shop, "manage", "till")


def adjust(clerk: Client, card: Json, cents: int, **said: object) -> Answer:
    body = {"card_id": card["id"], "direction": "increase", "amount": eur(cents), "reason": "support"}
    return clerk.post("/adjustments", {**body, **said})


def refused_as(answer: Answer) -> str:
    """The limit that an answer names, which is a refusal."""
    assert answer.status == 409
    limit: str = answer["limit"]
    return limit


def ask(clerk: Client, card: Json, cents: int = 5000) -> str:
    """The id of the approval that an adjustment needs."""
    answer = adjust(clerk, card, cents)
    assert (answer.status, answer.code, answer["limit"]) == (409, "program_limit", "needs_approval")
    approval_id: str = answer["approval_id"]
    return approval_id


def test_up_to_the_threshold_nobody_else_is_asked(shop: Shop, clerk: Client) -> None:
    assert adjust(clerk, shop.gift(100), 1000).status == 201
    assert shop.manager.get("/approvals")["items"] == []


def test_what_a_second_person_approves_goes_through_once(shop: Shop, clerk: Client) -> None:
    card = shop.gift(100)
    asked = ask(clerk, card)
    waiting = shop.manager.get(f"/approvals/{asked}").ok()
    assert (waiting["status"], waiting["amount"], waiting["card_id"]) == ("pending", eur(5000), card["id"])
    assert refused_as(adjust(clerk, card, 5000, approval_id=asked)) == "approval_pending"
    assert shop.manager.post(f"/approvals/{asked}/approve", key=None).ok()["status"] == "approved"
    assert adjust(clerk, card, 5000, approval_id=asked).status == 201
    assert refused_as(adjust(clerk, card, 5000, approval_id=asked)) == "approval_used"
    assert shop.balance(card) == 5100
    assert shop.manager.get(f"/approvals/{asked}")["status"] == "used"
    assert [audited(shop, f"limits.{what}") for what in ("ask", "approved")] == [1, 1]
    assert [incident["approval_id"] for incident in incidents(shop)] == [asked]


def test_whoever_asked_cannot_approve(shop: Shop, clerk: Client) -> None:
    asked = ask(clerk, shop.gift(100))
    refused = clerk.post(f"/approvals/{asked}/approve", key=None)
    assert (refused.status, refused.code) == (409, "second_person_required")
    assert shop.manager.get(f"/approvals/{asked}")["status"] == "pending"


@pytest.mark.parametrize(
    "changed",
    [{"amount": eur(5001)}, {"direction": "decrease"}, {"card_id": "another"}],
    ids=["amount", "direction", "card"],
)
def test_an_approval_is_for_the_very_thing_that_was_asked(shop: Shop, clerk: Client, changed: Json) -> None:
    card, another = shop.gift(9000), shop.gift(9000)
    asked = ask(clerk, card)
    shop.manager.post(f"/approvals/{asked}/approve", key=None).ok()
    if "card_id" in changed:
        changed = {"card_id": another["id"]}
    assert (
        refused_as(adjust(clerk, card, 5000, approval_id=asked, **changed)) == "approval_for_something_else"
    )
    assert adjust(new_till(shop, "manage"), card, 5000, approval_id=asked).status == 409
    assert adjust(clerk, card, 5000, approval_id=asked).status == 201


def test_a_no_is_a_no_and_is_said_once(shop: Shop, clerk: Client) -> None:
    card = shop.gift(100)
    asked = ask(clerk, card)
    assert shop.manager.post(f"/approvals/{asked}/reject", key=None).ok()["status"] == "rejected"
    again = shop.manager.post(f"/approvals/{asked}/approve", key=None)
    assert (again.status, again.code, again["state"]) == (409, "approval_state", "rejected")
    assert refused_as(adjust(clerk, card, 5000, approval_id=asked)) == "approval_rejected"


def test_an_approval_runs_out_after_a_day(shop: Shop, clerk: Client, clock: FixedClock) -> None:
    card = shop.gift(100)
    asked, late = ask(clerk, card), ask(clerk, card)
    shop.manager.post(f"/approvals/{asked}/approve", key=None).ok()
    clock.at += timedelta(days=1)
    assert refused_as(adjust(clerk, card, 5000, approval_id=asked)) == "approval_expired"
    assert shop.manager.post(f"/approvals/{late}/approve", key=None)["state"] == "expired"


def test_issuing_takes_a_second_person_too(shop: Shop) -> None:
    set_limit(shop, call="issue", within="transaction", amount=eur(10_000), action="approve")
    issue = {"program_id": shop.program("gift"), "amount": eur(20_000)}
    asked = shop.till.post("/cards", issue)["approval_id"]
    shop.manager.post(f"/approvals/{asked}/approve", key=None).ok()
    assert shop.till.post("/cards", {**issue, "approval_id": asked}).status == 201
    assert shop.till.post("/cards", {**issue, "approval_id": asked}).status == 409


def test_nobody_sees_or_decides_another_merchants(shop: Shop, other_shop: Shop, clerk: Client) -> None:
    asked = ask(clerk, shop.gift(100))
    assert other_shop.manager.get(f"/approvals/{asked}").status == 404
    assert other_shop.manager.post(f"/approvals/{asked}/approve", key=None).status == 404
    assert other_shop.manager.get("/approvals")["items"] == []
    assert adjust(new_till(other_shop, "manage"), other_shop.gift(1), 1, approval_id=asked).status == 404


def _once(shop: Shop, clerk: Client) -> None:
    test_what_a_second_person_approves_goes_through_once(shop, clerk)


def _bound(shop: Shop, clerk: Client) -> None:
    test_an_approval_is_for_the_very_thing_that_was_asked(shop, clerk, {"amount": eur(5001)})


def _others(shop: Shop, clerk: Client) -> None:
    test_whoever_asked_cannot_approve(shop, clerk)


PLANTED = [
    ("use", ("Approval.used_at.is_(None)", "True"), _once),
    ("use", ('Approval.status == "approved"', "True"), _once),
    ("use", ("Approval.fingerprint == fingerprint(act)", "True"), _bound),
    ("decide", ("asked.asked_by == actor", "False"), _others),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name, edit, scenario", PLANTED)
def test_planted_bugs_are_caught(
    shop: Shop,
    clerk: Client,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    edit: tuple[str, str],
    scenario: Callable[[Shop, Client], None],
) -> None:
    damage(monkeypatch, approvals, name, edit)
    with pytest.raises(AssertionError):
        scenario(shop, clerk)
