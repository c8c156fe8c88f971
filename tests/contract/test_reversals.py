"""Reversals: for a till that never heard an answer."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from passes.clock import FixedClock
from tests.fixtures.api import Answer, Client, Shop, counted, eur

promise = pytest.mark.promise


def reverse(client: Client, key: str) -> Answer:
    return client.post("/reversals", {"idempotency_key": key})


def reverse_receipt(client: Client, reference: str, **more: Any) -> Answer:
    return client.post("/reversals", {"reference": reference, **more})


def pay(client: Client, card: Any, cents: int = 300, key: str | None = None, **more: Any) -> Answer:
    body = {"card_id": card["id"], "amount": eur(cents), **more}
    return client.post("/redemptions", body, key=key or str(uuid4()))


def load(shop: Shop, card: Any, cents: int, key: str) -> Answer:
    return shop.till.post("/loads", {"card_id": card["id"], "amount": eur(cents)}, key=key)


@promise("M25", "F20", "F21", "F27")
def test_what_happened_is_undone_and_its_key_never_tells_of_success_again(shop: Shop) -> None:
    card, key = shop.gift(500), str(uuid4())
    pay(shop.till, card, key=key).ok()
    done = reverse(shop.till, key)
    assert (done.status, set(done.json)) == (201, {"id", "outcome", "transactions"})
    assert (done["outcome"], len(done["transactions"])) == ("reversed", 1)
    assert done["transactions"][0]["delta"] == counted(300, "EUR")
    assert shop.balance(card) == 500
    late = pay(shop.till, card, key=key)
    assert (late.status, late.code) == (409, "reversed")
    assert shop.balance(card) == 500


@promise("M25", "F22", "F58", "E18")
def test_what_was_never_seen_never_happens(shop: Shop) -> None:
    card, key = shop.gift(500), str(uuid4())
    for _ in range(2):
        done = reverse(shop.till, key)
        assert (done.status, done["outcome"], done["transactions"]) == (201, "tombstoned", [])
    late = pay(shop.till, card, key=key)
    assert (late.status, late.code, shop.balance(card)) == (409, "reversed", 500)


@promise("F20")
def test_a_reversal_needs_a_key_of_its_own(shop: Shop) -> None:
    key = str(uuid4())
    assert shop.till.post("/reversals", {"idempotency_key": key}, key=None).status == 400
    assert shop.till.post("/reversals", {"idempotency_key": key}, key=key).status == 422
    assert shop.till.post("/reversals", {}).status == 422
    assert shop.till.post("/reversals", {"idempotency_key": key, "reference": "r"}).status == 422


@promise("F21")
def test_what_was_left_of_it_is_undone(shop: Shop) -> None:
    card, key = shop.gift(500), str(uuid4())
    taken = pay(shop.till, card, 300, key=key)
    shop.till.post(f"/redemptions/{taken['id']}/refund", {"amount": eur(100)}).ok()
    (undone,) = reverse(shop.till, key)["transactions"]
    assert (undone["amount"], shop.balance(card)) == (eur(200), 500)


@promise("F24")
def test_what_had_been_refused_is_nothing_to_reverse_and_refused_for_good(shop: Shop) -> None:
    card, key = shop.gift(500), str(uuid4())
    assert pay(shop.till, card, 501, key=key).status == 402
    done = reverse(shop.till, key)
    assert (done.status, done["outcome"], done["transactions"]) == (201, "nothing_to_reverse", [])
    assert pay(shop.till, card, 501, key=key).code == "reversed"


@promise("F25")
@pytest.mark.parametrize("by", ["idempotency_key", "reference"])
def test_what_was_reversed_before_says_so(shop: Shop, by: str) -> None:
    card, key = shop.gift(500), str(uuid4())
    pay(shop.till, card, key=key, reference="r 1").ok()
    name = key if by == "idempotency_key" else "r 1"
    outcomes = [shop.till.post("/reversals", {by: name})["outcome"] for _ in range(2)]
    assert (outcomes, shop.balance(card)) == (["reversed", "already_reversed"], 500)


@promise("M25", "F26")
def test_a_reference_undoes_everything_under_it(shop: Shop) -> None:
    one, two, other = shop.gift(500), shop.stamped(3), shop.gift(500)
    pay(shop.till, one, reference="r 1").ok()
    shop.till.post("/stamps", {"card_id": two["id"], "count": 2, "reference": "r 1"}).ok()
    held = shop.till.post("/holds", {"card_id": one["id"], "amount": eur(9), "reference": "r 1"}).ok()
    pay(shop.till, other, reference="r 2").ok()
    done = reverse_receipt(shop.till, "r 1")
    assert (done["outcome"], len(done["transactions"])) == ("reversed", 2)
    assert [shop.balance(card) for card in (one, two, other)] == [500, 3, 200]
    assert shop.till.get(f"/holds/{held['id']}")["status"] == "voided"


@promise("F23", "F26")
@pytest.mark.parametrize("days, reached", [(-6.9, True), (-7.1, False), (6.9, True), (7.1, False)])
def test_a_reference_reaches_seven_days_to_either_side(
    shop: Shop, clock: FixedClock, days: float, reached: bool
) -> None:
    card = shop.gift(500)
    start = clock.at + timedelta(days=8)
    clock.at = start + timedelta(days=days)
    if days < 0:
        pay(shop.till, card, reference="r 1").ok()
    clock.at = start
    done = reverse_receipt(shop.till, "r 1")
    assert done["outcome"] == ("reversed" if days < 0 and reached else "tombstoned")
    if days > 0:
        clock.at = start + timedelta(days=days)
        answer = pay(shop.till, card, reference="r 1")
        assert (answer.status, answer.code) == ((409, "reversed") if reached else (201, None))


@promise("F23", "F26")
def test_a_bound_tills_reference_ends_at_its_location(shop: Shop) -> None:
    here, there = shop.location("Mitte"), shop.location("Nord")
    one, two = (shop.client("till", location_id=place) for place in (here, there))
    card = shop.gift(900)
    pay(one, card, reference="r 1").ok()
    pay(two, card, reference="r 1").ok()
    assert len(reverse_receipt(one, "r 1")["transactions"]) == 1
    assert shop.balance(card) == 600
    assert pay(one, card, reference="r 1").code == "reversed"
    assert pay(two, card, 100, reference="r 1").status == 201


@promise("F23", "F26")
def test_an_unbound_keys_reference_reaches_the_whole_merchant(shop: Shop, other_shop: Shop) -> None:
    bound, card = shop.client("till", location_id=shop.location()), shop.gift(900)
    pay(bound, card, reference="r 1").ok()
    theirs = other_shop.gift(900)
    pay(other_shop.till, theirs, reference="r 1").ok()
    assert reverse_receipt(shop.till, "r 1")["outcome"] == "reversed"
    assert pay(bound, card, reference="r 1").code == "reversed"
    assert (shop.balance(card), other_shop.balance(theirs)) == (900, 600)
    assert pay(other_shop.till, theirs, reference="r 1").status == 201


@promise("F27")
def test_what_a_reference_undid_is_never_told_as_success_again(shop: Shop) -> None:
    card, key = shop.gift(500), str(uuid4())
    pay(shop.till, card, key=key, reference="r 1").ok()
    reverse_receipt(shop.till, "r 1").ok()
    answer = pay(shop.till, card, key=key, reference="r 1")
    assert (answer.status, answer.code) == (409, "reversed")


@promise("F28")
def test_a_load_that_is_spent_cannot_be_reversed(shop: Shop) -> None:
    card, key = shop.gift(100), str(uuid4())
    load(shop, card, 500, key).ok()
    pay(shop.till, card, 101).ok()
    answer = reverse(shop.till, key)
    assert (answer.status, answer.code, shop.balance(card)) == (402, "insufficient_balance", 499)


@promise("F29", "F46")
def test_points_already_spent_are_owed_and_earned_off_first(shop: Shop) -> None:
    card, key = shop.card("points"), str(uuid4())
    shop.till.post("/stamps", {"card_id": card["id"], "count": 60}, key=key).ok()
    shop.till.post("/redemptions", {"card_id": card["id"], "reward_id": "mug"}).ok()
    assert reverse(shop.till, key)["outcome"] == "reversed"
    now = shop.state(card)
    assert (now["balance"], now["owed"]) == (counted(0, "POINT"), counted(50, "POINT"))
    earned = shop.till.post("/stamps", {"card_id": card["id"], "count": 70}).ok()
    assert (earned["amount"], earned["delta"]) == (counted(70, "POINT"), counted(20, "POINT"))
    assert shop.state(card)["owed"] == counted(0, "POINT")


@promise("F29")
def test_stamps_whose_reward_is_taken_are_owed(shop: Shop) -> None:
    card = shop.card()
    earned = shop.till.post("/stamps", {"card_id": card["id"], "count": 10}).ok()
    shop.till.post("/redemptions", {"card_id": card["id"], "reward": True}).ok()
    shop.till.post(f"/stamps/{earned['id']}/reverse").ok()
    assert shop.state(card)["owed"] == counted(10, "STAMP")
    shop.till.post("/stamps", {"card_id": card["id"], "count": 11}).ok()
    now = shop.state(card)
    assert (now["balance"]["amount"], now["rewards"], now["owed"]["amount"]) == (1, 0, 0)


@promise("F30")
def test_stamps_are_reversed_once(shop: Shop) -> None:
    card = shop.card()
    earned = shop.till.post("/stamps", {"card_id": card["id"], "count": 3}).ok()
    shop.till.post(f"/stamps/{earned['id']}/reverse").ok()
    again = shop.till.post(f"/stamps/{earned['id']}/reverse")
    assert (again.status, again.code, shop.balance(card)) == (409, "reversed", 0)


@promise("F54")
def test_what_was_fully_refunded_is_reversed_without_transactions(shop: Shop) -> None:
    card, key = shop.gift(500), str(uuid4())
    taken = pay(shop.till, card, key=key)
    shop.till.post(f"/redemptions/{taken['id']}/refund").ok()
    done = reverse(shop.till, key)
    assert (done["outcome"], done["transactions"], shop.balance(card)) == ("reversed", [], 500)


@promise("F56")
def test_a_void_is_nothing_to_reverse(shop: Shop) -> None:
    card, key = shop.gift(500), str(uuid4())
    held = shop.till.post("/holds", {"card_id": card["id"], "amount": eur(9)}).ok()
    shop.till.post(f"/holds/{held['id']}/void", key=key).ok()
    done = reverse(shop.till, key)
    assert (done["outcome"], done["transactions"]) == ("nothing_to_reverse", [])


@promise("F57")
@pytest.mark.parametrize("kind, money", [("gift", {"amount": eur(500)}), ("stamp", {}), ("coupon", {})])
def test_an_issue_undone_closes_the_card(shop: Shop, kind: str, money: dict[str, Any]) -> None:
    key = str(uuid4())
    card = shop.till.post("/cards", {"program_id": shop.program(kind), **money}, key=key).ok()
    assert reverse(shop.till, key)["outcome"] == "reversed"
    now = shop.state(card.json)
    assert (now["state"], now["balance"]["amount"]) == ("deactivated", 0)


@promise("F5")
@pytest.mark.parametrize("stopped", ["blocked", "expired"])
def test_a_stopped_card_still_takes_back(shop: Shop, clock: FixedClock, stopped: str) -> None:
    ends = (clock.at + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    card = shop.card("gift", amount=eur(900), expires_at=ends)
    key = str(uuid4())
    taken = pay(shop.till, card, 300)
    pay(shop.till, card, 100, key=key).ok()
    holds = [
        shop.till.post("/holds", {"card_id": card["id"], "amount": eur(50), "expires_in_s": 200_000})["id"]
        for _ in range(2)
    ]
    if stopped == "blocked":
        shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"}).ok()
    else:
        clock.at += timedelta(days=1)
    assert shop.state(card)["state"] == stopped
    assert shop.till.post(f"/redemptions/{taken['id']}/refund").status == 201
    assert shop.till.post(f"/holds/{holds[0]}/capture").status == 201
    assert shop.till.post(f"/holds/{holds[1]}/void").status == 200
    assert reverse(shop.till, key)["outcome"] == "reversed"
    assert shop.balance(card) == 850


@promise("F6")
def test_a_closed_card_takes_nothing(shop: Shop) -> None:
    card, key = shop.gift(900), str(uuid4())
    taken = pay(shop.till, card, 300, key=key)
    held = shop.till.post("/holds", {"card_id": card["id"], "amount": eur(50)}).ok()
    shop.manager.post(f"/cards/{card['id']}/deactivate", {"reason": "lost"}).ok()
    body = {"card_id": card["id"], "amount": eur(5)}
    asked = [
        shop.till.post("/redemptions", body),
        shop.till.post("/loads", body),
        shop.till.post("/holds", body),
        shop.till.post(f"/redemptions/{taken['id']}/refund"),
        shop.till.post(f"/holds/{held['id']}/capture"),
        shop.till.post(f"/holds/{held['id']}/void"),
        shop.manager.post("/adjustments", {**body, "direction": "increase", "reason": "other"}),
        reverse(shop.till, key),
    ]
    assert {(answer.status, answer.code) for answer in asked} == {(409, "card_not_active")}
    assert shop.balance(card) == 600
