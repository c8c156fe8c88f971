"""A limit that asks for a second person goes by two: one alone cannot remove it and then do as they like."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType

import pytest

from passes.clock import FixedClock
from passes.limits import approvals
from tests.fixtures.api import Client, Json, Shop, eur
from tests.limits.managing import audited, incidents, load, new_till, set_limit
from tests.mutants import damage


def four_eyes(shop: Shop) -> Json:
    return set_limit(shop, call="load", within="transaction", amount=eur(1000), action="approve")


def ask(manager: Client, limit: Json) -> str:
    """The approval that it takes to remove the limit."""
    answer = manager.delete(f"/limits/{limit['id']}")
    assert (answer.status, answer.code, answer["limit"]) == (409, "program_limit", "needs_approval")
    approval_id: str = answer["approval_id"]
    return approval_id


def test_it_goes_when_somebody_else_says_so_and_not_before(shop: Shop) -> None:
    limit, card, other = four_eyes(shop), shop.gift(1), new_till(shop, "manage")
    asked = ask(shop.manager, limit)
    assert shop.manager.post(f"/approvals/{asked}/approve").code == "second_person_required"
    assert load(shop, card, 1001).status == 409
    seen = other.get(f"/approvals/{asked}").ok()
    assert (seen["call"], seen["limit_id"], seen["status"]) == ("remove_limit", limit["id"], "pending")
    assert (seen["card_id"], seen["program_id"], seen["amount"], seen["direction"]) == (None,) * 4
    assert other.post(f"/approvals/{asked}/approve").ok()["status"] == "used"
    assert load(shop, card, 1001).status == 201
    assert shop.manager.get(f"/limits/{limit['id']}").status == 404
    assert [audited(shop, f"limits.{act}") for act in ("ask", "refuse_own", "approved", "remove")] == [
        2,
        1,
        1,
        1,
    ]


def test_a_no_leaves_it_in_force(shop: Shop) -> None:
    limit = four_eyes(shop)
    asked = ask(shop.manager, limit)
    new_till(shop, "manage").post(f"/approvals/{asked}/reject").ok()
    assert load(shop, shop.gift(1), 1001).status == 409
    assert shop.manager.get(f"/limits/{limit['id']}").status == 200


def test_asking_again_is_the_same_request_until_it_is_over(shop: Shop, clock: FixedClock) -> None:
    limit = four_eyes(shop)
    asked = ask(shop.manager, limit)
    assert ask(shop.manager, limit) == asked
    clock.at += timedelta(days=1)
    assert new_till(shop, "manage").post(f"/approvals/{asked}/approve").code == "approval_state"
    assert ask(shop.manager, limit) != asked


def test_two_may_have_asked_for_the_same(shop: Shop) -> None:
    limit, second, third = four_eyes(shop), new_till(shop, "manage"), new_till(shop, "manage")
    for asked in (ask(shop.manager, limit), ask(second, limit)):
        assert third.post(f"/approvals/{asked}/approve").ok()["status"] == "used"
    assert audited(shop, "limits.remove") == 1
    assert {incident["limit_id"] for incident in incidents(shop)} == {limit["id"]}


def test_the_yes_to_a_removal_lets_nothing_else_through(shop: Shop) -> None:
    asked = ask(shop.manager, four_eyes(shop))
    card = shop.gift(1)
    body = {"card_id": card["id"], "amount": eur(1001), "approval_id": asked}
    assert shop.till.post("/loads", body).status == 409
    assert shop.balance(card) == 1


def test_any_other_limit_goes_at_once(shop: Shop) -> None:
    for action in ("refuse", "flag"):
        made = set_limit(shop, call="load", within="transaction", amount=eur(1000), action=action)
        assert shop.manager.delete(f"/limits/{made['id']}").status == 204


def _two(shop: Shop) -> None:
    test_it_goes_when_somebody_else_says_so_and_not_before(shop)


def _no(shop: Shop) -> None:
    test_a_no_leaves_it_in_force(shop)


PLANTED = [
    (approvals, "decide", ('asked.request["call"] == REMOVAL', "False"), _two),
    (approvals, "decide", ('decision == "approved" and', ""), _no),
    (approvals, "decide", ("asked.asked_by == actor", "False"), _two),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("module, name, edit, scenario", PLANTED)
def test_planted_bugs_are_caught(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    edit: tuple[str, str],
    scenario: Callable[[Shop], None],
) -> None:
    damage(monkeypatch, module, name, edit)
    with pytest.raises(AssertionError):
        scenario(shop)
