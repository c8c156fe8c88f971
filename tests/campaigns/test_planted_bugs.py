"""The rules of campaigns, each with a bug planted against it: sound code passes, damaged code is caught."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from sqlalchemy import literal

from passes.campaigns import dispatch, governor, occasions, run
from tests.campaigns.shop import Shop, at
from tests.mutants import plant

Scenario = Callable[[Shop], None]


def consent_is_needed(shop: Shop) -> None:
    shop.member(consent=False)
    shop.campaign()
    assert shop.run().suppressed == {"no_consent": 1}


def nights_are_quiet(shop: Shop) -> None:
    shop.member()
    campaign = shop.campaign()
    run.plan(shop.database, campaign, shop.clock.at)
    shop.clock.at = at("2026-03-02 21:00")
    assert shop.run().sent == 0
    assert shop.dispatches()[0][1] == "planned"


def the_cap_holds(shop: Shop) -> None:
    shop.member()
    for _ in range(4):
        shop.campaign()
    assert shop.run().sent == 3


def one_greeting_a_year(shop: Shop) -> None:
    member = shop.member(birthday="1990-03-02")
    shop.campaign("birthday")
    for _ in range(4):
        shop.run()
        shop.later(days=1)
    assert shop.dispatches(member) == [("birthday:2026", "sent", None)]


def one_reminder_per_lapse(shop: Shop) -> None:
    member = shop.member()
    shop.buy(member)
    shop.campaign("inactivity", days=2)
    for _ in range(5):
        shop.later(days=1).run()
    assert shop.dispatches(member) == [("lapse:2026-03-02", "sent", None)]


def days_are_the_members(shop: Shop) -> None:
    member = shop.member(birthday="1990-03-03", time_zone="Pacific/Kiritimati")
    shop.campaign("birthday")
    shop.clock.at = at("2026-03-02 18:30")
    shop.run()
    assert shop.dispatches(member) == [("birthday:2026", "sent", None)]


def a_29_february_is_greeted_on_the_28th(shop: Shop) -> None:
    shop.clock.at = at("2027-02-28 12:00")
    shop.member(birthday="1992-02-29")
    shop.campaign("birthday")
    assert shop.run().sent == 1


def a_dispatch_goes_out_once(shop: Shop) -> None:
    member = shop.member()
    shop.campaign(grant={"stamps": 1})
    shop.run()
    with shop.database.read() as uow:
        (dispatch_id,) = uow.conn.execute(dispatch.select(dispatch.Dispatch.id)).scalars()
    with shop.database.write() as uow:
        dispatch.send(uow, dispatch_id, "https://cards.example")
    assert shop.cards_of(member)[0].balance == 1


def outages_are_caught_up_with(shop: Shop) -> None:
    shop.member(birthday="1990-03-04")
    shop.campaign("birthday")
    assert shop.later(days=5).run().sent == 1


def who_came_back_is_left_alone(shop: Shop) -> None:
    member = shop.member()
    shop.buy(member)
    campaign = shop.campaign("inactivity", days=2)
    run.plan(shop.database, campaign, shop.later(days=2).clock.at)
    shop.buy(member)
    assert shop.run().sent == 0


def only_the_last_purchase_counts(shop: Shop) -> None:
    member = shop.member()
    shop.buy(member)
    other = shop.card(member)
    shop.later(days=5)
    with shop.database.write() as uow:
        call = dispatch.redemption.TillCall(shop.merchant_id, "till", card_id=other)
        dispatch.redemption.stamp(uow, call, count=1)
    shop.campaign("inactivity", days=6)
    assert shop.later(days=2).run().planned == 0


def merchants_are_apart(shop: Shop) -> None:
    Shop(shop.database, shop.clock, slug="bakery").open().member()
    shop.campaign()
    assert shop.run().planned == 0


_numbers = count()


def _utc_date(moment: datetime, _zone: str) -> date:
    return moment.astimezone(UTC).date()


def _literal_day(day: date) -> list[int]:
    return [day.month * 100 + day.day]


BUGS: list[tuple[Scenario, Any, str, Any]] = [
    (consent_is_needed, dispatch, "consents_to_wallet", lambda _: literal(True)),
    (nights_are_quiet, governor, "next_allowed", lambda moment, _zone, _quiet: moment),
    (the_cap_holds, governor, "CAP_MESSAGES", 4),
    (the_cap_holds, dispatch, "_sent_lately", lambda *_: 0),
    (
        one_greeting_a_year,
        occasions,
        "birthday_occasion",
        lambda day: f"birthday:{day.year + next(_numbers)}",
    ),
    (one_greeting_a_year, occasions, "greeted_days", lambda *_: {}),
    (one_reminder_per_lapse, occasions, "lapse_occasion", lambda day: f"lapse:{day}:{next(_numbers)}"),
    (days_are_the_members, governor, "local_date", _utc_date),
    (a_29_february_is_greeted_on_the_28th, occasions, "birthdays_on", _literal_day),
    (outages_are_caught_up_with, governor, "CATCH_UP_DAYS", 0),
    (who_came_back_is_left_alone, dispatch, "_is_lapse", lambda *_: True),
    (only_the_last_purchase_counts, occasions, "_is_members_last", lambda _: literal(True)),
]
EDITS: list[tuple[Scenario, Any, str, str, str]] = [
    (a_dispatch_goes_out_once, dispatch, "send", 'Dispatch.state == "planned", ', ""),
    (consent_is_needed, dispatch, "verdict_on", "consented=member.consented", "consented=True"),
    (nights_are_quiet, dispatch, "send", "if verdict != SEND:", "if verdict.reason is not None:"),
]
SCENARIOS = sorted(
    {bug[0] for bug in BUGS} | {edit[0] for edit in EDITS} | {merchants_are_apart}, key=lambda s: s.__name__
)

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_sound_code_keeps_the_rule(shop: Shop, scenario: Scenario) -> None:
    scenario(shop)


@sqlite_only
@pytest.mark.parametrize(
    "scenario, module, name, damage", BUGS, ids=lambda v: getattr(v, "__name__", str(v))[:40]
)
def test_a_planted_bug_breaks_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, scenario: Scenario, module: Any, name: str, damage: Any
) -> None:
    monkeypatch.setattr(module, name, damage)
    with pytest.raises(AssertionError):
        scenario(shop)


@sqlite_only
@pytest.mark.parametrize(
    "scenario, module, name, old, new", EDITS, ids=lambda v: getattr(v, "__name__", str(v))[:30]
)
def test_a_planted_edit_breaks_it(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    scenario: Scenario,
    module: Any,
    name: str,
    old: str,
    new: str,
) -> None:
    monkeypatch.setattr(module, name, getattr(plant(module, (old, new)), name))
    with pytest.raises(AssertionError):
        scenario(shop)
