"""Ends on the calendar: whole days of the merchant's, the end of a year, leap days, changed clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from passes.programs.ends import end_of_day, lot_end
from passes.programs.rules import GiftRules, PointsRules, gift_expiry, parse_rules

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "Pacific/Kiritimati",
]
TEN_YEARS = range(2024, 2034)


def local(*parts: int, zone: str = "Europe/Berlin") -> datetime:
    year, month, day, hour, minute = parts
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def points(days: int) -> PointsRules:
    raw = {"point_per": {"amount": 100, "asset": "EUR"}, "points_expire_after_days": days}
    rules = parse_rules("points", raw, None)
    assert isinstance(rules, PointsRules)
    return rules


@pytest.mark.parametrize("zone", ZONES)
def test_days_last_to_the_end_of_the_last_one_on_every_day_of_ten_years(zone: str) -> None:
    there = ZoneInfo(zone)
    day = datetime(TEN_YEARS[0], 1, 1, 13, 30, tzinfo=UTC)
    while day.year < TEN_YEARS[-1] + 1:
        for days in (1, 30, 365):
            end = end_of_day(day, days, zone)
            last = day.astimezone(there).date() + timedelta(days=days)
            assert (end - timedelta(microseconds=1)).astimezone(there).date() == last
            assert end.astimezone(there).date() == last + timedelta(days=1)
        day += timedelta(hours=37)


@pytest.mark.parametrize("zone", ZONES)
def test_a_gift_card_lasts_three_years_to_the_end_of_the_year_wherever_it_was_bought(zone: str) -> None:
    there, rules = ZoneInfo(zone), GiftRules()
    day = datetime(TEN_YEARS[0], 1, 1, 0, 30, tzinfo=UTC)
    while day.year < TEN_YEARS[-1] + 1:
        end = gift_expiry(rules, day, zone)
        assert end is not None
        bought = day.astimezone(there).year
        assert (end.astimezone(there) - timedelta(microseconds=1)).year == bought + 3
        assert end == datetime(bought + 4, 1, 1, tzinfo=there)
        day += timedelta(hours=37)


def test_a_voucher_of_march_2018_lasts_until_the_last_of_december_2021() -> None:
    assert gift_expiry(GiftRules(), local(2018, 3, 15, 12, 0), "Europe/Berlin") == local(2022, 1, 1, 0, 0)


def test_new_years_eve_is_the_merchants() -> None:
    last_minute = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert gift_expiry(GiftRules(), last_minute, "Europe/Berlin") == local(2031, 1, 1, 0, 0)
    assert gift_expiry(GiftRules(), last_minute, "UTC") == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "start, days, end",
    [
        pytest.param(local(2026, 3, 28, 23, 59), 1, local(2026, 3, 30, 0, 0), id="a day of 23 hours"),
        pytest.param(local(2026, 10, 24, 0, 0), 1, local(2026, 10, 26, 0, 0), id="a day of 25 hours"),
        pytest.param(local(2028, 2, 28, 12, 0), 1, local(2028, 3, 1, 0, 0), id="to a 29 February"),
        pytest.param(local(2027, 2, 28, 12, 0), 1, local(2027, 3, 2, 0, 0), id="no 29 February"),
        pytest.param(local(2027, 12, 31, 12, 0), 366, local(2029, 1, 1, 0, 0), id="a leap year"),
    ],
)
def test_days_of_odd_lengths_are_days(start: datetime, days: int, end: datetime) -> None:
    assert lot_end(points(days), start, "Europe/Berlin") == end


def test_a_day_whose_midnight_never_comes_begins_after_the_gap() -> None:
    # Santiago, 6 September 2026: the clocks go from midnight to one.
    end = end_of_day(datetime(2026, 9, 4, 15, 0, tzinfo=UTC), 1, "America/Santiago")
    assert end.astimezone(ZoneInfo("America/Santiago")).isoformat() == "2026-09-06T01:00:00-03:00"


@pytest.mark.parametrize(
    "expiry, end",
    [
        ({"after_years": 1, "end_of_year": False}, local(2029, 2, 28, 12, 0)),
        ({"after_years": 4, "end_of_year": False}, local(2032, 2, 29, 12, 0)),
        ({"after_days": 366}, local(2029, 3, 1, 12, 0)),
        ({"never": True}, None),
    ],
)
def test_other_rules_start_on_a_leap_day_too(expiry: dict[str, object], end: datetime | None) -> None:
    rules = parse_rules("gift", {"expiry": expiry}, "EUR")
    assert isinstance(rules, GiftRules)
    found = gift_expiry(rules, local(2028, 2, 29, 12, 0), "Europe/Berlin")
    assert found == end
