"""Giving a basket back: whole or by line, what is left of each, all of it or nothing."""

from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.api import Answer, Shop, eur
from tests.web.api_v1.test_baskets import by_id, coupon, pay

Json = dict[str, Any]


def refund(shop: Shop, basket: Answer, lines: list[int] | None = None, **more: Any) -> Answer:
    body = {**more} if lines is None else {"lines": lines, **more}
    return shop.till.post(f"/baskets/{basket['id']}/refund", body)


def returned(answer: Answer) -> list[tuple[int, int | None]]:
    """Each line and what came back for it."""
    assert answer.status == 201, answer.raw
    assert {line["status"] for line in answer["results"]} == {"refunded"}
    return [
        (line["line"], line["transaction"] and line["transaction"]["amount"]["amount"])
        for line in answer["results"]
    ]


@pytest.fixture
def cards(shop: Shop) -> list[Json]:
    return [coupon(shop), shop.stamped(12), shop.points(60), shop.gift(300), shop.gift(1000)]


@pytest.fixture
def basket(shop: Shop, cards: list[Json]) -> Answer:
    used: list[Json] = [{}, {"reward": True}, {"reward_id": "mug"}, {}, {}]
    return pay(shop, 1000, *(by_id(card, **use) for card, use in zip(cards, used, strict=True))).ok()


def stands(shop: Shop, cards: list[Json]) -> list[tuple[int, int | None]]:
    return [(now["balance"]["amount"], now.get("rewards")) for now in map(shop.state, cards)]


def test_a_whole_basket_comes_back(shop: Shop, cards: list[Json], basket: Answer) -> None:
    answer = refund(shop, basket, reference="4712", note="zurück")
    assert returned(answer) == [(0, 1), (1, 1), (2, 50), (3, 300), (4, 500)]
    assert answer["id"].startswith("bref_")
    assert (answer["basket_id"], answer["reference"]) == (basket["id"], "4712")
    for line in answer["results"]:
        assert (line["transaction"]["type"], line["transaction"]["reference"]) == ("refund", "4712")
    assert stands(shop, cards) == [(1, None), (2, 1), (60, None), (300, None), (1000, None)]
    again = refund(shop, basket)
    assert (again.status, again.code, again["refundable"]) == (409, "refund_exceeds_redemption", eur(0))


def test_a_basket_comes_back_by_line_and_then_the_rest(shop: Shop, cards: list[Json], basket: Answer) -> None:
    assert returned(refund(shop, basket, [4, 0])) == [(4, 500), (0, 1)]
    assert refund(shop, basket, [0]).code == "refund_exceeds_redemption"
    assert returned(refund(shop, basket, [0, 3])) == [(0, None), (3, 300)]
    assert returned(refund(shop, basket)) == [(0, None), (1, 1), (2, 50), (3, None), (4, None)]
    assert refund(shop, basket).code == "refund_exceeds_redemption"
    assert stands(shop, cards) == [(1, None), (2, 1), (60, None), (300, None), (1000, None)]


def test_of_a_line_partly_refunded_the_rest_comes_back(shop: Shop, cards: list[Json], basket: Answer) -> None:
    line = basket["results"][4]["transaction"]["id"]
    shop.till.post(f"/redemptions/{line}/refund", {"amount": eur(120)}).ok()
    assert returned(refund(shop, basket, [4])) == [(4, 380)]
    assert shop.balance(cards[4]) == 1000


def test_a_line_taken_over_nothing_has_nothing_to_give_back(shop: Shop) -> None:
    basket = pay(shop, 100, by_id(shop.gift(100)), by_id(shop.gift(100)))
    assert refund(shop, basket, [1])["refundable"] == eur(0)
    assert returned(refund(shop, basket)) == [(0, 100), (1, None)]


@pytest.mark.parametrize("lines, field", [([2], "lines.0"), ([0, 0], "lines.1"), ([0, 1], "lines.1")])
def test_lines_that_are_unknown_doubled_or_were_refused_are_wrong(
    shop: Shop, lines: list[int], field: str
) -> None:
    card = shop.gift(100)
    basket = pay(shop, 100, by_id(card), {"code": "nobody"}, mode="partial")
    answer = refund(shop, basket, lines)
    assert (answer.status, answer.fields) == (422, [field])
    assert shop.balance(card) == 0
    assert returned(refund(shop, basket)) == [(0, 100)]


def test_a_basket_that_took_nothing_has_nothing_to_give_back(shop: Shop) -> None:
    basket = pay(shop, 100, {"code": "nobody"}, mode="partial")
    assert refund(shop, basket).code == "refund_exceeds_redemption"


def test_a_closed_card_refuses_the_whole_and_the_others_come_back_by_line(shop: Shop) -> None:
    open_card, closed = shop.gift(100), shop.gift(100)
    basket = pay(shop, 200, by_id(open_card), by_id(closed))
    shop.manager.post(f"/cards/{closed['id']}/deactivate", {"reason": "closed"}).ok()
    answer = refund(shop, basket)
    assert (answer.status, answer.code, answer["line"]) == (409, "card_not_active", 1)
    assert shop.balance(open_card) == 0
    assert returned(refund(shop, basket, [0])) == [(0, 100)]


def test_what_a_replaced_card_paid_comes_back_onto_its_successor(shop: Shop) -> None:
    lost, kept = shop.gift(100), shop.gift(100)
    basket = pay(shop, 200, by_id(lost), by_id(kept))
    new = shop.manager.post(f"/cards/{lost['id']}/replace", {"reason": "lost"}).ok().json
    newer = shop.manager.post(f"/cards/{new['id']}/replace", {"reason": "lost"}).ok().json
    answer = refund(shop, basket)
    assert returned(answer) == [(0, 100), (1, 100)]
    assert [line["card_id"] for line in answer["results"]] == [newer["id"], kept["id"]]
    assert [shop.balance(card) for card in (lost, new, newer, kept)] == [0, 0, 100, 100]
    assert refund(shop, basket).code == "refund_exceeds_redemption"


def test_the_same_key_gives_back_once(shop: Shop, cards: list[Json], basket: Answer) -> None:
    path, key = f"/baskets/{basket['id']}/refund", str(uuid4())
    first, again = (shop.till.post(path, {"lines": [3]}, key=key) for _ in range(2))
    assert (first.raw, again.is_replay) == (again.raw, True)
    assert shop.balance(cards[3]) == 300
