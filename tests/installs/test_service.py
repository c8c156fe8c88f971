"""Registrations: newest token wins, twins do not hurt, and Apple's word counts only if it is later."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from passes.db.engine import Database, UnitOfWork
from passes.installs import service
from passes.installs.models import AppleDevice, AppleRegistration
from passes.installs.queries import DeviceKey, devices_with, push_tokens
from tests.installs.world import TYPE, register, unregister
from tests.outbox.world import add_cards

PHONE = DeviceKey("phone", TYPE)
SINCE = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def cards(database: Database) -> Database:
    """A database with three cards."""
    with database.write() as uow:
        add_cards(uow, 3)
    return database


def token(database: Database) -> str | None:
    with database.read() as uow:
        return push_tokens(uow, [PHONE]).get(PHONE)


def count(database: Database, table: type[AppleDevice] | type[AppleRegistration]) -> int:
    with database.read() as uow:
        return uow.conn.execute(select(func.count()).select_from(table)).scalar_one()


def forget(database: Database, push_token: str, dead_since: datetime | None) -> bool:
    with database.write() as uow:
        uow.conn.execute(update(AppleDevice).values(token_since=SINCE))
        return service.forget_device(uow, "phone", TYPE, push_token, dead_since)


def test_a_registration_is_new_once(cards: Database) -> None:
    assert [register(cards, "card_1"), register(cards, "card_1"), register(cards, "card_2")] == [
        True,
        False,
        True,
    ]
    with cards.read() as uow:
        assert devices_with(uow, ["card_1", "card_2", "card_3"]) == {("mer_acme", PHONE)}
        assert devices_with(uow, ["card_3"]) == set()


def test_the_newest_token_is_kept_for_known_registrations_too(cards: Database) -> None:
    register(cards, "card_1", token="old")
    assert register(cards, "card_1", token="new") is False
    assert token(cards) == "new"


def test_showing_the_same_token_again_vouches_for_it_anew(cards: Database) -> None:
    register(cards, "card_1")
    with cards.write() as uow:
        uow.conn.execute(update(AppleDevice).values(token_since=SINCE))
    register(cards, "card_1")
    with cards.read() as uow:
        assert uow.conn.execute(select(AppleDevice.token_since)).scalar_one() > SINCE


def test_the_last_card_takes_the_device_along(cards: Database) -> None:
    register(cards, "card_1")
    register(cards, "card_2")
    assert unregister(cards, "card_1") is True
    assert token(cards) == "token"
    assert unregister(cards, "card_2") is True
    assert (token(cards), count(cards, AppleRegistration)) == (None, 0)


def test_taking_off_what_was_never_on_is_no_error(cards: Database) -> None:
    assert unregister(cards, "card_1") is False
    register(cards, "card_1")
    assert unregister(cards, "card_2") is False
    assert token(cards) == "token"


def test_one_phone_leaves_the_others_alone(cards: Database) -> None:
    register(cards, "card_1")
    register(cards, "card_1", device="tablet")
    unregister(cards, "card_1")
    with cards.read() as uow:
        assert devices_with(uow, ["card_1"]) == {("mer_acme", DeviceKey("tablet", TYPE))}


def test_a_device_whose_token_died_after_it_was_shown_is_forgotten(cards: Database) -> None:
    register(cards, "card_1")
    register(cards, "card_2")
    assert forget(cards, "token", SINCE + timedelta(seconds=1))
    assert (count(cards, AppleDevice), count(cards, AppleRegistration)) == (0, 0)


@pytest.mark.parametrize("dead_since", [SINCE, SINCE - timedelta(days=1)])
def test_a_device_that_came_back_since_stays(cards: Database, dead_since: datetime) -> None:
    register(cards, "card_1")
    assert not forget(cards, "token", dead_since)
    assert token(cards) == "token"


def test_what_never_was_a_token_needs_no_date(cards: Database) -> None:
    register(cards, "card_1")
    assert forget(cards, "token", None)
    assert count(cards, AppleDevice) == 0


@pytest.mark.parametrize("dead_since", [None, SINCE + timedelta(days=1)])
def test_a_device_with_another_token_by_now_stays(cards: Database, dead_since: datetime | None) -> None:
    register(cards, "card_1", token="rotated")
    assert not forget(cards, "token", dead_since)
    assert token(cards) == "rotated"


def test_an_unknown_device_is_as_good_as_forgotten(cards: Database) -> None:
    assert forget(cards, "token", None)


def test_of_twins_at_the_same_moment_one_is_new(cards: Database) -> None:
    start = threading.Barrier(6)

    def twin(number: int) -> bool:
        start.wait()
        return register(cards, "card_1", token=f"token {number % 2}")

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(twin, range(6))) == [False] * 5 + [True]


def test_a_device_that_comes_while_a_card_is_taken_off_keeps_the_card(
    cards: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = service._take_device

    def take_and_be_overtaken(uow: UnitOfWork, device_id: str, pass_type: str) -> tuple[str, datetime] | None:
        held = take(uow, device_id, pass_type)
        service.register(uow, "mer_acme", device_id, pass_type, "card_1", "token")
        return held

    monkeypatch.setattr(service, "_take_device", take_and_be_overtaken)
    assert unregister(cards, "card_1") is False
    assert count(cards, AppleRegistration) == 1


def test_registering_and_taking_off_in_a_crowd_ends_whole(cards: Database) -> None:
    def storm(number: int) -> None:
        for step in range(15):
            (register if (number + step) % 2 else unregister)(cards, f"card_{(number + step) % 3 + 1}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(storm, range(4)))
    assert count(cards, AppleDevice) == min(1, count(cards, AppleRegistration))
