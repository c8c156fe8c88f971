"""Birthdays of ten years, sampled, and absences against an independent recount, on both databases.

The whole calendar is walked without a database in `test_governor`; here the days that go wrong are.
"""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from passes.campaigns.models import Dispatch
from passes.members.models import Member
from tests.campaigns.shop import Shop, at

ZONES = [
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/Havana",
    "Asia/Kathmandu",
]
# New Year, leap days, and the clock changes of Berlin, Santiago, Lord Howe and Havana move around these.
BIRTHDAYS = ["--01-01", "--02-28", "--02-29", "--03-01", "--04-05", "--09-06", "--10-04", "--12-31"]


YEARS = (2024, 2025, 2028, 2033)


def year_of(occasion: str) -> int:
    return int(occasion.partition(":")[2])


def celebrated(birthday: str, year: int) -> date:
    month, day = int(birthday[2:4]), int(birthday[5:])
    if (month, day) == (2, 29) and year % 4:
        return date(year, 2, 28)
    return date(year, month, day)


def moments(years: tuple[int, ...], seed: int) -> list[datetime]:
    """When the scheduler happens to run: around each birthday, some hours apart, sometimes days late."""
    dice, found = random.Random(seed), set()
    for year in years:
        for day in {celebrated(birthday, year) for birthday in BIRTHDAYS}:
            now, end = at(f"{day} 00:00") - timedelta(hours=30), at(f"{day} 00:00") + timedelta(days=4)
            while now < end:
                found.add(now)
                now += timedelta(hours=dice.choice((7, 11, 13, 60)))
            found |= {end + timedelta(hours=hours) for hours in (0, 7, 14)}
    return sorted(found)


def test_every_birthday_is_greeted_once_a_year_by_day_and_in_time(shop: Shop) -> None:
    shop.clock.at = at("2023-12-25 00:00")
    shop.campaign("birthday")
    people = {}
    for zone in ZONES:
        for birthday in BIRTHDAYS:
            people[shop.member(birthday=birthday, time_zone=zone)] = (zone, birthday)
    for moment in moments(YEARS, seed=11):
        shop.clock.at = moment
        shop.run()
    with shop.database.read() as uow:
        query = select(Dispatch.member_id, Dispatch.occasion, Dispatch.state, Dispatch.sent_at)
        rows = [row for row in uow.conn.execute(query) if year_of(row.occasion) in YEARS]
    assert len(rows) == len(people) * len(YEARS)
    assert {row.state for row in rows} == {"sent"}
    for row in rows:
        zone, birthday = people[row.member_id]
        local = row.sent_at.astimezone(ZoneInfo(zone))
        day = celebrated(birthday, year_of(row.occasion))
        assert timedelta(0) <= local.date() - day <= timedelta(days=4)
        assert 8 <= local.hour < 20


@pytest.mark.parametrize("seed", [1, 2])
def test_reminders_are_where_a_recount_puts_them(shop: Shop, seed: int) -> None:
    """Purchases and refunds at random, a run each evening; the recount is the rule, read aloud."""
    dice, days = random.Random(seed), 9
    shop.clock.at = at("2026-03-20 17:00")
    shop.campaign("inactivity", days=days, quiet_hours={"from": "03:00", "to": "03:01"})
    people = {shop.member(time_zone=zone): zone for zone in ZONES for _ in range(2)}
    bought: dict[str, list[datetime]] = {member: [] for member in people}
    refundable = {}
    expected: set[tuple[str, str]] = set()
    for _ in range(40):
        shop.later(days=1, minutes=dice.randrange(-200, 200))
        for member in people:
            if dice.random() < 0.12:
                refundable[member] = shop.buy(member)
                bought[member].append(shop.clock.at)
            elif member in refundable and dice.random() < 0.1:
                entry = refundable.pop(member)
                shop.undo(entry)
                bought[member].remove(entry.created_at)
        shop.run()
        for member, zone in people.items():
            if bought[member]:
                last = max(bought[member]).astimezone(ZoneInfo(zone)).date()
                if shop.clock.at.astimezone(ZoneInfo(zone)).date() >= last + timedelta(days=days):
                    expected.add((member, f"lapse:{last}"))
    with shop.database.read() as uow:
        rows = uow.conn.execute(select(Dispatch.member_id, Dispatch.occasion, Dispatch.state)).all()
        assert uow.conn.execute(select(Member.id)).scalars().all()
    assert {(row.member_id, row.occasion) for row in rows} == expected
    assert len(rows) == len(expected) > 15
    assert {row.state for row in rows} == {"sent"}
