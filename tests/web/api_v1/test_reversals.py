"""Reversals: what happened is undone, what did not never will, and no answer of before is told again."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from passes.clock import FixedClock
from tests.fixtures.api import Answer, Client, Shop, counted, eur
from tests.fixtures.databases import START

Json = dict[str, Any]


def reverse(shop: Shop, key: str, till: Client | None = None) -> Answer:
    return (till or shop.till).post("/reversals", {"idempotency_key": key})


def reverse_receipt(shop: Shop, reference: str, till: Client | None = None) -> Answer:
    return (till or shop.till).post("/reversals", {"reference": reference})


def assert_refused(answer: Answer) -> None:
    assert (answer.status, answer.code) == (409, "reversed")


CALLS = ["load", "pay", "stamps", "points", "reward", "coupon", "capture"]


def done(shop: Shop, name: str, key: str) -> tuple[Json, str, Json, Json]:
    """Something that moved value under `key`: the card, the path, the body, the card as it stood before."""

    def gift() -> Json:
        return shop.gift(1000)

    card, path, body = {
        "load": lambda: (gift(), "/loads", {"amount": eur(500)}),
        "pay": lambda: (gift(), "/redemptions", {"amount": eur(300)}),
        "stamps": lambda: (shop.stamped(8), "/stamps", {"count": 5}),
        "points": lambda: (shop.points(8), "/stamps", {"count": 5}),
        "reward": lambda: (shop.stamped(12), "/redemptions", {"reward": True}),
        "coupon": lambda: (shop.card("coupon"), "/redemptions", {"order_total": eur(999)}),
        "capture": lambda: (gift(), "", {}),
    }[name]()
    if name == "capture":
        held = shop.till.post("/holds", {"card_id": card["id"], "amount": eur(300)}).ok()
        path, body = f"/holds/{held['id']}/capture", {}
    else:
        body["card_id"] = card["id"]
    before = shop.state(card)
    shop.till.post(path, body, key=key).ok()
    return card, path, body, before


@pytest.mark.parametrize("name", CALLS)
def test_what_happened_is_undone_and_its_key_never_tells_the_old_success(shop: Shop, name: str) -> None:
    key = str(uuid4())
    card, path, body, before = done(shop, name, key)
    answer = reverse(shop, key)
    assert (answer.status, answer["outcome"], len(answer["transactions"])) == (201, "reversed", 1)
    assert answer["id"].startswith("rev_")
    after = shop.state(card)
    assert (after["balance"], after.get("rewards")) == (before["balance"], before.get("rewards"))
    assert after["available"] == after["balance"]
    assert_refused(shop.till.post(path, body, key=key))
    assert shop.history(card)[0] == answer["transactions"][0]


def test_another_reversal_of_the_same_key_says_so_and_does_nothing(shop: Shop) -> None:
    key = str(uuid4())
    card, *_ = done(shop, "pay", key)
    reverse(shop, key).ok()
    again = reverse(shop, key)
    assert (again.status, again["outcome"], again["transactions"]) == (201, "already_reversed", [])
    assert shop.balance(card) == 1000


def test_the_same_reversal_key_replays_its_answer(shop: Shop) -> None:
    key, own = str(uuid4()), str(uuid4())
    done(shop, "pay", key)
    first, again = (shop.till.post("/reversals", {"idempotency_key": key}, key=own) for _ in range(2))
    assert (first["outcome"], first.raw, again.is_replay) == ("reversed", again.raw, True)


def test_an_unknown_key_is_tombstoned_and_refused_whatever_comes_under_it(shop: Shop) -> None:
    key, card = str(uuid4()), shop.gift(1000)
    for _ in range(2):
        answer = reverse(shop, key)
        assert (answer.status, answer["outcome"], answer["transactions"]) == (201, "tombstoned", [])
    for cents in (1, 1, 2):
        assert_refused(shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(cents)}, key=key))
    assert shop.balance(card) == 1000


def test_a_key_of_another_merchant_is_not_touched(shop: Shop, other_shop: Shop) -> None:
    key = str(uuid4())
    card, path, body, _ = done(shop, "pay", key)
    assert reverse(other_shop, key)["outcome"] == "tombstoned"
    assert shop.till.post(path, body, key=key).is_replay
    assert shop.balance(card) == 700


def test_what_had_been_refused_is_nothing_to_reverse_and_stays_refused(shop: Shop) -> None:
    key, card = str(uuid4()), shop.gift(100)
    body = {"card_id": card["id"], "amount": eur(101)}
    assert shop.till.post("/redemptions", body, key=key).status == 402
    for _ in range(2):
        assert reverse(shop, key)["outcome"] == "nothing_to_reverse"
    assert_refused(shop.till.post("/redemptions", body, key=key))


def test_a_void_is_nothing_to_reverse(shop: Shop) -> None:
    key, card = str(uuid4()), shop.gift(100)
    held = shop.till.post("/holds", {"card_id": card["id"], "amount": eur(50)}).ok()
    shop.till.post(f"/holds/{held['id']}/void", key=key).ok()
    assert reverse(shop, key)["outcome"] == "nothing_to_reverse"
    assert_refused(shop.till.post(f"/holds/{held['id']}/void", key=key))


@pytest.mark.parametrize("captured", [False, True])
def test_a_hold_is_let_go_and_its_capture_given_back(shop: Shop, captured: bool) -> None:
    key, card = str(uuid4()), shop.gift(1000)
    held = shop.till.post("/holds", {"card_id": card["id"], "amount": eur(400)}, key=key).ok()
    if captured:
        shop.till.post(f"/holds/{held['id']}/capture", {"amount": eur(300)}).ok()
    answer = reverse(shop, key)
    assert (answer["outcome"], len(answer["transactions"])) == ("reversed", int(captured))
    assert shop.state(card)["available"] == shop.state(card)["balance"] == eur(1000)
    assert shop.till.get(f"/holds/{held['id']}")["status"] == ("captured" if captured else "voided")


def test_a_load_that_is_spent_cannot_be_reversed(shop: Shop) -> None:
    key = str(uuid4())
    card, path, body, _ = done(shop, "load", key)
    shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(1001)}).ok()
    answer = reverse(shop, key)
    assert (answer.status, answer.code, answer["available"]) == (402, "insufficient_balance", eur(499))
    assert shop.till.post(path, body, key=key).is_replay
    shop.till.post("/loads", {"card_id": card["id"], "amount": eur(1)}).ok()
    assert reverse(shop, key)["outcome"] == "reversed"


def test_points_already_spent_are_owed(shop: Shop) -> None:
    key, card = str(uuid4()), shop.card("points")
    shop.till.post("/stamps", {"card_id": card["id"], "count": 50}, key=key).ok()
    shop.till.post("/redemptions", {"card_id": card["id"], "reward_id": "mug"}).ok()
    assert reverse(shop, key)["outcome"] == "reversed"
    assert shop.state(card)["owed"] == counted(50, "POINT")


def test_of_something_partly_refunded_the_rest_is_undone(shop: Shop) -> None:
    key, card = str(uuid4()), shop.gift(1000)
    paid = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(800)}, key=key).ok()
    shop.till.post(f"/redemptions/{paid['id']}/refund", {"amount": eur(300)}).ok()
    assert reverse(shop, key)["transactions"][0]["amount"] == eur(500)
    assert shop.balance(card) == 1000


def test_something_fully_refunded_is_reversed_without_transactions(shop: Shop) -> None:
    key, card = str(uuid4()), shop.gift(1000)
    paid = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(800)}, key=key).ok()
    shop.till.post(f"/redemptions/{paid['id']}/refund").ok()
    answer = reverse(shop, key)
    assert (answer["outcome"], answer["transactions"]) == ("reversed", [])
    assert shop.balance(card) == 1000


@pytest.mark.parametrize("kind", ["gift", "stamp", "points", "coupon"])
def test_an_issue_reversed_leaves_the_card_deactivated(shop: Shop, kind: str) -> None:
    key = str(uuid4())
    body: Json = {"program_id": shop.program(kind)} | ({"amount": eur(500)} if kind == "gift" else {})
    card = shop.till.post("/cards", body, key=key).ok().json
    assert reverse(shop, key)["outcome"] == "reversed"
    now = shop.state(card)
    assert (now["state"], now["balance"]["amount"]) == ("deactivated", 0)
    assert_refused(shop.till.post("/cards", body, key=key))


def test_a_reversal_needs_a_key_of_its_own_and_one_thing_to_reverse(shop: Shop) -> None:
    assert shop.till.post("/reversals", {"idempotency_key": "same"}, key="same").fields == ["idempotency_key"]
    for body in ({}, {"idempotency_key": "a", "reference": "b"}, {"idempotency_key": ""}):
        assert shop.till.post("/reversals", body).status == 422


def test_a_reference_undoes_everything_under_it(shop: Shop) -> None:
    gift, stamp, reference = shop.gift(1000), shop.card(), str(uuid4())
    keys = [str(uuid4()) for _ in range(4)]
    calls = [
        ("/redemptions", {"card_id": gift["id"], "amount": eur(1000), "reference": reference}),
        ("/loads", {"card_id": gift["id"], "amount": eur(700), "reference": reference}),
        ("/holds", {"card_id": gift["id"], "amount": eur(600), "reference": reference}),
        ("/stamps", {"card_id": stamp["id"], "count": 12, "reference": reference}),
    ]
    for (path, body), key in zip(calls, keys, strict=True):
        shop.till.post(path, body, key=key).ok()
    answer = reverse_receipt(shop, reference)
    assert (answer.status, answer["outcome"], len(answer["transactions"])) == (201, "reversed", 3)
    assert shop.state(gift)["available"] == shop.state(gift)["balance"] == eur(1000)
    assert (shop.balance(stamp), shop.state(stamp)["rewards"]) == (0, 0)
    for (path, body), key in zip(calls, keys, strict=True):
        assert_refused(shop.till.post(path, body, key=key))
        assert_refused(shop.till.post(path, body))
    assert reverse_receipt(shop, reference)["outcome"] == "already_reversed"
    assert reverse(shop, keys[0])["outcome"] == "already_reversed"


def test_what_was_loaded_and_spent_under_one_receipt_is_undone_from_the_newest_on(shop: Shop) -> None:
    card, reference = shop.gift(1000), str(uuid4())
    named = {"card_id": card["id"], "reference": reference}
    shop.till.post("/loads", {**named, "amount": eur(700)}).ok()
    shop.till.post("/redemptions", {**named, "amount": eur(1500)}).ok()
    undone = reverse_receipt(shop, reference)["transactions"]
    assert [entry["delta"]["amount"] for entry in undone] == [1500, -700]
    assert shop.balance(card) == 1000


def test_an_unknown_reference_is_tombstoned_for_every_call(shop: Shop) -> None:
    gift, reference = shop.gift(1000), str(uuid4())
    paid = shop.till.post("/redemptions", {"card_id": gift["id"], "amount": eur(100)}).ok()
    for _ in range(2):
        assert reverse_receipt(shop, reference)["outcome"] == "tombstoned"
    named = {"card_id": gift["id"], "reference": reference, "amount": eur(10)}
    for path, body in (
        ("/redemptions", named),
        ("/loads", named),
        ("/holds", named),
        ("/stamps", {"card_id": gift["id"], "reference": reference, "count": 1}),
        (f"/redemptions/{paid['id']}/refund", {"reference": reference}),
        ("/cards", {"program_id": shop.program("stamp"), "reference": reference}),
    ):
        assert_refused(shop.till.post(path, body))
    assert shop.balance(gift) == 900


@pytest.mark.parametrize("days, reached", [(7, True), (7.01, False)])
def test_a_reference_reaches_seven_days_to_either_side(
    shop: Shop, clock: FixedClock, days: float, reached: bool
) -> None:
    card, reference = shop.gift(1000, expiry={"after_days": 100}), str(uuid4())
    pay = {"card_id": card["id"], "amount": eur(100), "reference": reference}
    shop.till.post("/redemptions", pay).ok()
    clock.at = START + timedelta(days=days)
    assert reverse_receipt(shop, reference)["outcome"] == ("reversed" if reached else "tombstoned")
    clock.at += timedelta(days=days)
    assert (shop.till.post("/redemptions", pay).code == "reversed") is reached


def test_a_bound_key_reverses_at_its_own_location_and_an_unbound_one_everywhere(shop: Shop) -> None:
    card, reference = shop.gift(1000), str(uuid4())
    here, there = shop.location("Mitte"), shop.location("Nord")
    tills = {place: shop.client("till", location_id=place) for place in (here, there)}
    pay = {"card_id": card["id"], "amount": eur(100), "reference": reference}
    for till in tills.values():
        till.post("/redemptions", pay).ok()
    assert len(reverse_receipt(shop, reference, tills[here])["transactions"]) == 1
    assert shop.balance(card) == 900
    assert_refused(tills[here].post("/redemptions", pay))
    tills[there].post("/redemptions", pay).ok()
    assert len(reverse_receipt(shop, reference)["transactions"]) == 2
    assert shop.balance(card) == 1000
    assert_refused(tills[there].post("/redemptions", pay))


def test_a_reference_with_a_spent_load_under_it_undoes_nothing(shop: Shop) -> None:
    card, stamp, reference = shop.gift(1000), shop.card(), str(uuid4())
    shop.till.post("/loads", {"card_id": card["id"], "amount": eur(500), "reference": reference}).ok()
    shop.till.post("/stamps", {"card_id": stamp["id"], "count": 3, "reference": reference}).ok()
    shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(1200)}).ok()
    assert reverse_receipt(shop, reference).code == "insufficient_balance"
    assert (shop.balance(card), shop.balance(stamp)) == (300, 3)


@pytest.mark.parametrize("state", ["blocked", "expired"])
def test_blocked_and_expired_cards_still_take_reversals(shop: Shop, clock: FixedClock, state: str) -> None:
    key, card = str(uuid4()), shop.gift(1000, expiry={"after_days": 1})
    shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(100)}, key=key).ok()
    if state == "blocked":
        shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"}).ok()
    else:
        clock.at += timedelta(days=2)
    assert reverse(shop, key)["outcome"] == "reversed"
    assert shop.balance(card) == 1000
