"""The sums of the four kinds, and when a gift card ends; against plain definitions and at their edges."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passes.errors import FieldError
from passes.money import MAX_AMOUNT, Money
from passes.programs.rules import (
    CouponRules,
    GiftRules,
    PointsRules,
    StampRules,
    discount_for,
    gift_expiry,
    parse_rules,
    points_for,
    stamps_for,
    tier_at,
)

amounts = st.integers(1, MAX_AMOUNT)


def eur(cents: int) -> Money:
    return Money(cents, "EUR")


def parsed(kind: str, **raw: Any) -> Any:
    return parse_rules(kind, raw, "EUR" if kind == "gift" else None)


@given(order=amounts, share=st.integers(1, 100))
def test_a_share_of_an_order_is_rounded_half_up_to_the_cent(order: int, share: int) -> None:
    rules: CouponRules = parsed("coupon", offer={"type": "percent", "percent": share})
    exact = Decimal(order) * share / 100
    discount = discount_for(rules, eur(order))
    assert discount == eur(int(exact.quantize(Decimal(1), ROUND_HALF_UP)))


@given(order=amounts, off=amounts, most=st.none() | amounts)
def test_a_discount_is_the_smallest_of_offer_maximum_and_order(
    order: int, off: int, most: int | None
) -> None:
    maximum = {} if most is None else {"maximum_discount": {"amount": most, "asset": "EUR"}}
    offer = {"type": "amount", "amount": {"amount": off, "asset": "EUR"}}
    rules: CouponRules = parsed("coupon", offer=offer, **maximum)
    assert discount_for(rules, eur(order)) == eur(min(order, off, *([] if most is None else [most])))


@given(purchase=amounts, per=st.integers(1, 10_000))
def test_stamps_and_points_are_given_per_full_amount(purchase: int, per: int) -> None:
    money = {"amount": per, "asset": "EUR"}
    stamps: StampRules = parsed("stamp", stamps_required=10, reward="x", stamp_per=money)
    points: PointsRules = parsed("points", point_per=money)
    assert stamps_for(stamps, eur(purchase)) == points_for(points, eur(purchase), 0) == purchase // per


def test_a_tier_is_the_highest_that_was_reached_in_whatever_order_they_are_written() -> None:
    tiers = [
        {"name": "Gold", "from_points": 300, "factor_percent": 200},
        {"name": "Silver", "from_points": 100, "factor_percent": 150},
    ]
    rules: PointsRules = parsed("points", point_per={"amount": 100, "asset": "EUR"}, tiers=tiers)
    reached = [tier_at(rules, collected) for collected in (99, 100, 299, 300)]
    assert [tier.name if tier else None for tier in reached] == [None, "Silver", "Silver", "Gold"]


@given(since_2000=st.timedeltas(timedelta(0), timedelta(days=33_000)))
def test_the_end_of_the_third_year_is_midnight_where_the_merchant_is(since_2000: timedelta) -> None:
    start = datetime(2000, 1, 1, tzinfo=UTC) + since_2000
    rules: GiftRules = parsed("gift")
    for zone in ("Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"):
        ends = gift_expiry(rules, start, zone)
        assert ends is not None
        local = ends.astimezone(ZoneInfo(zone))
        assert (local.month, local.day, local.hour, local.minute, local.second) == (1, 1, 0, 0, 0)
        assert local.year == start.astimezone(ZoneInfo(zone)).year + 4
        assert ends.tzinfo is UTC


@pytest.mark.parametrize(
    "expiry, start, ends",
    [
        ({"after_years": 1, "end_of_year": False}, "2028-02-29T12:00", "2029-02-28T12:00"),
        ({"after_years": 4, "end_of_year": False}, "2028-02-29T12:00", "2032-02-29T12:00"),
        ({"after_years": 1, "end_of_year": False}, "2026-06-30T22:30", "2027-06-30T22:30"),
        ({"after_days": 1}, "2026-03-28T12:00", "2026-03-29T12:00"),
        ({"never": True}, "2026-03-28T12:00", None),
    ],
)
def test_a_gift_card_ends_when_its_program_says(expiry: Any, start: str, ends: str | None) -> None:
    rules: GiftRules = parsed("gift", expiry=expiry)
    begun = datetime.fromisoformat(start).replace(tzinfo=UTC)
    expected = None if ends is None else datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert gift_expiry(rules, begun, "Europe/Berlin") == expected


def test_a_card_bought_a_second_before_the_new_year_belongs_to_the_old_one() -> None:
    rules: GiftRules = parsed("gift")
    new_year = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)  # in Berlin
    second = timedelta(seconds=1)
    ends = [gift_expiry(rules, at, "Europe/Berlin") for at in (new_year - second, new_year)]
    assert [e.year if e else None for e in ends] == [2029, 2030]


def test_a_bare_limit_of_a_gift_card_is_in_its_currency() -> None:
    rules: GiftRules = parsed("gift", minimum_load=500)
    assert rules.minimum_load is not None
    assert rules.minimum_load.money == eur(500)


def test_amounts_of_one_program_are_in_one_currency() -> None:
    with pytest.raises(FieldError, match="maximum_discount"):
        parsed(
            "coupon",
            offer={"type": "percent", "percent": 5},
            minimum_order={"amount": 1, "asset": "EUR"},
            maximum_discount={"amount": 1, "asset": "USD"},
        )


@pytest.mark.parametrize(
    "raw",
    [
        {"stamps_required": 10, "reward": "x", "max_stamps_per_day": 3, "stamps_expire_after_days": 90},
        {"stamps_required": 1, "reward": "x" * 200, "stamp_per": {"amount": 1, "asset": "JPY"}},
    ],
)
def test_rules_come_back_from_storage_as_they_were_written(raw: dict[str, Any]) -> None:
    rules: StampRules = parsed("stamp", **raw)
    stored = rules.model_dump(mode="json", exclude_none=True)
    assert stored == raw
    assert parse_rules("stamp", stored, None) == rules
