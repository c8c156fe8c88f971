"""Whether a member may hear from us, every reason why not, and birthdays over ten years of outages."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from passes.campaigns import governor
from passes.campaigns.calendar import QuietHours, birthdays_on, local_date, next_allowed
from passes.campaigns.governor import SEND, Facts, Verdict, greeted_days, judge, suppressed
from tests.campaigns.shop import at
from tests.campaigns.test_calendar import ZONES

NOON = at("2026-03-02 12:00")
FINE = Facts("Europe/Berlin", consented=True, has_card=True, takes_gift=True, sent_lately=0)


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"consented": False}, "no_consent"),
        ({"has_card": False}, "no_active_card"),
        ({"takes_gift": False}, "no_stamp_card"),
        ({"sent_lately": 3}, "frequency_cap"),
        ({"still_lapsed": False}, "came_back"),
        ({"birthday": date(2026, 2, 25)}, "too_late"),
    ],
)
def test_every_refusal_has_its_reason(change: dict[str, object], reason: str) -> None:
    assert judge(replace(FINE, **change), NOON, QuietHours()) == suppressed(reason)


@pytest.mark.parametrize("change", [{}, {"sent_lately": 2}, {"birthday": date(2026, 2, 26)}])
def test_what_just_fits_is_sent(change: dict[str, object]) -> None:
    assert judge(replace(FINE, **change), NOON, QuietHours()) == SEND


def test_at_night_nothing_is_decided_not_even_a_refusal() -> None:
    unwilling = replace(FINE, consented=False, sent_lately=99)
    verdict = judge(unwilling, at("2026-03-02 22:00"), QuietHours())
    assert verdict == Verdict("planned", due_at=at("2026-03-03 07:00"))


def test_a_launch_does_not_mean_birthdays_before_it() -> None:
    days = greeted_days(NOON, ["Europe/Berlin"], launched_at=NOON - timedelta(days=1))
    assert sorted(days) == [date(2026, 3, 1), date(2026, 3, 2)]


def test_the_same_moment_greets_two_days_around_the_world() -> None:
    days = greeted_days(NOON, ["Pacific/Kiritimati", "Pacific/Pago_Pago"], launched_at=at("2020-01-01 00:00"))
    assert days[date(2026, 3, 3)] == ["Pacific/Kiritimati"]
    assert days[date(2026, 2, 27)] == ["Pacific/Pago_Pago"]
    assert set(days[date(2026, 3, 1)]) == {"Pacific/Kiritimati", "Pacific/Pago_Pago"}


def greetings(zone: str, seed: int) -> dict[tuple[int, int], list[date]]:
    """Every (birthday, year) of 2024 to 2033 with the local days on which it was greeted.

    The scheduler ticks at odd moments, and now and then is down for three days, with a day between.
    """
    dice = random.Random(seed)
    now = launched_at = up_since = at("2023-12-20 00:00")
    planned: dict[tuple[int, int], datetime] = {}
    waiting: set[tuple[int, int]] = set()
    sent: dict[tuple[int, int], list[date]] = {}
    while now < at("2034-01-10 00:00"):
        for day in greeted_days(now, [zone], launched_at):
            for occasion in ((md, day.year) for md in birthdays_on(day)):
                if occasion not in planned:
                    planned[occasion] = next_allowed(now, zone, QuietHours())
                    waiting.add(occasion)
        for occasion in [o for o in waiting if planned[o] <= now]:
            facts = replace(FINE, time_zone=zone, birthday=_celebrated(*occasion))
            verdict = judge(facts, now, QuietHours())
            if verdict.due_at is not None:
                planned[occasion] = verdict.due_at
                continue
            waiting.discard(occasion)
            if verdict == SEND:
                sent.setdefault(occasion, []).append(local_date(now, zone))
        if now - up_since > timedelta(days=1) and dice.random() < 0.03:
            now = up_since = now + timedelta(hours=72)
        else:
            now += timedelta(hours=dice.choice((1, 5, 9)))
    return sent


def _celebrated(month_day: int, year: int) -> date:
    leapless = month_day == 229 and year % 4 != 0
    return date(year, 2, 28) if leapless else date(year, *divmod(month_day, 100))


@pytest.mark.parametrize("zone", ZONES)
def test_every_birthday_is_greeted_exactly_once_a_year_whatever_outages_of_three_days(zone: str) -> None:
    sent = {o: days for o, days in greetings(zone, seed=ZONES.index(zone)).items() if 2024 <= o[1] <= 2033}
    assert len(sent) == 366 * 10
    assert {len(days) for days in sent.values()} == {1}
    late = Counter((days[0] - _celebrated(*occasion)).days for occasion, days in sent.items())
    assert set(late) <= {0, 1, 2, 3, 4}
    assert late[0] > 2500


def test_an_outage_longer_than_the_catch_up_is_noticed_by_the_test_above(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(governor, "CATCH_UP_DAYS", 1)
    sent = greetings("America/Santiago", seed=7)
    assert len([o for o in sent if 2024 <= o[1] <= 2033]) < 366 * 10
