"""Reversals of what undid something, of adjustments, of baskets, and of what happened on a replaced card."""

from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.api import Answer, Shop, counted, eur
from tests.web.api_v1.test_baskets import by_id, coupon, pay
from tests.web.api_v1.test_reversals import assert_refused, reverse, reverse_receipt

Json = dict[str, Any]


def paid(shop: Shop, card: Json, cents: int, **more: Any) -> Json:
    entry: Json = shop.till.post("/redemptions", by_id(card, amount=eur(cents), **more)).ok().json
    return entry


def refund(shop: Shop, entry: Json, key: str, **body: Any) -> Answer:
    return shop.till.post(f"/redemptions/{entry['id']}/refund", body, key=key).ok()


def test_a_refund_reversed_takes_again_what_it_gave_back_and_can_be_given_back_again(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    entry = paid(shop, card, 800)
    refund(shop, entry, key, amount=eur(300))
    answer = reverse(shop, key)
    (made,) = answer["transactions"]
    assert (answer["outcome"], made["type"], made["delta"]) == ("reversed", "reversal", eur(-300))
    assert_refused(shop.till.post(f"/redemptions/{entry['id']}/refund", {"amount": eur(300)}, key=key))
    assert reverse(shop, key)["outcome"] == "already_reversed"
    assert shop.balance(card) == 200
    refund(shop, entry, str(uuid4()))
    assert shop.balance(card) == 1000


def test_a_refund_that_is_spent_cannot_be_reversed(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    refund(shop, paid(shop, card, 800), key)
    paid(shop, card, 201)
    answer = reverse(shop, key)
    assert (answer.status, answer.code, answer["available"]) == (402, "insufficient_balance", eur(799))
    shop.till.post("/loads", by_id(card, amount=eur(1))).ok()
    assert reverse(shop, key)["outcome"] == "reversed"
    assert shop.balance(card) == 0


def test_a_coupon_that_was_given_back_is_used_again_unless_it_was(shop: Shop) -> None:
    card, key = shop.card("coupon"), str(uuid4())
    entry = shop.till.post("/redemptions", by_id(card, order_total=eur(900))).ok().json
    refund(shop, entry, key)
    again = shop.till.post("/redemptions", by_id(card, order_total=eur(900))).ok().json
    assert reverse(shop, key)["available"] == counted(0, "USE")
    refund(shop, again, str(uuid4()))
    assert reverse(shop, key)["outcome"] == "reversed"
    assert shop.till.post("/redemptions", by_id(card, order_total=eur(900))).code == "already_redeemed"


def test_a_reward_that_was_given_back_is_taken_again_unless_it_was_handed_out(shop: Shop) -> None:
    card, key = shop.stamped(12), str(uuid4())
    entry = shop.till.post("/redemptions", by_id(card, reward=True)).ok().json
    refund(shop, entry, key)
    again = shop.till.post("/redemptions", by_id(card, reward=True)).ok().json
    assert reverse(shop, key)["available"] == counted(0, "REWARD")
    refund(shop, again, str(uuid4()))
    assert reverse(shop, key)["transactions"][0]["rewards_after"] == 0


def test_points_that_were_given_back_and_spent_are_owed(shop: Shop) -> None:
    card, key = shop.points(50), str(uuid4())
    entry = shop.till.post("/redemptions", by_id(card, reward_id="mug")).ok().json
    refund(shop, entry, key)
    shop.till.post("/redemptions", by_id(card, amount=counted(30, "POINT"))).ok()
    assert reverse(shop, key)["outcome"] == "reversed"
    assert (shop.balance(card), shop.state(card)["owed"]) == (0, counted(30, "POINT"))


def test_a_sale_whose_undoing_is_undone_stands_again(shop: Shop) -> None:
    card, key, sold = shop.card(), str(uuid4()), str(uuid4())
    sale = shop.till.post("/stamps", by_id(card, count=13), key=sold).ok()
    shop.till.post(f"/stamps/{sale['id']}/reverse", key=key).ok()
    assert reverse(shop, key)["transactions"][0]["rewards_after"] == 1
    assert (shop.balance(card), shop.state(card)["rewards"]) == (3, 1)
    assert_refused(shop.till.post(f"/stamps/{sale['id']}/reverse", key=key))
    shop.till.post(f"/stamps/{sale['id']}/reverse").ok()
    assert reverse(shop, sold)["transactions"] == []
    assert (shop.balance(card), shop.state(card)["rewards"]) == (0, 0)


@pytest.mark.parametrize("refund_first", [True, False])
def test_a_payment_and_its_refund_reversed_in_either_order_leave_nothing(
    shop: Shop, refund_first: bool
) -> None:
    card, key, back = shop.gift(1000), str(uuid4()), str(uuid4())
    entry = shop.till.post("/redemptions", by_id(card, amount=eur(800)), key=key).ok().json
    refund(shop, entry, back, amount=eur(300))
    for one in (back, key) if refund_first else (key, back):
        assert reverse(shop, one)["outcome"] == "reversed"
    assert shop.balance(card) == 1000


def test_a_payment_and_its_refund_under_one_receipt_are_undone_even_if_the_refund_is_spent(
    shop: Shop,
) -> None:
    card = shop.gift(1000)
    entry = paid(shop, card, 1000, reference="r 1")
    refund(shop, entry, str(uuid4()), reference="r 1", amount=eur(900))
    paid(shop, card, 900)
    answer = reverse_receipt(shop, "r 1")
    assert [made["delta"] for made in answer["transactions"]] == [eur(100)]
    assert shop.balance(card) == 100


def test_a_refund_under_a_receipt_of_its_own_is_undone_by_it(shop: Shop) -> None:
    card = shop.gift(1000)
    refund(shop, paid(shop, card, 600, reference="r 1"), str(uuid4()), reference="r 2")
    assert reverse_receipt(shop, "r 2")["transactions"][0]["delta"] == eur(-600)
    assert reverse_receipt(shop, "r 2")["outcome"] == "already_reversed"
    assert shop.balance(card) == 400


ADJUSTED = [
    ("gift", "increase", 500, 1000),
    ("gift", "decrease", 500, 1000),
    ("coupon", "increase", 2, 1),
    ("stamp", "increase", 15, 8),
    ("stamp", "decrease", 3, 8),
    ("points", "increase", 15, 8),
    ("points", "decrease", 3, 8),
]


def adjusted(shop: Shop, kind: str, direction: str, amount: int, **more: Any) -> tuple[Json, str]:
    made = {"gift": lambda: shop.gift(1000), "coupon": lambda: shop.card("coupon")}
    card = (made.get(kind) or (lambda: (shop.stamped if kind == "stamp" else shop.points)(8)))()
    asset = {"gift": "EUR", "coupon": "USE", "stamp": "STAMP", "points": "POINT"}[kind]
    body = by_id(card, direction=direction, amount=counted(amount, asset), reason="other", **more)
    shop.manager.post("/adjustments", body, key=(key := str(uuid4()))).ok()
    return card, key


@pytest.mark.parametrize("kind, direction, amount, before", ADJUSTED)
def test_an_adjustment_is_undone_by_who_may_adjust(
    shop: Shop, kind: str, direction: str, amount: int, before: int
) -> None:
    card, key = adjusted(shop, kind, direction, amount)
    adjusted_to = shop.state(card)
    answer = reverse(shop, key)
    assert (answer.status, answer.code) == (403, "scope_missing")
    assert shop.state(card) == adjusted_to
    answer = reverse(shop, key, shop.everything)
    assert (answer["outcome"], answer["transactions"][0]["type"]) == ("reversed", "reversal")
    now = shop.state(card)
    assert (now["balance"]["amount"], now.get("rewards") or 0) == (before, 0)


def test_an_adjustment_upwards_that_is_spent_stays(shop: Shop) -> None:
    card, key = adjusted(shop, "gift", "increase", 500)
    paid(shop, card, 1001)
    assert reverse(shop, key, shop.everything).code == "insufficient_balance"


def test_a_till_does_not_undo_an_adjustment_by_its_receipt_either(shop: Shop) -> None:
    card, _ = adjusted(shop, "gift", "decrease", 500, reference="r 1")
    assert reverse_receipt(shop, "r 1").code == "scope_missing"
    assert shop.balance(card) == 500
    assert reverse_receipt(shop, "r 1", shop.everything)["outcome"] == "reversed"


def test_what_no_reversal_undoes_says_so_and_stays(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    path, body = f"/cards/{card['id']}/replace", {"reason": "lost"}
    new = shop.manager.post(path, body, key=key).ok().json
    assert reverse(shop, key, shop.everything).fields == ["idempotency_key"]
    assert shop.manager.post(path, body, key=key).is_replay
    assert shop.state(new)["balance"] == eur(1000)
    undone, own = str(uuid4()), str(uuid4())
    shop.till.post("/redemptions", by_id(new, amount=eur(5)), key=undone).ok()
    shop.till.post("/reversals", {"idempotency_key": undone}, key=own).ok()
    member = str(uuid4())
    shop.manager.post("/members", {"name": "Ada"}, key=member).ok()
    blocked = str(uuid4())
    shop.manager.post(f"/cards/{new['id']}/block", {"reason": "lost"}, key=blocked).ok()
    for other in (own, member, blocked):
        assert reverse(shop, other).fields == ["idempotency_key"]


def test_a_basket_is_undone_as_a_whole(shop: Shop) -> None:
    cards, key = [coupon(shop), shop.stamped(12), shop.gift(300), shop.gift(1000)], str(uuid4())
    used: list[Json] = [{}, {"reward": True}, {}, {}]
    lines = [by_id(card, **use) for card, use in zip(cards, used, strict=True)]
    basket = pay(shop, 1000, *lines, key=key, reference="r 1").ok()
    shop.till.post(f"/baskets/{basket['id']}/refund", {"lines": [2]}).ok()
    answer = reverse(shop, key)
    assert (answer["outcome"], len(answer["transactions"])) == ("reversed", 3)
    assert [shop.balance(card) for card in cards] == [1, 2, 300, 1000]
    assert shop.state(cards[1])["rewards"] == 1
    assert_refused(pay(shop, 1000, *lines, key=key, reference="r 1"))
    assert reverse(shop, key)["outcome"] == "already_reversed"
    assert reverse_receipt(shop, "r 1")["outcome"] == "already_reversed"
    assert shop.till.post(f"/baskets/{basket['id']}/refund").code == "refund_exceeds_redemption"


def test_a_basket_is_undone_by_its_receipt_and_its_key_stays_refused(shop: Shop) -> None:
    cards, key = [shop.gift(300), shop.gift(1000)], str(uuid4())
    pay(shop, 1000, *map(by_id, cards), key=key, reference="r 1").ok()
    answer = reverse_receipt(shop, "r 1")
    assert (answer["outcome"], len(answer["transactions"])) == ("reversed", 2)
    assert [shop.balance(card) for card in cards] == [300, 1000]
    assert_refused(pay(shop, 1000, *map(by_id, cards), key=key, reference="r 1"))
    assert_refused(pay(shop, 1000, *map(by_id, cards), reference="r 1"))


@pytest.mark.parametrize("name", ["idempotency_key", "reference"])
def test_a_basket_that_took_nothing_is_reversed_without_transactions(shop: Shop, name: str) -> None:
    key = str(uuid4())
    pay(shop, 1000, {"code": "nobody"}, mode="partial", key=key, reference=key).ok()
    answer = shop.till.post("/reversals", {name: key})
    assert (answer["outcome"], answer["transactions"]) == ("reversed", [])
    assert_refused(pay(shop, 1000, {"code": "nobody"}, mode="partial", key=key, reference=key))


def test_a_basket_that_was_refused_is_nothing_to_reverse(shop: Shop) -> None:
    key = str(uuid4())
    assert pay(shop, 1000, {"code": "nobody"}, key=key).status == 404
    assert reverse(shop, key)["outcome"] == "nothing_to_reverse"
    assert_refused(pay(shop, 1000, {"code": "nobody"}, key=key))


@pytest.mark.parametrize("spent", [False, True])
def test_a_baskets_refund_is_undone_on_all_cards_or_on_none(shop: Shop, spent: bool) -> None:
    cards, key = [shop.gift(300), shop.gift(1000)], str(uuid4())
    basket = pay(shop, 1000, *map(by_id, cards)).ok()
    path = f"/baskets/{basket['id']}/refund"
    shop.till.post(path, key=key).ok()
    if spent:
        paid(shop, cards[1], 301)
    answer = reverse(shop, key)
    if spent:
        assert answer.code == "insufficient_balance"
        assert [shop.balance(card) for card in cards] == [300, 699]
        return
    assert (answer["outcome"], len(answer["transactions"])) == ("reversed", 2)
    assert [shop.balance(card) for card in cards] == [0, 300]
    assert_refused(shop.till.post(path, key=key))
    shop.till.post(path).ok()
    assert [shop.balance(card) for card in cards] == [300, 1000]


def test_a_bound_key_undoes_the_baskets_of_its_own_location(shop: Shop) -> None:
    here, there = shop.location("Mitte"), shop.location("Nord")
    card = shop.gift(1000)
    for place in (here, there):
        pay(shop, 100, by_id(card), reference="r 1", location_id=place).ok()
    till = shop.client("till", location_id=here)
    assert len(reverse_receipt(shop, "r 1", till)["transactions"]) == 1
    assert shop.balance(card) == 900


def replaced(shop: Shop, card: Json) -> Json:
    new: Json = shop.manager.post(f"/cards/{card['id']}/replace", {"reason": "lost"}).ok().json
    return new


@pytest.mark.parametrize("what", ["/redemptions", "/loads", "capture", "issue"])
def test_what_happened_on_a_replaced_card_is_undone_on_the_one_in_its_place(shop: Shop, what: str) -> None:
    key, expected = str(uuid4()), 1000
    if what == "issue":
        body = {"program_id": shop.program("gift"), "amount": eur(1000), "reference": "r 1"}
        card, expected = shop.till.post("/cards", body, key=key).ok().json, 0
    else:
        card = shop.gift(1000)
    if what == "capture":
        held = shop.till.post("/holds", by_id(card, amount=eur(300))).ok()
        shop.till.post(f"/holds/{held['id']}/capture", key=key).ok()
    elif what != "issue":
        shop.till.post(what, by_id(card, amount=eur(400)), key=key).ok()
    new = replaced(shop, replaced(shop, card))
    answer = reverse(shop, key)
    assert (answer["outcome"], answer["transactions"][0]["card_id"]) == ("reversed", new["id"])
    now = shop.state(new)
    assert (now["balance"], now["state"]) == (eur(expected), "active" if expected else "deactivated")
    assert reverse_receipt(shop, "r 1")["outcome"] == ("tombstoned" if expected else "already_reversed")


@pytest.mark.parametrize("placed_by_key", [True, False])
def test_a_hold_that_moved_is_let_go_on_the_new_card(shop: Shop, placed_by_key: bool) -> None:
    card, key = shop.gift(1000), str(uuid4())
    shop.till.post("/holds", by_id(card, amount=eur(300), reference="r 1"), key=key).ok()
    new = replaced(shop, card)
    answer = reverse(shop, key) if placed_by_key else reverse_receipt(shop, "r 1")
    assert (answer["outcome"], answer["transactions"]) == ("reversed", [])
    assert shop.state(new)["available"] == eur(1000)


def test_under_one_receipt_what_happened_before_and_after_a_replacement_is_undone(shop: Shop) -> None:
    card = shop.gift(1000)
    shop.till.post("/loads", by_id(card, amount=eur(500), reference="r 1")).ok()
    new = replaced(shop, card)
    paid(shop, new, 1500, reference="r 1")
    made = reverse_receipt(shop, "r 1")["transactions"]
    assert [entry["delta"]["amount"] for entry in made] == [1500, -500]
    assert shop.balance(new) == 1000
