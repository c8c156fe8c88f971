"""Moving value: stamps, loads, redemptions and refunds."""

from typing import Any

import pytest

from tests.fixtures.api import Answer, Shop, counted, eur

promise = pytest.mark.promise


def redeem(shop: Shop, card: Any, **what: Any) -> Answer:
    return shop.till.post("/redemptions", {"card_id": card["id"], **what})


def refund(shop: Shop, taken: Answer, **what: Any) -> Answer:
    return shop.till.post(f"/redemptions/{taken['id']}/refund", what)


def buy(shop: Shop, card: Any, cents: int) -> Answer:
    return shop.till.post("/stamps", {"card_id": card["id"], "purchase": eur(cents)})


@promise("M2")
@pytest.mark.parametrize("path", ["/stamps", "/loads", "/redemptions", "/holds"])
def test_a_card_is_named_by_code_or_by_id_and_by_one_of_them(shop: Shop, path: str) -> None:
    card = shop.card() if path == "/stamps" else shop.gift(500)
    what = {"count": 1} if path == "/stamps" else {"amount": eur(5)}
    for name in ({"code": card["code"]}, {"card_id": card["id"]}):
        assert shop.till.post(path, {**name, **what}).status == 201
    for wrong in ({}, {"code": card["code"], "card_id": card["id"]}):
        assert shop.till.post(path, {**wrong, **what}).code == "invalid_request"


@promise("M5", "F1")
@pytest.mark.parametrize("kind, asset", [("stamp", "STAMP"), ("points", "POINT")])
def test_stamps_and_points_come_by_count(shop: Shop, kind: str, asset: str) -> None:
    card = shop.card(kind)
    made = shop.till.post("/stamps", {"card_id": card["id"], "count": 3})
    assert (made.status, made["type"]) == (201, "earn")
    assert made["amount"] == made["delta"] == made["balance_after"] == counted(3, asset)


@promise("M6", "P2")
@pytest.mark.parametrize("cents, stamps", [(350, 1), (699, 1), (700, 2), (3499, 9)])
def test_a_purchase_is_worth_a_stamp_per_full_amount(shop: Shop, cents: int, stamps: int) -> None:
    assert buy(shop, shop.card("stamp"), cents).ok()["amount"] == counted(stamps, "STAMP")


@promise("M6", "P15")
@pytest.mark.parametrize("cents, points", [(100, 1), (199, 1), (1250, 12)])
def test_a_purchase_is_worth_a_point_per_full_amount(shop: Shop, cents: int, points: int) -> None:
    assert buy(shop, shop.card("points"), cents).ok()["amount"] == counted(points, "POINT")


@promise("F8")
@pytest.mark.parametrize("kind, cents", [("stamp", 349), ("points", 99)])
def test_a_purchase_worth_nothing_is_an_entry_over_nothing(shop: Shop, kind: str, cents: int) -> None:
    made = buy(shop, shop.card(kind), cents)
    assert (made.status, made["amount"]["amount"], made["delta"]["amount"]) == (201, 0, 0)


@promise("M7", "F9")
@pytest.mark.parametrize(
    "before, count, rewards, left", [(9, 1, 1, 0), (9, 3, 1, 2), (0, 25, 2, 5), (5, 4, 0, 9)]
)
def test_a_full_card_turns_into_rewards_at_once(
    shop: Shop, before: int, count: int, rewards: int, left: int
) -> None:
    card = shop.stamped(before) if before else shop.card()
    made = shop.till.post("/stamps", {"card_id": card["id"], "count": count}).ok()
    assert (made["type"], made["amount"], made["rewards_after"]) == ("earn", counted(count, "STAMP"), rewards)
    assert made["delta"]["amount"] == left - before
    now = shop.state(card)
    assert (now["rewards"], now["balance"]["amount"]) == (rewards, left)
    assert len(shop.history(card)) == (2 if before else 1)


@promise("M8")
def test_money_is_loaded_on_gift_cards_alone(shop: Shop) -> None:
    made = shop.till.post("/loads", {"card_id": shop.gift(500)["id"], "amount": eur(250)})
    assert (made.status, made["type"], made["amount"]) == (201, "load", eur(250))
    assert (made["delta"], made["balance_after"]) == (eur(250), eur(750))
    for kind in ("stamp", "points", "coupon"):
        card = shop.card(kind)
        assert shop.till.post("/loads", {"card_id": card["id"], "amount": eur(5)}).code == "wrong_kind"


@promise("M9", "F1")
@pytest.mark.parametrize("make", ["gift", "points"])
def test_money_and_points_are_taken(shop: Shop, make: str) -> None:
    card = getattr(shop, make)(500)
    asset = card["balance"]["asset"]
    made = redeem(shop, card, amount=counted(120, asset))
    assert (made.status, made["type"], made["amount"]) == (201, "redeem", counted(120, asset))
    assert (made["delta"], made["balance_after"]) == (counted(-120, asset), counted(380, asset))
    assert redeem(shop, card, amount=counted(381, asset)).code == "insufficient_balance"
    assert shop.balance(card) == 380


@promise("M10")
def test_what_is_there_is_taken_and_the_rest_is_due(shop: Shop) -> None:
    card = shop.gift(500)
    made = redeem(shop, card, amount=eur(1250), allow_partial=True)
    assert (made["amount"], made["remaining_due"], made["balance_after"]) == (eur(500), eur(750), eur(0))
    whole = redeem(shop, shop.gift(500), amount=eur(100), allow_partial=True)
    assert (whole["amount"], whole["remaining_due"]) == (eur(100), eur(0))


@promise("F10")
def test_of_an_empty_card_nothing_is_taken(shop: Shop) -> None:
    card = shop.gift(500)
    redeem(shop, card, amount=eur(500)).ok()
    answer = redeem(shop, card, amount=eur(1), allow_partial=True)
    assert (answer.status, answer.code) == (402, "insufficient_balance")


@promise("M11", "F2")
def test_a_reward_is_taken(shop: Shop) -> None:
    card = shop.stamped(13)
    made = redeem(shop, card, reward=True)
    assert (made.status, made["amount"], made["rewards_after"]) == (201, counted(1, "REWARD"), 0)
    assert (made["delta"]["amount"], made["balance_after"]) == (0, counted(3, "STAMP"))
    assert redeem(shop, card, reward=True).code == "no_reward_available"


@promise("M12", "P16", "F17", "F48")
def test_points_buy_from_the_catalogue(shop: Shop) -> None:
    card = shop.points(60)
    assert redeem(shop, card, reward_id="yacht").code == "not_found"
    made = redeem(shop, card, reward_id="mug")
    assert (made.status, made["amount"], made["balance_after"]) == (
        201,
        counted(50, "POINT"),
        counted(10, "POINT"),
    )
    answer = redeem(shop, card, reward_id="mug")
    assert (answer.status, answer.code) == (402, "insufficient_balance")


@promise("M13", "F11", "F12", "P5")
@pytest.mark.parametrize(
    "offer, order, discount",
    [
        ({"type": "percent", "percent": 20}, 1000, 200),
        ({"type": "percent", "percent": 5}, 10, 1),
        ({"type": "percent", "percent": 5}, 9, 0),
        ({"type": "percent", "percent": 15}, 1230, 185),
        ({"type": "percent", "percent": 100}, 777, 777),
        ({"type": "amount", "amount": eur(500)}, 1000, 500),
        ({"type": "amount", "amount": eur(500)}, 499, 499),
    ],
)
def test_a_coupon_says_what_it_takes_off(
    shop: Shop, offer: dict[str, Any], order: int, discount: int
) -> None:
    made = redeem(shop, shop.card("coupon", rules={"offer": offer}), order_total=eur(order))
    assert (made.status, made["discount"], made["amount"]) == (201, eur(discount), counted(1, "USE"))


@promise("F14", "F52")
def test_only_an_item_needs_no_order(shop: Shop) -> None:
    item = {"offer": {"type": "item", "item": "A croissant"}}
    for order in ({}, {"order_total": eur(1000)}):
        made = redeem(shop, shop.card("coupon", rules=item), **order)
        assert (made.status, made["discount"]) == (201, None)
    answer = redeem(shop, shop.card("coupon"))
    assert (answer.status, answer.fields) == (422, ["order_total"])


@promise("M14")
@pytest.mark.parametrize("make", ["gift", "points"])
def test_a_payment_is_refunded_in_parts_and_never_beyond(shop: Shop, make: str) -> None:
    card = getattr(shop, make)(500)
    asset = card["balance"]["asset"]
    taken = redeem(shop, card, amount=counted(300, asset))
    part = refund(shop, taken, amount=counted(100, asset))
    assert (part.status, part["type"], part["delta"]) == (201, "refund", counted(100, asset))
    assert refund(shop, taken, amount=counted(201, asset)).code == "refund_exceeds_redemption"
    rest = refund(shop, taken)
    assert (rest["amount"], rest["balance_after"]) == (counted(200, asset), counted(500, asset))
    assert refund(shop, taken).code == "refund_exceeds_redemption"


@promise("M15")
def test_a_refunded_coupon_is_usable_again(shop: Shop) -> None:
    card = shop.card("coupon")
    taken = redeem(shop, card, order_total=eur(1000))
    refund(shop, taken).ok()
    assert shop.balance(card) == 1
    assert redeem(shop, card, order_total=eur(1000)).status == 201


@promise("M16")
def test_a_refunded_reward_returns(shop: Shop) -> None:
    card = shop.stamped(10)
    taken = redeem(shop, card, reward=True)
    refund(shop, taken).ok()
    assert shop.state(card)["rewards"] == 1


@promise("M17")
@pytest.mark.parametrize("make", ["stamped", "points"])
def test_a_sale_undone_takes_back_what_it_earned(shop: Shop, make: str) -> None:
    card = getattr(shop, make)(4)
    earned = shop.till.post("/stamps", {"card_id": card["id"], "count": 3}).ok()
    undone = shop.till.post(f"/stamps/{earned['id']}/reverse")
    assert (undone.status, undone["type"], undone["delta"]["amount"]) == (201, "reversal", -3)
    assert shop.balance(card) == 4


@promise("M17")
def test_a_sale_undone_takes_back_the_reward_it_created(shop: Shop) -> None:
    card = shop.stamped(8)
    earned = shop.till.post("/stamps", {"card_id": card["id"], "count": 5}).ok()
    shop.till.post(f"/stamps/{earned['id']}/reverse").ok()
    now = shop.state(card)
    assert (now["balance"]["amount"], now["rewards"], now["owed"]["amount"]) == (8, 0, 0)


@promise("F43")
@pytest.mark.parametrize("kind", ["load", "stamps", "nothing"])
def test_what_is_no_redemption_cannot_be_refunded(shop: Shop, kind: str) -> None:
    made = {
        "load": lambda: shop.till.post("/loads", {"card_id": shop.gift(5)["id"], "amount": eur(5)})["id"],
        "stamps": lambda: shop.till.post("/stamps", {"card_id": shop.card()["id"], "count": 1})["id"],
        "nothing": lambda: "txn_none",
    }[kind]()
    assert shop.till.post(f"/redemptions/{made}/refund").code == "not_found"


@promise("F47")
def test_a_purchase_without_a_rule_is_a_wrong_field(shop: Shop) -> None:
    card = shop.card("stamp", rules={"stamp_per": None})
    answer = buy(shop, card, 500)
    assert (answer.status, answer.fields) == (422, ["purchase"])
    assert shop.till.post("/stamps", {"card_id": card["id"], "count": 1}).status == 201
