"""Baskets: one order, several cards, one stroke."""

from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.api import Answer, Shop, eur

promise = pytest.mark.promise
Json = dict[str, Any]


def pay(shop: Shop, total: int, *instruments: Json, mode: str = "all", **more: Any) -> Answer:
    body = {"mode": mode, "order_total": eur(total), "instruments": list(instruments), **more}
    return shop.till.post("/baskets", body, key=str(uuid4()))


def line(card: Json, cents: int | None = None, **more: Any) -> Json:
    return {"code": card["code"], **({} if cents is None else {"amount": eur(cents)}), **more}


@promise("M23", "B1", "B2")
def test_several_cards_pay_one_order(shop: Shop) -> None:
    one, two = shop.gift(500), shop.gift(2000)
    made = pay(shop, 1250, line(one), line(two))
    assert made.status == 201
    assert {"id", "results", "discount", "paid", "remaining_due"} <= set(made.json)
    assert (made["paid"], made["remaining_due"], made["discount"]) == (eur(1250), eur(0), eur(0))
    assert [result["card_id"] for result in made["results"]] == [one["id"], two["id"]]
    assert [result["status"] for result in made["results"]] == ["taken", "taken"]
    assert [result["transaction"]["amount"] for result in made["results"]] == [eur(500), eur(750)]
    assert (shop.balance(one), shop.balance(two)) == (0, 1250)


@promise("M23", "M13")
def test_a_coupon_and_a_reward_count_in_a_basket(shop: Shop) -> None:
    coupon, stamps, gift = shop.card("coupon"), shop.stamped(10), shop.gift(2000)
    made = pay(shop, 1000, line(coupon), line(stamps, reward=True), line(gift))
    assert made.status == 201
    assert (made["discount"], made["paid"], made["remaining_due"]) == (eur(200), eur(800), eur(0))
    assert (shop.balance(coupon), shop.state(stamps)["rewards"], shop.balance(gift)) == (0, 0, 1200)


@promise("B3")
@pytest.mark.parametrize("mode", ["all", "partial"])
def test_the_same_card_twice_is_a_wrong_request(shop: Shop, mode: str) -> None:
    card = shop.gift(500)
    again = {"card_id": card["id"]}
    answers = [
        pay(shop, 500, line(card), line(card), mode=mode),
        pay(shop, 500, line(card), again, mode=mode),
    ]
    assert {answer.status for answer in answers} == {422}
    assert shop.balance(card) == 500


@promise("B4", "B8")
def test_in_mode_all_the_first_refusal_undoes_everything_and_is_the_answer(shop: Shop) -> None:
    one, two = shop.gift(500), shop.gift(100)
    answer = pay(shop, 1000, line(one, 300), line(two, 101))
    assert (answer.status, answer.code, answer["instrument"]) == (402, "insufficient_balance", 1)
    assert (shop.balance(one), shop.balance(two)) == (500, 100)
    unknown = pay(shop, 1000, {"code": "nothing"}, line(one))
    assert (unknown.status, unknown.code, unknown["instrument"]) == (404, "card_not_found", 0)


@promise("B5")
@pytest.mark.parametrize("mode", ["all", "partial"])
def test_an_uncovered_rest_is_no_refusal(shop: Shop, mode: str) -> None:
    made = pay(shop, 1250, line(shop.gift(500)), mode=mode)
    assert (made.status, made["paid"], made["remaining_due"]) == (201, eur(500), eur(750))


@promise("B8", "B11", "B12")
def test_mode_partial_goes_as_far_as_it_goes(shop: Shop) -> None:
    one, two = shop.gift(100), shop.gift(500)
    made = pay(shop, 1000, line(one, 101), {"code": "nothing"}, line(two), mode="partial")
    assert [result["status"] for result in made["results"]] == ["refused", "refused", "taken"]
    assert [result["problem"]["status"] for result in made["results"][:2]] == [402, 404]
    assert [result["card_id"] for result in made["results"]] == [one["id"], None, two["id"]]
    assert (made["paid"], made["remaining_due"]) == (eur(500), eur(500))
    assert (shop.balance(one), shop.balance(two)) == (100, 0)


@promise("B9")
def test_a_line_above_what_is_due_is_cut_to_it(shop: Shop) -> None:
    card = shop.gift(2000)
    made = pay(shop, 500, line(card, 1500))
    assert (made["results"][0]["transaction"]["amount"], made["paid"]) == (eur(500), eur(500))
    assert shop.balance(card) == 1500


@promise("B10")
def test_a_line_with_nothing_to_do_is_taken_over_nothing(shop: Shop) -> None:
    full, spare, empty = shop.gift(500), shop.gift(500), shop.gift(300)
    shop.till.post("/redemptions", {"card_id": empty["id"], "amount": eur(300)}).ok()
    made = pay(shop, 500, line(empty), line(full), line(spare))
    assert [result["status"] for result in made["results"]] == ["taken"] * 3
    amounts = [result["transaction"]["amount"]["amount"] for result in made["results"]]
    assert (amounts, shop.balance(spare)) == ([0, 500, 0], 500)


@promise("B7")
def test_lines_carry_the_baskets_reference(shop: Shop) -> None:
    one, two = shop.gift(500), shop.gift(500)
    pay(shop, 800, line(one), line(two), reference="receipt 9").ok()
    under = shop.reader.get("/transactions", reference="receipt 9")["items"]
    assert {entry["card_id"] for entry in under} == {one["id"], two["id"]}


@promise("M24", "B6")
def test_a_basket_is_given_back_by_line_and_as_a_whole(shop: Shop) -> None:
    one, two = shop.gift(500), shop.gift(500)
    made = pay(shop, 800, line(one), line(two))
    part = shop.till.post(f"/baskets/{made['id']}/refund", {"lines": [1]})
    assert (part.status, {"id", "results"} <= set(part.json)) == (201, True)
    assert (shop.balance(one), shop.balance(two)) == (0, 500)
    whole = shop.till.post(f"/baskets/{made['id']}/refund")
    assert (whole.status, shop.balance(one), shop.balance(two)) == (201, 500, 500)


@promise("M23", "B13")
def test_a_basket_has_at_most_thirty_cards(shop: Shop) -> None:
    cards = [shop.gift(10) for _ in range(31)]
    assert pay(shop, 310, *(line(card) for card in cards)).status == 422
    assert pay(shop, 310, *(line(card) for card in cards[:30]))["paid"] == eur(300)
    assert pay(shop, 310).status == 422


@promise("B14", "M1", "I1")
def test_a_basket_needs_a_till_and_a_key(shop: Shop) -> None:
    body = {"mode": "all", "order_total": eur(5), "instruments": [line(shop.gift(5))]}
    assert shop.till.post("/baskets", body, key=None).code == "idempotency_key_required"
    assert shop.client("manage", "marketing", "read").post("/baskets", body).status == 403
    key = str(uuid4())
    first, again = (shop.till.post("/baskets", body, key=key) for _ in range(2))
    assert (first.status, again.raw, again.is_replay) == (201, first.raw, True)


@promise("B15", "M25")
@pytest.mark.parametrize("by", ["idempotency_key", "reference"])
def test_a_basket_is_reversed_as_a_whole(shop: Shop, by: str) -> None:
    one, two, key = shop.gift(500), shop.gift(500), str(uuid4())
    body = {"mode": "all", "order_total": eur(800), "instruments": [line(one), line(two)], "reference": "r 8"}
    shop.till.post("/baskets", body, key=key).ok()
    done = shop.till.post("/reversals", {by: key if by == "idempotency_key" else "r 8"})
    assert (done["outcome"], len(done["transactions"])) == ("reversed", 2)
    assert (shop.balance(one), shop.balance(two)) == (500, 500)
    assert shop.till.post("/baskets", body, key=key).code == "reversed"


@promise("F55")
def test_a_basket_that_took_nothing_is_reversed_without_transactions(shop: Shop) -> None:
    card, key = shop.gift(100), str(uuid4())
    body = {"mode": "partial", "order_total": eur(800), "instruments": [line(card, 101)]}
    assert shop.till.post("/baskets", body, key=key)["paid"] == eur(0)
    done = shop.till.post("/reversals", {"idempotency_key": key})
    assert (done["outcome"], done["transactions"]) == ("reversed", [])
