"""Gift cards: loads and their limits, payments whole and in part, and when the time runs out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from passes.clock import FixedClock
from tests.fixtures.api import Answer, Shop, eur

Json = dict[str, Any]


def load(shop: Shop, card: Json, cents: int) -> Answer:
    return shop.till.post("/loads", {"card_id": card["id"], "amount": eur(cents)})


def pay(shop: Shop, card: Json, cents: int, **more: Any) -> Answer:
    return shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(cents), **more})


def test_a_card_issued_with_an_amount_is_active_at_once_and_the_books_say_issue(shop: Shop) -> None:
    card = shop.gift(2500)
    assert (card["state"], card["balance"], card["available"]) == ("active", eur(2500), eur(2500))
    (entry,) = shop.history(card)
    assert (entry["type"], entry["amount"], entry["balance_after"]) == ("issue", eur(2500), eur(2500))


def test_a_card_issued_without_an_amount_waits_for_its_first_load(shop: Shop) -> None:
    card = shop.card("gift")
    assert (card["state"], card["balance"], shop.history(card)) == ("pending", eur(0), [])
    answer = load(shop, card, 1000)
    assert (answer.status, answer["type"], answer["delta"]) == (201, "load", eur(1000))
    assert shop.state(card)["state"] == "active"


@pytest.mark.parametrize("kind", ["stamp", "points", "coupon"])
def test_only_gift_cards_are_loaded_or_issued_with_an_amount(shop: Shop, kind: str) -> None:
    assert load(shop, shop.card(kind), 100).code == "wrong_kind"
    body = {"program_id": shop.program(kind), "amount": eur(100)}
    assert shop.till.post("/cards", body).code == "wrong_kind"


def test_a_load_is_in_the_programs_currency(shop: Shop) -> None:
    dollars = {"amount": 100, "asset": "USD"}
    card = shop.card("gift")
    assert shop.till.post("/loads", {"card_id": card["id"], "amount": dollars}).code == "asset_mismatch"
    assert (
        shop.till.post("/cards", {"program_id": card["program_id"], "amount": dollars}).code
        == "asset_mismatch"
    )


def test_a_load_has_a_minimum_and_a_card_a_maximum(shop: Shop) -> None:
    limits = {"minimum_load": eur(500), "maximum_balance": eur(2000)}
    card = shop.card("gift", rules=limits)
    too_small, too_large = load(shop, card, 499), load(shop, card, 2001)
    assert [(a.status, a.code, a["limit"]) for a in (too_small, too_large)] == [
        (409, "program_limit", "minimum_load"),
        (409, "program_limit", "maximum_balance"),
    ]
    assert load(shop, card, 1500).status == 201
    assert load(shop, card, 501)["limit"] == "maximum_balance"
    assert load(shop, card, 500).status == 201
    body = {"program_id": card["program_id"], "amount": eur(499)}
    assert shop.till.post("/cards", body)["limit"] == "minimum_load"


def test_a_card_that_is_not_reloadable_is_loaded_once(shop: Shop) -> None:
    card = shop.card("gift", rules={"reloadable": False})
    assert load(shop, card, 500).status == 201
    answer = load(shop, card, 500)
    assert (answer.status, answer.code, answer["limit"]) == (409, "program_limit", "not_reloadable")


def test_a_payment_takes_what_it_says_and_never_more_than_there_is(shop: Shop) -> None:
    card = shop.gift(1000)
    answer = pay(shop, card, 400)
    assert (answer.status, answer["type"], answer["amount"]) == (201, "redeem", eur(400))
    assert (answer["delta"], answer["balance_after"]) == (eur(-400), eur(600))
    answer = pay(shop, card, 601)
    assert (answer.status, answer.code, answer["available"]) == (402, "insufficient_balance", eur(600))
    assert pay(shop, card, 600)["remaining_due"]["amount"] == 0
    assert shop.balance(card) == 0


def test_a_payment_in_part_takes_what_is_there_and_says_the_rest(shop: Shop) -> None:
    card = shop.gift(1000)
    answer = pay(shop, card, 1234, allow_partial=True)
    assert (answer["amount"], answer["remaining_due"]) == (eur(1000), eur(234))
    answer = pay(shop, card, 1, allow_partial=True)
    assert (answer.status, answer["available"]) == (402, eur(0))


@pytest.mark.parametrize("value", ["true", 1, 0, None])
def test_whether_a_part_will_do_is_yes_or_no(shop: Shop, value: Any) -> None:
    answer = pay(shop, shop.gift(1000), 1, allow_partial=value)
    assert (answer.status, answer.fields) == (422, ["allow_partial"])


def test_a_payment_names_its_amount_and_nothing_else(shop: Shop) -> None:
    card = shop.gift(1000)
    for what in ({"reward": True}, {"reward_id": "mug"}, {"order_total": eur(5)}):
        answer = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(1), **what})
        assert (answer.status, answer.code) == (422, "wrong_kind")
    answer = shop.till.post("/redemptions", {"card_id": card["id"]})
    assert (answer.status, answer.fields) == (422, ["amount"])


@pytest.mark.parametrize("value", [False, 1, "true", []])
def test_a_reward_is_asked_for_with_true_alone(shop: Shop, value: Any) -> None:
    answer = shop.till.post("/redemptions", {"card_id": shop.stamped(10)["id"], "reward": value})
    assert (answer.status, answer.fields) == (422, ["reward"])


def test_a_waiting_card_cannot_be_spent(shop: Shop) -> None:
    answer = pay(shop, shop.card("gift"), 1)
    assert (answer.status, answer.code, answer["state"]) == (409, "card_not_active", "pending")


@pytest.mark.parametrize(
    "expiry, expected",
    [
        (None, "2029-12-31T23:00:00Z"),  # three years and to the end of the year, by Berlin's midnight
        ({"after_years": 1, "end_of_year": False}, "2027-03-02T09:00:00Z"),
        ({"after_days": 30}, "2026-04-01T09:00:00Z"),
        ({"never": True}, None),
    ],
)
def test_a_card_expires_as_its_program_says(shop: Shop, expiry: Json | None, expected: str | None) -> None:
    rules = {} if expiry is None else {"expiry": expiry}
    assert shop.gift(500, **rules)["expires_at"] == expected
    waiting = shop.card("gift", rules=rules)
    assert waiting["expires_at"] is None
    load(shop, waiting, 500).ok()
    assert shop.state(waiting)["expires_at"] == expected


def test_the_year_ends_at_the_merchants_midnight(shop: Shop, clock: FixedClock) -> None:
    clock.at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # already 2027 in Berlin
    assert shop.gift(500)["expires_at"] == "2030-12-31T23:00:00Z"


def test_a_card_past_its_time_reads_expired_and_is_neither_spent_nor_loaded(
    shop: Shop, clock: FixedClock
) -> None:
    card = shop.gift(500)
    clock.at = datetime.fromisoformat(card["expires_at"])
    assert shop.state(card)["state"] == "expired"
    for answer in (pay(shop, card, 1), load(shop, card, 1)):
        assert (answer.status, answer.code) == (409, "card_expired")
    clock.at -= timedelta(microseconds=1)
    assert shop.state(card)["state"] == "active"
    assert pay(shop, card, 1).status == 201


def test_a_waiting_card_past_its_time_is_not_loaded(shop: Shop, clock: FixedClock) -> None:
    card = shop.card("gift", expires_at="2026-03-03T00:00:00Z")
    clock.at += timedelta(days=1)
    assert shop.state(card)["state"] == "expired"
    assert load(shop, card, 100).code == "card_expired"


def test_a_date_given_at_issue_goes_before_the_programs(shop: Shop) -> None:
    card = shop.card("gift", amount=eur(100), expires_at="2027-01-01T00:00:00Z")
    assert card["expires_at"] == "2027-01-01T00:00:00Z"


def test_a_card_cannot_be_issued_past_its_time(shop: Shop, clock: FixedClock) -> None:
    body = {"program_id": shop.program("gift"), "expires_at": "2026-03-02T09:00:00Z"}
    answer = shop.till.post("/cards", body)
    assert (answer.status, answer.fields) == (422, ["expires_at"])
