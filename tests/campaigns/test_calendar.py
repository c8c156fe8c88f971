"""Days and nights in every time zone, on the days the clocks change above all."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passes.campaigns.calendar import QuietHours, birthdays_on, local_date, next_allowed, start_of_day
from passes.campaigns.rules import parse
from tests.campaigns.shop import MESSAGE, at

ZONES = [
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Pacific/Apia",
    "America/Havana",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/New_York",
]
NIGHT = QuietHours()

moments = st.integers(0, 3652 * 24 * 60).map(
    lambda minutes: at("2024-01-01 00:00") + timedelta(minutes=minutes)
)
times = st.times().map(lambda t: t.strftime("%H:%M"))
nights = (
    st.tuples(times, times).filter(lambda t: t[0] != t[1]).map(lambda t: QuietHours(start=t[0], end=t[1]))
)


@pytest.mark.parametrize(
    "moment, zone, allowed",
    [
        pytest.param("2026-03-02 12:00", "Europe/Berlin", "2026-03-02 12:00", id="by day at once"),
        pytest.param(
            "2026-03-02 18:59", "Europe/Berlin", "2026-03-02 18:59", id="the last minute of the day"
        ),
        pytest.param(
            "2026-03-02 19:00", "Europe/Berlin", "2026-03-03 07:00", id="the first minute of the night"
        ),
        pytest.param("2026-03-03 03:00", "Europe/Berlin", "2026-03-03 07:00", id="after midnight"),
        pytest.param(
            "2026-03-28 21:00", "Europe/Berlin", "2026-03-29 06:00", id="a night without its third hour"
        ),
        pytest.param(
            "2026-10-24 21:00", "Europe/Berlin", "2026-10-25 07:00", id="a night with an hour twice"
        ),
        pytest.param(
            "2026-10-03 12:00", "Australia/Lord_Howe", "2026-10-03 21:00", id="half an hour of summer time"
        ),
        pytest.param("2026-09-06 03:00", "America/Santiago", "2026-09-06 11:00", id="midnight is skipped"),
        pytest.param("2026-06-01 12:00", "Pacific/Apia", "2026-06-01 19:00", id="a day ahead of nearly all"),
    ],
)
def test_the_morning_is_the_one_on_the_members_wall(moment: str, zone: str, allowed: str) -> None:
    assert next_allowed(at(moment), zone, NIGHT) == at(allowed)


def test_a_morning_the_clocks_skip_comes_after_the_gap() -> None:
    quiet = QuietHours(start="20:00", end="02:30")
    allowed = next_allowed(at("2026-03-28 22:00"), "Europe/Berlin", quiet)
    assert allowed.astimezone(ZoneInfo("Europe/Berlin")).time() == time(3, 30)


def test_a_morning_that_comes_twice_is_not_before_the_night() -> None:
    quiet = QuietHours(start="20:00", end="02:30")
    second_pass = at("2026-10-25 01:10")
    assert next_allowed(second_pass, "Europe/Berlin", quiet) == at("2026-10-25 01:30")


def test_quiet_hours_may_lie_within_a_day() -> None:
    siesta = QuietHours(start="13:00", end="15:00")
    assert next_allowed(at("2026-03-02 12:30"), "Europe/Berlin", siesta) == at("2026-03-02 14:00")
    assert next_allowed(at("2026-03-02 23:30"), "Europe/Berlin", siesta) == at("2026-03-02 23:30")


@given(moment=moments, zone=st.sampled_from(ZONES), quiet=nights)
def test_what_is_allowed_is_never_quiet_never_early_and_never_a_day_late(
    moment: datetime, zone: str, quiet: QuietHours
) -> None:
    allowed = next_allowed(moment, zone, quiet)
    clock = allowed.astimezone(ZoneInfo(zone)).time()
    assert not quiet.covers(clock)
    assert moment <= allowed <= moment + timedelta(hours=25)
    if allowed != moment:
        assert quiet.covers(moment.astimezone(ZoneInfo(zone)).time())
        end = time.fromisoformat(quiet.end)
        assert clock == end or _is_skipped(allowed, zone, end)


def _is_skipped(moment: datetime, zone: str, clock: time) -> bool:
    """Whether that wall time does not exist on the local day of `moment`."""
    local = datetime.combine(local_date(moment, zone), clock, ZoneInfo(zone))
    return local.astimezone(UTC).astimezone(ZoneInfo(zone)).time() != clock


@given(day=st.dates(date(2024, 1, 1), date(2033, 12, 31)), zone=st.sampled_from(ZONES))
def test_a_day_starts_with_its_first_instant(day: date, zone: str) -> None:
    start = start_of_day(day, zone)
    assert local_date(start, zone) == day
    assert local_date(start - timedelta(microseconds=1), zone) == day - timedelta(days=1)


@pytest.mark.parametrize(
    "day, celebrated",
    [
        (date(2027, 2, 28), [228, 229]),
        (date(2028, 2, 28), [228]),
        (date(2028, 2, 29), [229]),
        (date(2027, 3, 1), [301]),
        (date(2026, 12, 31), [1231]),
    ],
)
def test_a_29_february_is_celebrated_on_the_28th_where_there_is_none(
    day: date, celebrated: list[int]
) -> None:
    assert birthdays_on(day) == celebrated


def test_every_birthday_is_celebrated_exactly_once_a_year() -> None:
    every = sorted({d.month * 100 + d.day for d in _days(2024)})
    assert len(every) == 366
    for year in range(2024, 2034):
        assert sorted(md for day in _days(year) for md in birthdays_on(day)) == every


def _days(year: int) -> list[date]:
    count = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return [date(year, 1, 1) + timedelta(days=n) for n in range(count)]


def test_quiet_hours_are_written_from_and_to() -> None:
    raw = {
        "name": "n",
        "trigger": {"type": "manual"},
        "message": MESSAGE,
        "quiet_hours": {"from": "22:00", "to": "07:30"},
    }
    quiet = parse(raw).quiet_hours
    assert (quiet.start, quiet.end) == ("22:00", "07:30")
    assert quiet.model_dump() == {"from": "22:00", "to": "07:30"}
