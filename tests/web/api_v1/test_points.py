"""Points: a point per so much, tiers that earn faster, a catalogue to spend them in."""

from typing import Any

import pytest

from tests.fixtures.api import Answer, Shop, counted, eur

Json = dict[str, Any]
TIERS = [
    {"name": "Silver", "from_points": 100, "factor_percent": 150},
    {"name": "Gold", "from_points": 300, "factor_percent": 200},
]


def buy(shop: Shop, card: Json, cents: int) -> Answer:
    return shop.till.post("/stamps", {"card_id": card["id"], "purchase": eur(cents)}).ok()


def redeem(shop: Shop, card: Json, **what: Any) -> Answer:
    return shop.till.post("/redemptions", {"card_id": card["id"], **what})


@pytest.mark.parametrize("cents, points", [(100, 1), (99, 0), (1999, 19)])
def test_a_purchase_gives_a_point_per_full_amount(shop: Shop, cents: int, points: int) -> None:
    card = shop.card("points")
    answer = buy(shop, card, cents)
    assert (answer["amount"], answer["rewards_after"]) == (counted(points, "POINT"), None)
    assert shop.balance(card) == points


def test_a_tier_earns_by_its_factor_from_the_next_purchase_on_rounded_down(shop: Shop) -> None:
    card = shop.card("points", rules={"tiers": TIERS})
    earned = [buy(shop, card, cents)["amount"]["amount"] for cents in (10_000, 1100, 20_000, 500)]
    assert earned == [100, 16, 300, 10]


def test_a_tier_counts_what_was_collected_not_what_is_left(shop: Shop) -> None:
    card = shop.card("points", rules={"tiers": TIERS})
    buy(shop, card, 10_000)
    redeem(shop, card, amount=counted(100, "POINT")).ok()
    assert buy(shop, card, 1000)["amount"]["amount"] == 15


def test_a_sale_undone_does_not_count_towards_a_tier(shop: Shop) -> None:
    card = shop.card("points", rules={"tiers": TIERS})
    sale = buy(shop, card, 10_000)
    shop.till.post(f"/stamps/{sale['id']}/reverse").ok()
    assert buy(shop, card, 1000)["amount"]["amount"] == 10


def test_a_reward_of_the_catalogue_costs_its_points(shop: Shop) -> None:
    card = shop.points(60)
    answer = redeem(shop, card, reward_id="mug")
    assert (answer["amount"], answer["balance_after"]) == (counted(50, "POINT"), counted(10, "POINT"))


def test_too_few_points_for_a_reward_is_402(shop: Shop) -> None:
    answer = redeem(shop, shop.points(49), reward_id="mug")
    assert (answer.status, answer.code, answer["available"]) == (
        402,
        "insufficient_balance",
        counted(49, "POINT"),
    )


def test_a_reward_the_catalogue_does_not_know_is_404(shop: Shop) -> None:
    answer = redeem(shop, shop.points(60), reward_id="yacht")
    assert (answer.status, answer.code) == (404, "not_found")


def test_points_are_spent_by_amount_too(shop: Shop) -> None:
    card = shop.points(60)
    assert redeem(shop, card, amount=counted(61, "POINT")).code == "insufficient_balance"
    assert redeem(shop, card, amount=eur(1)).code == "asset_mismatch"
    answer = redeem(shop, card, amount=counted(70, "POINT"), allow_partial=True)
    assert (answer["amount"], answer["remaining_due"]) == (counted(60, "POINT"), counted(10, "POINT"))


@pytest.mark.parametrize("what", [{}, {"amount": counted(1, "POINT"), "reward_id": "mug"}])
def test_points_are_spent_by_exactly_one_of_amount_and_reward(shop: Shop, what: Json) -> None:
    assert redeem(shop, shop.points(60), **what).code == "invalid_request"


def test_points_already_spent_leave_the_card_owing(shop: Shop) -> None:
    card = shop.card("points")
    sale = buy(shop, card, 6000)
    redeem(shop, card, reward_id="mug").ok()
    shop.till.post(f"/stamps/{sale['id']}/reverse").ok()
    now = shop.state(card)
    assert (now["balance"], now["owed"]) == (counted(0, "POINT"), counted(50, "POINT"))
    buy(shop, card, 5500)
    now = shop.state(card)
    assert (now["balance"]["amount"], now["owed"]["amount"]) == (5, 0)


def test_a_refund_first_pays_what_the_card_owes(shop: Shop) -> None:
    card = shop.card("points")
    sale = buy(shop, card, 6000)
    mug = redeem(shop, card, reward_id="mug")
    shop.till.post(f"/stamps/{sale['id']}/reverse").ok()
    answer = shop.till.post(f"/redemptions/{mug['id']}/refund")
    assert (answer["amount"], answer["delta"]) == (counted(50, "POINT"), counted(0, "POINT"))
    assert shop.state(card)["owed"]["amount"] == 0
