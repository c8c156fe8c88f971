"""How a shop speaks to its customers: birthdays, those who stay away, and a word to everybody.

Every story happens on the clock all processes share, with two schedulers at work at the same time.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from passes.campaigns.governor import SEND
from tests.story.street import Street, open_street

OpenStreet = Callable[[str], Street]
WISHES = {
    "name": "Birthdays",
    "trigger": {"type": "birthday"},
    "message": {
        "de": "Alles Gute, {first_name}! Ein Stempel als Geschenk.",
        "en": "Happy birthday, {first_name}! A stamp as a present.",
    },
    "grant": {"stamps": 1},
}
MISSED = {
    "name": "We miss you",
    "trigger": {"type": "inactivity", "days": 30},
    "message": {"de": "Lange nicht gesehen, {first_name}!", "en": "Long time no see, {first_name}!"},
}
AUTUMN = {
    "name": "Autumn",
    "trigger": {"type": "manual"},
    "audience": {"balance_min": 3},
    "message": {"de": "Kürbislatte ist da, {first_name}.", "en": "Pumpkin latte is here, {first_name}."},
}
YES = {"purpose": "marketing", "channel": "wallet", "granted": True, "wording": "Yes.", "source": "form"}


@pytest.fixture
def street(database_url: str, tmp_path: Path) -> Iterator[OpenStreet]:
    with ExitStack() as stack:
        yield lambda moment: stack.enter_context(open_street(database_url, tmp_path, moment))


def test_a_birthday_on_29_february_is_wished_for_on_the_28th_of_a_common_year(street: OpenStreet) -> None:
    # It is February 2027, which has no 29th. Three customers were born around it; Bo did not agree to news.
    town = street("2027-02-20T10:00:00Z")
    ada = town.comes_in(name="Ada Berg", day="29", month="2", year="1992", consent="yes")
    bo = town.comes_in(name="Bo", day="29", month="2", year="1992")
    cy = town.comes_in(name="Cy", day="1", month="3", consent="yes")
    ann = town.writes_in(
        name="Ann", birthday="--02-28", time_zone="America/New_York", locale="en", consents=[YES]
    )
    campaign = town.shop.api("POST", "/campaigns", WISHES)
    town.shop.api("POST", f"/campaigns/{campaign['id']}/launch", {}, expect=200)

    # The day before, and the night into the day itself: nothing. The phones are silent at night.
    for moment in ("2027-02-27T12:00:00Z", "2027-02-27T23:30:00Z", "2027-02-28T06:59:59Z"):
        town.at(moment).tick()
    assert town.shop.apns.pushes == []
    assert (ada.announced, ada.messages) == ([], [])

    # At eight in the morning the wishes are on the phone, in the Google account, and a stamp with them.
    town.at("2027-02-28T07:00:00Z").tick()
    words = "Happy birthday, Ada! A stamp as a present."
    assert ada.news == words
    assert ada.announced == ["Now: 1 / 10", words]
    assert ada.messages == [words]
    assert ada.balance == "1 / 10"
    assert town.shop.google_balance(ada.object_id) == "1 / 10"

    # Ann lives in New York, where it is two in the morning. Her morning comes at 13:00 UTC.
    assert ann.messages == []
    town.at("2027-02-28T12:59:00Z").tick()
    assert ann.messages == []
    town.at("2027-02-28T13:00:00Z").tick()
    assert ann.messages == ["Happy birthday, Ann! A stamp as a present."]

    # Cy's turn comes on the 1st of March. Bo is never spoken to and never given anything.
    town.at("2027-03-01T07:00:00Z").tick()
    assert cy.messages == ["Happy birthday, Cy! A stamp as a present."]
    for day in ("01", "02", "05"):
        town.at(f"2027-03-{day}T12:00:00Z").tick(times=3)
    assert (bo.announced, bo.messages, bo.balance) == ([], [], "0 / 10")

    # However often the schedulers ran, each was wished for once. The books agree.
    assert [len(customer.messages) for customer in (ada, cy, ann)] == [1, 1, 1]
    assert ada.balance == "1 / 10"
    results = town.shop.api("GET", f"/campaigns/{campaign['id']}/results", expect=200)
    assert (results["sent"], results["gifts"]) == (3, 3)
    assert (results["planned"], results["suppressed"]) == (0, {"no_consent": 1})
    assert town.command("ledger", "verify")["ok"] is True

    # 2028 is a leap year: now it is the 29th itself.
    town.at("2028-02-28T12:00:00Z").tick()
    assert len(ada.messages) == 1
    town.at("2028-02-29T12:00:00Z").tick()
    assert len(ada.messages) == 2
    assert ada.balance == "2 / 10"
    assert ada.phone.complaints == []


def test_who_stays_away_is_missed_once_and_again_after_the_next_time(street: OpenStreet) -> None:
    town = street("2026-06-01T10:00:00Z")
    ada = town.comes_in(name="Ada", consent="yes")
    bo = town.comes_in(name="Bo")
    never = town.comes_in(name="Eve", consent="yes")
    campaign = town.shop.api("POST", "/campaigns", MISSED)
    town.shop.api("POST", f"/campaigns/{campaign['id']}/launch", {}, expect=200)
    for customer in (ada, bo):
        customer.buys()

    # The thirtieth day comes at midnight; the reminder with the morning.
    for moment in ("2026-06-30T12:00:00Z", "2026-06-30T22:30:00Z", "2026-07-01T05:59:59Z"):
        town.at(moment).tick()
    assert ada.messages == []
    town.at("2026-07-01T06:00:00Z").tick()
    assert ada.news == "Long time no see, Ada!"
    assert ada.messages == ["Long time no see, Ada!"]

    # She does not come, and is not nagged.
    for day in ("02", "10", "31"):
        town.at(f"2026-07-{day}T12:00:00Z").tick()
    assert len(ada.messages) == 1

    # She comes in August, and that is the end of it; until she stays away for another thirty days.
    town.at("2026-08-05T12:00:00Z").tick()
    ada.buys(2)
    for moment in ("2026-08-06T12:00:00Z", "2026-09-03T12:00:00Z"):
        town.at(moment).tick()
    assert len(ada.messages) == 1
    town.at("2026-09-04T12:00:00Z").tick(times=3)
    assert len(ada.messages) == 2

    # This time the reminder works.
    town.at("2026-09-06T12:00:00Z")
    ada.buys()
    town.at("2026-09-07T12:00:00Z").tick()
    results = town.shop.api("GET", f"/campaigns/{campaign['id']}/results", expect=200)
    assert (results["sent"], results["purchases"]) == (2, 1)
    assert results["suppressed"] == {"no_consent": 1}
    assert (bo.messages, bo.announced) == ([], ["Now: 1 / 10"])
    assert never.messages == []


def test_marketing_speaks_to_an_audience_with_a_key_of_its_own(street: OpenStreet) -> None:
    town = street("2026-10-05T20:30:00Z")
    ada, bo = town.comes_in(name="Ada Berg", consent="yes"), town.comes_in(name="Bo")
    few = town.comes_in(name="Cy", consent="yes")
    for customer in (ada, bo):
        customer.buys(3)
    few.buys(2)
    key = town.key("marketing")

    # The key counts the audience and writes to it, and can do nothing else.
    counted = town.call(key, "POST", "/segments/preview", {"audience": AUTUMN["audience"]})
    assert (counted["count"], counted["consenting"]) == (2, 1)
    town.call(key, "GET", "/members", expect=403)
    town.call(key, "GET", f"/cards/{ada.card['id']}", expect=403)
    campaign = town.call(key, "POST", "/campaigns", AUTUMN, expect=201)
    town.call(town.key("till"), "POST", f"/campaigns/{campaign['id']}/launch", {}, expect=403)
    path = f"/campaigns/{campaign['id']}"
    assert town.call(key, "POST", f"{path}/launch", {})["state"] in ("active", "finished")
    assert town.call(key, "GET", path)["state"] == "finished"

    # It is half past ten at night, so it waits; in the morning it arrives, once.
    town.tick()
    assert (ada.messages, town.call(key, "GET", f"{path}/results")["planned"]) == ([], 2)
    town.at("2026-10-06T06:00:00Z").tick(times=3)
    assert ada.news == "Pumpkin latte is here, Ada."
    assert ada.announced.count("Pumpkin latte is here, Ada.") == 1
    assert ada.messages == ["Pumpkin latte is here, Ada."]
    assert (bo.messages, few.messages) == ([], [])
    town.call(key, "POST", f"{path}/launch", {}, expect=409)

    # A week later it is known what it brought: Ada's purchase and her free coffee, and nobody else's.
    town.at("2026-10-12T10:00:00Z")
    for customer in (ada, bo, few):
        customer.buys(7)
    town.shop.api("POST", "/redemptions", {"card_id": ada.card["id"], "reward": True})
    results = town.call(key, "GET", f"{path}/results")
    assert (results["sent"], results["suppressed"]) == (1, {"no_consent": 1})
    assert (results["purchases"], results["redemptions"], results["gifts"]) == (1, 1, 0)


def test_the_same_goes_from_the_command_line(street: OpenStreet, tmp_path: Path) -> None:
    town = street("2026-10-05T12:00:00Z")
    ada, bo = town.comes_in(name="Ada Berg", consent="yes"), town.comes_in(name="Bo")
    ada.buys(3)
    bo.buys(3)
    file = tmp_path / "autumn.json"
    file.write_text(json.dumps({**AUTUMN, "grant": {"stamps": 2}}))

    # Drafted and counted; nobody has heard of it yet.
    drafted = town.command("campaigns", "create", "--merchant", "morgenrot", str(file))
    counted = town.command("campaigns", "preview", drafted["id"])
    assert (drafted["state"], counted["count"], counted["consenting"]) == ("draft", 2, 1)
    town.tick()
    assert ada.messages == []

    # Launched, and rehearsed: a dry run tells what would happen and does nothing.
    launched = town.command("campaigns", "launch", drafted["id"])
    assert (launched["audience_count"], launched["planned"]) == (2, 2)
    night = town.command("campaigns", "run", "--now", "2026-10-05T22:00:00Z", "--dry-run")
    assert (night["sent"], night["postponed"]) == (0, 2)
    dry = town.command("campaigns", "run", "--dry-run")
    assert (dry["sent"], dry["suppressed"]) == (1, {"no_consent": 1})
    town.shop.send()
    assert (ada.messages, ada.balance) == ([], "3 / 10")

    # Run, and sent.
    ran = town.command("campaigns", "run")
    assert (ran["sent"], ran["suppressed"]) == (1, {"no_consent": 1})
    town.shop.send()
    assert ada.news == "Pumpkin latte is here, Ada."
    assert ada.messages == ["Pumpkin latte is here, Ada."]
    assert ada.balance == "5 / 10"

    # Run again, it has nothing left to do; the schedulers find nothing either.
    again = town.command("campaigns", "run")
    assert (again["planned"], again["sent"]) == (0, 0)
    town.tick()
    assert len(ada.messages) == 1
    results = town.command("campaigns", "results", drafted["id"])
    assert (results["sent"], results["gifts"], results["suppressed"]) == (1, 1, {"no_consent": 1})
    assert (bo.messages, bo.balance) == ([], "3 / 10")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "rule, without",
    [
        ("passes.campaigns.calendar.QuietHours.covers", lambda quiet, clock: False),
        ("passes.campaigns.dispatch.judge", lambda facts, now, quiet: SEND),
        ("passes.campaigns.calendar.birthday_in", lambda born, year: date(year, 3, 1)),
        ("passes.campaigns.dispatch.outbox.enqueue", lambda *_: None),
    ],
    ids=["never quiet", "no rules", "a wrong 29 February", "nothing to Google"],
)
def test_a_shop_without_one_of_its_rules_has_another_story(
    street: OpenStreet, monkeypatch: pytest.MonkeyPatch, rule: str, without: Callable[..., object]
) -> None:
    monkeypatch.setattr(rule, without)
    with pytest.raises(AssertionError):
        test_a_birthday_on_29_february_is_wished_for_on_the_28th_of_a_common_year(street)
