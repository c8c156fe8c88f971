"""The rules of each kind of program, smallest form first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from passes.clock import FixedClock, format_rfc3339
from tests.fixtures.api import Answer, Shop, counted, eur

promise = pytest.mark.promise
Json = dict[str, Any]


def program(shop: Shop, kind: str, rules: Json, **more: Any) -> Answer:
    return shop.manager.post("/programs", {"kind": kind, "name": "Neu", "rules": rules, **more})


def card_of(shop: Shop, kind: str, rules: Json, issued: Json | None = None, **more: Any) -> Json:
    body = {"program_id": program(shop, kind, rules, **more).ok()["id"], **(issued or {})}
    card: Json = shop.till.post("/cards", body).ok().json
    return card


def use(shop: Shop, card: Json, cents: int = 1000) -> Answer:
    return shop.till.post("/redemptions", {"card_id": card["id"], "order_total": eur(cents)})


@promise("P1", "P5", "P10", "P15")
@pytest.mark.parametrize(
    "kind, rules, more",
    [
        ("stamp", {"stamps_required": 10, "reward": "A free coffee"}, {}),
        ("coupon", {"offer": {"type": "percent", "percent": 20}}, {}),
        ("coupon", {"offer": {"type": "amount", "amount": eur(500)}}, {}),
        ("coupon", {"offer": {"type": "item", "item": "A croissant"}}, {}),
        ("gift", {}, {"currency": "EUR"}),
        ("points", {"point_per": eur(100)}, {}),
    ],
)
def test_the_smallest_form_of_each_kind_is_enough(shop: Shop, kind: str, rules: Json, more: Json) -> None:
    made = program(shop, kind, rules, **more)
    assert made.status == 201
    for name in rules:
        rest = {key: value for key, value in rules.items() if key != name}
        assert program(shop, kind, rest, **more).status == 422
    if more:
        assert program(shop, kind, rules).fields == ["currency"]


@promise("P1", "P5", "P10", "P15")
@pytest.mark.parametrize("kind", ["stamp", "coupon", "gift", "points"])
def test_a_rule_nobody_knows_is_a_wrong_field(shop: Shop, kind: str) -> None:
    answer = program(shop, kind, {"surprise": 1}, currency="EUR" if kind == "gift" else None)
    assert "rules.surprise" in answer.fields


@promise("P3", "F15")
def test_a_day_has_so_many_stamps(shop: Shop, clock: FixedClock) -> None:
    card = card_of(shop, "stamp", {"stamps_required": 10, "reward": "x", "max_stamps_per_day": 2})
    body = {"card_id": card["id"], "count": 2}
    shop.till.post("/stamps", body).ok()
    answer = shop.till.post("/stamps", {**body, "count": 1})
    assert (answer.code, answer["limit"]) == ("program_limit", "max_stamps_per_day")
    clock.at += timedelta(days=1)
    assert shop.till.post("/stamps", body).status == 201


@promise("P6", "F16", "E20")
def test_an_order_has_to_be_large_enough(shop: Shop) -> None:
    offer = {"offer": {"type": "percent", "percent": 20}, "minimum_order": eur(500)}
    card = card_of(shop, "coupon", offer)
    answer = use(shop, card, 499)
    assert (answer.status, answer.code, answer["reason"]) == (409, "offer_not_applicable", "minimum_order")
    assert use(shop, card, 500).status == 201


@promise("P7")
def test_a_discount_has_a_maximum(shop: Shop) -> None:
    offer = {"offer": {"type": "percent", "percent": 50}, "maximum_discount": eur(300)}
    assert use(shop, card_of(shop, "coupon", offer), 1000)["discount"] == eur(300)


@promise("P8", "E13")
@pytest.mark.parametrize("uses", [None, 1, 2])
def test_a_coupon_is_used_so_often(shop: Shop, uses: int | None) -> None:
    offer: Json = {"offer": {"type": "percent", "percent": 20}}
    card = card_of(shop, "coupon", offer if uses is None else {**offer, "uses": uses})
    assert card["balance"] == counted(uses or 1, "USE")
    for _ in range(uses or 1):
        use(shop, card).ok()
    assert use(shop, card).code == "already_redeemed"


@promise("P9", "F16")
def test_an_offer_begins_and_ends(shop: Shop, clock: FixedClock) -> None:
    begins, ends = clock.at + timedelta(days=1), clock.at + timedelta(days=2)
    window = {"valid_from": format_rfc3339(begins), "valid_until": format_rfc3339(ends)}
    card = card_of(shop, "coupon", {"offer": {"type": "percent", "percent": 20}, "uses": 5, **window})
    moment = timedelta(microseconds=1)
    said = []
    for at in (begins - moment, begins, ends - moment, ends):
        clock.at = at
        answer = use(shop, card)
        said.append(answer["reason"] if answer.status == 409 else answer.status)
    assert said == ["not_yet_valid", 201, 201, "no_longer_valid"]


@promise("P11", "F15", "E19")
def test_a_load_has_a_minimum_and_a_card_a_maximum(shop: Shop) -> None:
    rules = {"minimum_load": eur(500), "maximum_balance": eur(1500)}
    card = card_of(shop, "gift", rules, currency="EUR")
    said = []
    for cents in (499, 500, 1001, 1000):
        answer = shop.till.post("/loads", {"card_id": card["id"], "amount": eur(cents)})
        said.append(answer["limit"] if answer.status == 409 else answer.status)
    assert said == ["minimum_load", 201, "maximum_balance", 201]


@promise("P12", "F15")
@pytest.mark.parametrize("reloadable", [None, True, False])
def test_a_card_is_loaded_again_unless_the_program_says_no(shop: Shop, reloadable: bool | None) -> None:
    rules = {} if reloadable is None else {"reloadable": reloadable}
    card = card_of(shop, "gift", rules, {"amount": eur(500)}, currency="EUR")
    answer = shop.till.post("/loads", {"card_id": card["id"], "amount": eur(500)})
    if reloadable is False:
        assert (answer.code, answer["limit"]) == ("program_limit", "not_reloadable")
    else:
        assert answer.status == 201


@promise("P13")
@pytest.mark.parametrize(
    "bought, ends",
    [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "2029-12-31T23:00:00Z"),
        # Half past midnight of the new year in Berlin, still the old one in UTC.
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "2030-12-31T23:00:00Z"),
    ],
)
def test_a_gift_card_ends_with_the_third_year_after_its_own(
    shop: Shop, clock: FixedClock, bought: datetime, ends: str
) -> None:
    clock.at = bought
    assert datetime.fromisoformat(shop.gift(500)["expires_at"]) == datetime.fromisoformat(ends)


@promise("P13")
def test_a_gift_card_ends_otherwise_where_the_program_says_so(shop: Shop, clock: FixedClock) -> None:
    days = card_of(shop, "gift", {"expiry": {"after_days": 30}}, {"amount": eur(5)}, currency="EUR")
    never = card_of(shop, "gift", {"expiry": {"never": True}}, {"amount": eur(5)}, currency="EUR")
    assert datetime.fromisoformat(days["expires_at"]) == clock.at + timedelta(days=30)
    assert never["expires_at"] is None


@promise("P14")
@pytest.mark.parametrize(
    "vat, status",
    [
        ({}, 201),
        ({"vat": "multi_purpose"}, 201),
        ({"vat": "single_purpose", "vat_rate_bp": 1900}, 201),
        ({"vat": "single_purpose"}, 422),
        ({"vat": "none"}, 422),
        ({"vat": "single_purpose", "vat_rate_bp": 19.0}, 422),
    ],
)
def test_a_vouchers_tax_is_due_now_or_later(shop: Shop, vat: Json, status: int) -> None:
    made = program(shop, "gift", vat, currency="EUR")
    assert made.status == status
    if status == 201:
        assert made["rules"]["vat"] == vat.get("vat", "multi_purpose")


@promise("P16")
def test_a_catalogue_names_what_points_buy(shop: Shop) -> None:
    rules = {"point_per": eur(100), "rewards": [{"id": "mug", "name": "A mug", "points": 5}]}
    card = card_of(shop, "points", rules)
    shop.till.post("/stamps", {"card_id": card["id"], "count": 5}).ok()
    made = shop.till.post("/redemptions", {"card_id": card["id"], "reward_id": "mug"}).ok()
    assert made["amount"] == counted(5, "POINT")


@promise("P17")
def test_a_tier_earns_by_its_factor(shop: Shop) -> None:
    tiers = [{"name": "Gold", "from_points": 10, "factor_percent": 150}]
    card = card_of(shop, "points", {"point_per": eur(100), "tiers": tiers})
    earned = [
        shop.till.post("/stamps", {"card_id": card["id"], "purchase": eur(1000)})["amount"]["amount"]
        for _ in range(2)
    ]
    assert earned == [10, 15]


@promise("P4", "P18")
@pytest.mark.parametrize(
    "kind, rules",
    [
        ("stamp", {"stamps_required": 10, "reward": "x", "stamps_expire_after_days": 30}),
        ("points", {"point_per": eur(100), "points_expire_after_days": 30}),
    ],
)
def test_what_was_collected_may_be_said_to_lapse(shop: Shop, kind: str, rules: Json) -> None:
    name = next(name for name in rules if name.endswith("after_days"))
    assert program(shop, kind, rules).ok()["rules"][name] == 30
    for wrong in (0, -1, "30", 1.0):
        assert program(shop, kind, {**rules, name: wrong}).fields == [f"rules.{name}"]


@promise("P4", "P18")
@pytest.mark.parametrize(
    "kind, rules",
    [
        ("stamp", {"stamps_required": 10, "reward": "x", "stamps_expire_after_days": 30}),
        ("points", {"point_per": eur(100), "points_expire_after_days": 30}),
    ],
)
def test_what_was_collected_lapses_with_its_last_day(
    shop: Shop, clock: FixedClock, kind: str, rules: Json
) -> None:
    card = card_of(shop, kind, rules)
    shop.till.post("/stamps", {"card_id": card["id"], "count": 9}).ok()
    clock.at += timedelta(days=30)
    assert shop.balance(card) == 9
    clock.at += timedelta(days=1)
    assert shop.balance(card) == 0
    shop.till.post("/stamps", {"card_id": card["id"], "count": 1}).ok()
    assert [entry["type"] for entry in shop.history(card)] == ["earn", "expire", "earn"]
    assert (shop.balance(card), shop.history(card)[1]["delta"]["amount"]) == (1, -9)
