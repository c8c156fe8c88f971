"""Coupons: what they take off, from which order on, when, and how often."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from passes.clock import FixedClock
from tests.fixtures.api import Answer, Shop, counted, eur

Json = dict[str, Any]
ITEM = {"type": "item", "item": "A croissant"}


def use(shop: Shop, card: Json, cents: int | None = 1000, **more: Any) -> Answer:
    total = {} if cents is None else {"order_total": eur(cents)}
    return shop.till.post("/redemptions", {"card_id": card["id"], **total, **more})


def coupon(shop: Shop, offer: Json, **rules: Any) -> Json:
    return shop.card("coupon", rules={"offer": offer, **rules})


def percent(share: int) -> Json:
    return {"type": "percent", "percent": share}


def test_a_new_coupon_is_worth_its_uses_and_the_books_say_issue(shop: Shop) -> None:
    card = coupon(shop, percent(20), uses=3)
    assert (card["balance"], card["offer"]) == (counted(3, "USE"), percent(20))
    (entry,) = shop.history(card)
    assert (entry["type"], entry["amount"]) == ("issue", counted(3, "USE"))


@pytest.mark.parametrize(
    "share, cents, discount",
    [(20, 1000, 200), (20, 999, 200), (20, 997, 199), (25, 2, 1), (25, 1, 0), (50, 1, 1), (100, 777, 777)],
)
def test_a_share_of_the_order_rounds_half_a_cent_up(
    shop: Shop, share: int, cents: int, discount: int
) -> None:
    answer = use(shop, coupon(shop, percent(share)), cents)
    assert (answer.status, answer["discount"]) == (201, eur(discount))
    assert (answer["amount"], answer["delta"], answer["balance_after"]["amount"]) == (
        counted(1, "USE"),
        counted(-1, "USE"),
        0,
    )


def test_no_discount_exceeds_the_order_or_its_own_maximum(shop: Shop) -> None:
    five_off = {"type": "amount", "amount": eur(500)}
    assert use(shop, coupon(shop, five_off), 1000)["discount"] == eur(500)
    assert use(shop, coupon(shop, five_off), 300)["discount"] == eur(300)
    assert use(shop, coupon(shop, percent(50), maximum_discount=eur(200)), 1000)["discount"] == eur(200)


def test_an_item_needs_no_order_and_takes_nothing_off(shop: Shop) -> None:
    assert use(shop, coupon(shop, ITEM), None)["discount"] is None
    assert use(shop, coupon(shop, ITEM), 500)["discount"] is None


def test_everything_else_needs_the_order(shop: Shop) -> None:
    for card in (coupon(shop, percent(20)), coupon(shop, ITEM, minimum_order=eur(500))):
        answer = use(shop, card, None)
        assert (answer.status, answer.fields) == (422, ["order_total"])


def test_an_order_may_be_too_small(shop: Shop) -> None:
    card = coupon(shop, percent(20), minimum_order=eur(1000))
    answer = use(shop, card, 999)
    assert (answer.status, answer.code, answer["reason"]) == (409, "offer_not_applicable", "minimum_order")
    assert use(shop, card, 1000).status == 201


def test_an_order_is_in_the_offers_currency(shop: Shop) -> None:
    card = coupon(shop, percent(20), minimum_order=eur(1000))
    dollars = {"amount": 5000, "asset": "USD"}
    answer = shop.till.post("/redemptions", {"card_id": card["id"], "order_total": dollars})
    assert (answer.status, answer.code) == (422, "asset_mismatch")


def test_a_share_without_amounts_goes_off_any_currency(shop: Shop) -> None:
    yen = {"amount": 1995, "asset": "JPY"}
    card = coupon(shop, percent(10))
    assert shop.till.post("/redemptions", {"card_id": card["id"], "order_total": yen})["discount"] == {
        "amount": 200,
        "asset": "JPY",
    }


def test_an_offer_has_a_beginning_and_an_end(shop: Shop, clock: FixedClock) -> None:
    begins, ends = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    window = {"valid_from": begins.isoformat(), "valid_until": ends.isoformat()}
    card = coupon(shop, percent(20), uses=5, **window)
    tick = timedelta(microseconds=1)
    seen = {}
    for at in (begins - tick, begins, ends - tick, ends):
        clock.at = at
        answer = use(shop, card)
        seen[at] = answer["reason"] if answer.code == "offer_not_applicable" else answer.status
    assert list(seen.values()) == ["not_yet_valid", 201, 201, "no_longer_valid"]
    assert (shop.state(card)["state"], card["expires_at"]) == ("active", None)


def test_a_coupon_is_used_as_often_as_it_says(shop: Shop) -> None:
    card = coupon(shop, percent(20), uses=2)
    assert [use(shop, card).status for _ in range(2)] == [201, 201]
    answer = use(shop, card)
    assert (answer.status, answer.code) == (409, "already_redeemed")


def test_a_refunded_coupon_is_usable_again(shop: Shop) -> None:
    card = coupon(shop, percent(20))
    used = use(shop, card)
    answer = shop.till.post(f"/redemptions/{used['id']}/refund")
    assert (answer.status, answer["type"], answer["amount"]) == (201, "refund", counted(1, "USE"))
    assert use(shop, card).status == 201


@pytest.mark.parametrize("what", [{"amount": eur(1)}, {"reward": True}, {"reward_id": "mug"}])
def test_a_coupon_is_used_by_its_order_alone(shop: Shop, what: Json) -> None:
    assert use(shop, coupon(shop, ITEM), None, **what).code == "wrong_kind"
