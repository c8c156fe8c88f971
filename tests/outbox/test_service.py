"""Wanting something sent: coalesced, in turn, and with a new start for what was given up."""

from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select, update

from passes.db.engine import Database
from passes.outbox import leases, service
from passes.outbox.channel import Outcome
from passes.outbox.models import Delivery
from tests.mutants import plant
from tests.outbox.world import NOW, later, rows, target, wish


def claim(database: Database, at: datetime, owner: str = "a") -> list[Any]:
    with database.write() as uow:
        return leases.claim(uow, "apns", 100, 60, owner, at)


def finish(database: Database, claimed: list[Any], outcome: Outcome, at: datetime) -> None:
    with database.write() as uow:
        leases.finish(uow, "a", [(c, outcome) for c in claimed], at)


def ten_changes_are_one_send(module: ModuleType, database: Database) -> None:
    for _ in range(10):
        with database.write() as uow:
            module.want(uow, [target("phone")], NOW)
    assert [c.wanted for c in claim(database, NOW)] == [10]
    with database.read() as uow:
        assert uow.conn.scalar(select(func.count()).select_from(Delivery)) == 1


def a_change_after_a_send_is_sent(module: ModuleType, database: Database) -> None:
    wish(database, "phone")
    finish(database, claim(database, NOW), Outcome.done(), NOW)
    assert claim(database, later(1)) == []
    with database.write() as uow:
        module.want(uow, [target("phone")], later(2))
    assert [c.wanted for c in claim(database, later(2))] == [2]


def a_change_does_not_cut_a_back_off_short(module: ModuleType, database: Database) -> None:
    wish(database, "phone")
    finish(database, claim(database, NOW), Outcome.retry("slow down", after_s=600), NOW)
    with database.write() as uow:
        module.want(uow, [target("phone")], later(1))
    assert claim(database, later(599)) == []
    assert len(claim(database, later(606))) == 1


def a_busy_target_keeps_its_turn(module: ModuleType, database: Database) -> None:
    wish(database, "busy")
    wish(database, "patient", at=later(1))
    with database.write() as uow:
        module.want(uow, [target("busy")], later(2))
    with database.write() as uow:
        (first,) = leases.claim(uow, "apns", 1, 60, "a", later(3))
    assert first.target == "busy"


def what_was_given_up_gets_a_new_start(module: ModuleType, database: Database) -> None:
    wish(database, "phone")
    finish(database, claim(database, NOW), Outcome.dead("no use"), NOW)
    assert claim(database, later(9999)) == []
    with database.write() as uow:
        module.want(uow, [target("phone")], later(1))
    assert [c.attempts for c in claim(database, later(1))] == [0]


Scenario = Callable[[ModuleType, Database], None]
SCENARIOS: list[Scenario] = [
    ten_changes_are_one_send,
    a_change_after_a_send_is_sent,
    a_change_does_not_cut_a_back_off_short,
    a_busy_target_keeps_its_turn,
    what_was_given_up_gets_a_new_start,
]
TURN = """case(
                (waits, Delivery.next_attempt_at), else_=statement.excluded.next_attempt_at
            )"""
ATTEMPTS = "(Delivery.dead_at.is_(None), Delivery.attempts)"
MUTANTS: list[tuple[Scenario, str, str]] = [
    (ten_changes_are_one_send, "Delivery.wanted + 1", "Delivery.wanted"),
    (a_change_after_a_send_is_sent, '"wanted": Delivery.wanted + 1', '"wanted": 1'),
    (a_change_does_not_cut_a_back_off_short, TURN, "statement.excluded.next_attempt_at"),
    (a_busy_target_keeps_its_turn, TURN, "statement.excluded.next_attempt_at"),
    (what_was_given_up_gets_a_new_start, '"dead_at": None', '"dead_at": Delivery.dead_at'),
    (what_was_given_up_gets_a_new_start, ATTEMPTS, "(True, Delivery.attempts)"),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_wanting(scenario: Scenario, database: Database) -> None:
    scenario(service, database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scenario, old, new", MUTANTS, ids=[f"{m[0].__name__}: {m[2]}" for m in MUTANTS])
def test_the_scenarios_notice_a_planted_bug(
    scenario: Scenario, old: str, new: str, database: Database
) -> None:
    with pytest.raises(AssertionError):
        scenario(plant(service, (old, new)), database)


def test_a_drain_hurries_what_waits_and_leaves_the_dead_alone(database: Database) -> None:
    wish(database, "waiting", "dead")
    for delivery in claim(database, NOW):
        ending = Outcome.retry("later", 600) if delivery.target == "waiting" else Outcome.dead("no use")
        finish(database, [delivery], ending, NOW)
    with database.write() as uow:
        assert service.hurry(uow, later(1)) == 1
    assert [c.target for c in claim(database, later(1))] == ["waiting"]


def test_all_the_dead_can_be_revived_at_once(database: Database) -> None:
    wish(database, "one", "two")
    finish(database, claim(database, NOW), Outcome.dead("no use"), NOW)
    with database.write() as uow:
        assert service.revive_dead(uow, later(1)) == 2
    assert {c.target for c in claim(database, later(1))} == {"one", "two"}


def test_only_what_got_through_long_ago_is_forgotten(database: Database) -> None:
    wish(database, "old")
    finish(database, claim(database, NOW), Outcome.done(), NOW)
    wish(database, "recent", at=later(100))
    finish(database, claim(database, later(100)), Outcome.done(), later(100))
    wish(database, "waiting")
    with database.write() as uow:
        assert service.forget_done(uow, later(50)) == 1
    assert rows(database).keys() == {"recent", "waiting"}


def test_what_is_in_flight_is_not_forgotten(database: Database) -> None:
    wish(database, "phone")
    claim(database, NOW)
    with database.write() as uow:
        uow.conn.execute(update(Delivery).values(done=Delivery.wanted))
        assert service.forget_done(uow, later(50)) == 0
