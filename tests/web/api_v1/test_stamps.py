"""Stamps: counted or bought, rounds that turn into rewards, sales undone, and what a day allows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from passes.clock import FixedClock
from tests.fixtures.api import Answer, Client, Shop, counted, eur

Json = dict[str, Any]


def stamp(till: Client, card: Json, count: int = 1, **more: Any) -> Answer:
    return till.post("/stamps", {"card_id": card["id"], "count": count, **more})


def undo(till: Client, sale: Answer) -> Answer:
    return till.post(f"/stamps/{sale['id']}/reverse")


def stands(shop: Shop, card: Json) -> tuple[int, int, int]:
    now = shop.state(card)
    return now["balance"]["amount"], now["rewards"], now["owed"]["amount"]


def test_a_stamp_is_a_transaction_with_everything_the_till_prints(shop: Shop) -> None:
    card, location = shop.card(), shop.location()
    answer = stamp(shop.till, card, 3, reference="4711", location_id=location, note="Danke")
    assert answer.status == 201
    assert answer["id"].startswith("txn_")
    expected = {
        "type": "earn",
        "card_id": card["id"],
        "amount": counted(3, "STAMP"),
        "delta": counted(3, "STAMP"),
        "balance_after": counted(3, "STAMP"),
        "rewards_after": 0,
        "discount": None,
        "remaining_due": None,
        "reference": "4711",
        "location_id": location,
        "note": "Danke",
        "created_at": "2026-03-02T09:00:00Z",
    }
    assert {name: answer[name] for name in expected} == expected
    assert shop.history(card) == [answer.json]


def test_a_full_card_turns_into_a_reward_in_the_same_transaction(shop: Shop) -> None:
    card = shop.stamped(9)
    answer = stamp(shop.till, card, 1)
    assert (answer["amount"], answer["delta"]) == (counted(1, "STAMP"), counted(-9, "STAMP"))
    assert (answer["balance_after"]["amount"], answer["rewards_after"]) == (0, 1)
    assert stands(shop, card) == (0, 1, 0)


@pytest.mark.parametrize("count, balance, rewards", [(10, 0, 1), (12, 2, 1), (35, 5, 3), (9, 9, 0)])
def test_surplus_stamps_start_the_next_round(shop: Shop, count: int, balance: int, rewards: int) -> None:
    card = shop.stamped(count)
    assert stands(shop, card) == (balance, rewards, 0)


@pytest.mark.parametrize("cents, stamps", [(350, 1), (349, 0), (699, 1), (700, 2), (1, 0)])
def test_a_purchase_gives_one_stamp_per_full_amount(shop: Shop, cents: int, stamps: int) -> None:
    card = shop.card()
    answer = shop.till.post("/stamps", {"card_id": card["id"], "purchase": eur(cents)})
    assert (answer.status, answer["amount"]) == (201, counted(stamps, "STAMP"))
    assert stands(shop, card)[0] == stamps


def test_a_purchase_without_a_rule_for_it_is_a_wrong_field(shop: Shop) -> None:
    card = shop.card("stamp", rules={"stamp_per": None})
    answer = shop.till.post("/stamps", {"card_id": card["id"], "purchase": eur(500)})
    assert (answer.status, answer.code, answer.fields) == (422, "invalid_request", ["purchase"])


def test_a_purchase_in_another_currency_is_a_mismatch(shop: Shop) -> None:
    body = {"card_id": shop.card()["id"], "purchase": {"amount": 500, "asset": "USD"}}
    assert shop.till.post("/stamps", body).code == "asset_mismatch"


@pytest.mark.parametrize("more", [{}, {"count": 1, "purchase": eur(500)}])
def test_stamps_are_counted_or_bought(shop: Shop, more: Json) -> None:
    answer = shop.till.post("/stamps", {"card_id": shop.card()["id"], **more})
    assert (answer.status, answer.code) == (422, "invalid_request")


@pytest.mark.parametrize("kind", ["gift", "coupon"])
def test_only_cards_that_collect_are_stamped(shop: Shop, kind: str) -> None:
    answer = stamp(shop.till, shop.card(kind))
    assert (answer.status, answer.code) == (422, "wrong_kind")


def test_a_reward_is_taken_once(shop: Shop) -> None:
    card = shop.stamped(13)
    body = {"card_id": card["id"], "reward": True}
    answer = shop.till.post("/redemptions", body)
    assert (answer["type"], answer["amount"], answer["delta"]) == (
        "redeem",
        counted(1, "REWARD"),
        counted(0, "STAMP"),
    )
    assert (answer["balance_after"], answer["rewards_after"]) == (counted(3, "STAMP"), 0)
    assert shop.till.post("/redemptions", body).code == "no_reward_available"


def test_a_sale_undone_takes_back_what_it_earned(shop: Shop) -> None:
    card = shop.stamped(3)
    answer = undo(shop.till, stamp(shop.till, card, 4))
    assert (answer.status, answer["type"]) == (201, "reversal")
    assert (answer["amount"], answer["delta"]) == (counted(4, "STAMP"), counted(-4, "STAMP"))
    assert stands(shop, card) == (3, 0, 0)


def test_a_sale_undone_takes_its_reward_back_while_that_is_still_there(shop: Shop) -> None:
    card = shop.stamped(8)
    answer = undo(shop.till, stamp(shop.till, card, 5))
    assert (answer["delta"], answer["rewards_after"]) == (counted(5, "STAMP"), 0)
    assert stands(shop, card) == (8, 0, 0)


def test_stamps_already_spent_leave_the_card_owing_which_is_earned_off_first(shop: Shop) -> None:
    card = shop.card()
    sale = stamp(shop.till, card, 12)
    shop.till.post("/redemptions", {"card_id": card["id"], "reward": True}).ok()
    undo(shop.till, sale).ok()
    assert stands(shop, card) == (0, 0, 10)
    answer = stamp(shop.till, card, 4)
    assert (answer["amount"], answer["delta"]) == (counted(4, "STAMP"), counted(0, "STAMP"))
    assert stands(shop, card) == (0, 0, 6)
    stamp(shop.till, card, 9)
    assert stands(shop, card) == (3, 0, 0)


def test_a_sale_is_undone_once(shop: Shop) -> None:
    sale = stamp(shop.till, shop.card(), 2)
    undo(shop.till, sale).ok()
    answer = undo(shop.till, sale)
    assert (answer.status, answer.code) == (409, "reversed")


def test_a_sale_that_earned_nothing_is_undone_once_too(shop: Shop) -> None:
    sale = shop.till.post("/stamps", {"card_id": shop.card()["id"], "purchase": eur(1)})
    assert undo(shop.till, sale).status == 201
    assert undo(shop.till, sale).code == "reversed"


def test_what_is_no_sale_cannot_be_undone_as_one(shop: Shop) -> None:
    card = shop.stamped(10)
    reward = shop.till.post("/redemptions", {"card_id": card["id"], "reward": True})
    assert undo(shop.till, reward).code == "not_found"
    assert shop.till.post("/stamps/txn_none/reverse").code == "not_found"


def test_a_day_allows_so_many_stamps(shop: Shop) -> None:
    card = shop.card("stamp", rules={"max_stamps_per_day": 3})
    assert stamp(shop.till, card, 2).status == 201
    answer = stamp(shop.till, card, 2)
    assert (answer.status, answer.code, answer["limit"]) == (409, "program_limit", "max_stamps_per_day")
    assert stamp(shop.till, card, 1).status == 201
    assert stands(shop, card)[0] == 3


def test_a_sale_undone_gives_the_day_its_stamps_back(shop: Shop) -> None:
    card = shop.card("stamp", rules={"max_stamps_per_day": 2})
    undo(shop.till, stamp(shop.till, card, 2)).ok()
    assert stamp(shop.till, card, 2).status == 201


@pytest.mark.parametrize(
    "zone, midnight",
    [
        (None, datetime(2026, 3, 2, 23, 0, tzinfo=UTC)),  # the merchant's: Berlin in winter
        ("America/New_York", datetime(2026, 3, 3, 5, 0, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
    ],
)
def test_a_day_is_the_shops_own(shop: Shop, clock: FixedClock, zone: str | None, midnight: datetime) -> None:
    location = shop.location(time_zone=zone)
    card = shop.card("stamp", rules={"max_stamps_per_day": 1})
    clock.at = midnight - timedelta(seconds=1)
    assert stamp(shop.till, card, location_id=location).status == 201
    assert stamp(shop.till, card, location_id=location).code == "program_limit"
    clock.at = midnight
    assert stamp(shop.till, card, location_id=location).status == 201


def test_the_day_of_the_clock_change_has_its_own_length(shop: Shop, clock: FixedClock) -> None:
    card = shop.card("stamp", rules={"max_stamps_per_day": 1})
    clock.at = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)  # midnight in Berlin, before a day of 23 hours
    assert stamp(shop.till, card).status == 201
    clock.at = datetime(2026, 3, 29, 21, 59, tzinfo=UTC)
    assert stamp(shop.till, card).code == "program_limit"
    clock.at = datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
    assert stamp(shop.till, card).status == 201
