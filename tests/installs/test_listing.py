"""The list call: every change is listed until the phone has it, whatever happens at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import event, update

from passes.db.engine import Database
from passes.installs import listing
from passes.installs.listing import Listing
from passes.installs.models import AppleDevice
from tests.installs.world import TYPE, ask, bump, register, unregister, versions
from tests.mutants import plant
from tests.outbox.world import add_cards, change

CARDS = ("card_1", "card_2", "card_3")


@pytest.fixture
def phone(database: Database) -> Database:
    """A phone with three cards, each already changed once."""
    with database.write() as uow:
        add_cards(uow, 3)
    bump(database, *CARDS)
    for card in CARDS:
        register(database, card)
    return database


@contextmanager
def written(database: Database) -> Iterator[list[str]]:
    """The statements in the block that change something."""
    found: list[str] = []

    def note(*args: Any) -> None:
        if not args[2].lstrip().upper().startswith(("SELECT", "BEGIN")):
            found.append(args[2])

    event.listen(database.engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine, "before_cursor_execute", note)


def call(module: ModuleType, database: Database, tag: str | None) -> Listing | None:
    with database.write() as uow:
        found: Listing | None = module.updated_since(uow, "phone", TYPE, tag)
        return found


def without_a_tag_everything_is_listed(module: ModuleType, database: Database) -> None:
    for _ in range(2):
        found = call(module, database, None)
        assert found is not None
        assert found.card_ids == CARDS


def only_what_changed_is_listed(module: ModuleType, database: Database) -> None:
    first = call(module, database, None)
    assert first is not None
    bump(database, "card_2")
    second = call(module, database, first.tag)
    assert second is not None
    assert second.card_ids == ("card_2",)
    assert int(second.tag) > int(first.tag)
    assert call(module, database, second.tag) is None


def a_lost_answer_is_given_again(module: ModuleType, database: Database) -> None:
    first = call(module, database, None)
    assert first is not None
    bump(database, "card_1")
    call(module, database, first.tag)
    bump(database, "card_2")
    again = call(module, database, first.tag)
    assert again is not None
    assert again.card_ids == ("card_1", "card_2")


def nothing_new_is_nothing_written(module: ModuleType, database: Database) -> None:
    first = call(module, database, None)
    assert first is not None
    with written(database) as statements:
        assert call(module, database, first.tag) is None
        assert call(module, database, None) == first
    assert statements == []


def a_tag_from_a_future_that_was_rolled_back_lists_everything(module: ModuleType, database: Database) -> None:
    first = call(module, database, None)
    assert first is not None
    found = call(module, database, str(int(first.tag) + 1000))
    assert found is not None
    assert found.card_ids == CARDS


Scenario = Callable[[ModuleType, Database], None]
GUARD = "since is None or since > newest"
MUTANTS: dict[Scenario, list[tuple[str, str]]] = {
    without_a_tag_everything_is_listed: [(GUARD, "since is not None and since > newest")],
    only_what_changed_is_listed: [
        ("row.tag > since", "row.tag >= since"),
        ("tag=AppleDevice.tag + 1", "tag=AppleDevice.tag"),
        ("if any(", "if False and any("),
        ("AppleRegistration.listed_version != version,", ""),
    ],
    a_lost_answer_is_given_again: [("row.tag > since", "row.tag == newest")],
    nothing_new_is_nothing_written: [("if any(", "if True or any("), (", listed_version=version", "")],
    a_tag_from_a_future_that_was_rolled_back_lists_everything: [(GUARD, "since is None")],
}
PLANTED = [(scenario, *edit) for scenario, edits in MUTANTS.items() for edit in edits]


@pytest.mark.parametrize("scenario", MUTANTS, ids=lambda s: s.__name__)
def test_listing(scenario: Scenario, phone: Database) -> None:
    scenario(listing, phone)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scenario, old, new", PLANTED, ids=[f"{p[0].__name__}: {p[2]}" for p in PLANTED])
def test_the_scenarios_notice_a_planted_bug(scenario: Scenario, old: str, new: str, phone: Database) -> None:
    with pytest.raises((AssertionError, TypeError)):
        scenario(plant(listing, (old, new)), phone)


@pytest.mark.parametrize("tag", ["", "abc", "-1", "1.5", "\u0661", "9" * 19, "1' OR '1'='1", "0"])
def test_a_tag_that_is_none_of_ours_counts_as_none(phone: Database, tag: str) -> None:
    found = ask(phone, tag)
    assert found is not None
    assert found.card_ids == CARDS


def test_an_unknown_device_has_nothing_and_nothing_is_written(phone: Database) -> None:
    with written(phone) as statements:
        assert ask(phone, None, device="stranger") is None
    assert statements == []


def test_each_device_counts_for_itself(phone: Database) -> None:
    register(phone, "card_1", device="tablet")
    mine, its = ask(phone, None), ask(phone, None, device="tablet")
    assert mine is not None
    assert its is not None
    bump(phone, "card_1")
    listed = [ask(phone, mine.tag), ask(phone, its.tag, device="tablet")]
    assert [one.card_ids for one in listed if one] == [("card_1",), ("card_1",)]


def test_a_card_registered_later_is_listed(phone: Database) -> None:
    unregister(phone, "card_3")
    first = ask(phone, None)
    assert first is not None
    register(phone, "card_3")
    found = ask(phone, first.tag)
    assert found is not None
    assert found.card_ids == ("card_3",)


def test_a_phone_that_comes_back_never_meets_an_old_number(phone: Database) -> None:
    with phone.write() as uow:
        uow.conn.execute(update(AppleDevice).values(tag=5))
    first = ask(phone, None)
    assert first is not None
    for card in CARDS:
        unregister(phone, card)
    register(phone, "card_1")
    for _ in range(10):
        bump(phone, "card_1")
        found = ask(phone, first.tag)
        assert found is not None
        assert found.card_ids == ("card_1",)


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_a_change_that_commits_during_the_call_is_listed_by_the_next(phone: Database) -> None:
    """The trap of sequences: the change takes its version first and commits last."""
    first = ask(phone, None)
    assert first is not None
    with phone.write() as slow:
        change(slow, "card_1")
        bump(phone, "card_2")
        second = ask(phone, first.tag)
        assert second is not None
        assert second.card_ids == ("card_2",)
    third = ask(phone, second.tag)
    assert third is not None
    assert third.card_ids == ("card_1",)


def test_phones_that_ask_while_cards_change_end_up_with_every_last_version(phone: Database) -> None:
    """Three calls of one device at a time, each with its own tag, as retries make them."""

    def changes(number: int) -> None:
        for step in range(20):
            bump(phone, CARDS[(number + step) % 3])

    def asks(_: int) -> tuple[str | None, dict[str, int]]:
        tag, seen = None, {}
        for _ in range(25):
            found = ask(phone, tag)
            if found is not None:
                tag = found.tag
                now = versions(phone)
                seen.update({card: now[card] for card in found.card_ids})
        return tag, seen

    with ThreadPoolExecutor(5) as pool:
        changers = [pool.submit(changes, n) for n in range(2)]
        askers = [pool.submit(asks, n) for n in range(3)]
        for changer in changers:
            changer.result()
        ended = [asker.result() for asker in askers]
    current = versions(phone)
    for tag, seen in ended:
        last = ask(phone, tag)
        fetched = last.card_ids if last else ()
        assert {**seen, **{card: current[card] for card in fetched}} == current
