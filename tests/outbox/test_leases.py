"""Leases: one owner at a time, nothing undone by one who lost his, nothing lost that changed meanwhile."""

from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest

from passes.db.engine import Database
from passes.outbox import leases
from passes.outbox.channel import Outcome
from passes.outbox.rules import MAX_ATTEMPTS
from tests.mutants import plant
from tests.outbox.world import NOW, later, rows, wish


def claim(
    module: ModuleType, database: Database, owner: str, at: datetime = NOW, limit: int = 100
) -> list[Any]:
    with database.write() as uow:
        claimed: list[Any] = module.claim(uow, "apns", limit, 60, owner, at)
        return claimed


def finish(
    module: ModuleType,
    database: Database,
    owner: str,
    claimed: list[Any],
    outcome: Outcome,
    at: datetime = NOW,
) -> None:
    with database.write() as uow:
        module.finish(uow, owner, [(c, outcome) for c in claimed], at)


def what_one_holds_is_nobody_elses(module: ModuleType, database: Database) -> None:
    wish(database, "phone")
    assert len(claim(module, database, "a")) == 1
    assert claim(module, database, "b", later(59)) == []


def a_lease_runs_out(module: ModuleType, database: Database) -> None:
    wish(database, "phone")
    claim(module, database, "killed")
    assert len(claim(module, database, "b", later(61))) == 1


def what_is_not_due_stays(module: ModuleType, database: Database) -> None:
    wish(database, "phone", at=later(10))
    assert claim(module, database, "a", later(9)) == []
    assert len(claim(module, database, "a", later(10))) == 1


def who_lost_the_lease_changes_nothing(module: ModuleType, database: Database) -> None:
    wish(database, "done", "drop", "dead", "retry")
    slow = claim(module, database, "slow")
    assert len(claim(module, database, "quick", later(61))) == 4
    endings = {
        "done": Outcome.done(),
        "drop": Outcome.drop("x"),
        "dead": Outcome.dead("x"),
        "retry": Outcome.retry("x"),
    }
    for delivery in slow:
        finish(module, database, "slow", [delivery], endings[delivery.target], later(62))
    for row in rows(database).values():
        assert (row.lease_owner, row.done, row.dead_at, row.attempts) == ("quick", 0, None, 0)
    assert len(rows(database)) == 4


def a_change_during_a_send_is_sent_too(module: ModuleType, database: Database) -> None:
    wish(database, "phone")
    claimed = claim(module, database, "a")
    wish(database, "phone", at=later(1))
    finish(module, database, "a", claimed, Outcome.done(), later(2))
    assert [c.wanted for c in claim(module, database, "a", later(2))] == [2]


def what_is_done_is_not_sent_again(module: ModuleType, database: Database) -> None:
    wish(database, "phone")
    finish(module, database, "a", claim(module, database, "a"), Outcome.done("200"))
    assert claim(module, database, "a", later(9999)) == []
    row = rows(database)["phone"]
    assert (row.done, row.outcome, row.sent_at is not None, row.lease_owner) == (1, "200", True, None)


def a_change_during_a_send_that_fails_for_good_gets_its_own_try(
    module: ModuleType, database: Database
) -> None:
    wish(database, "dead", "dropped")
    claimed = claim(module, database, "a")
    wish(database, "dead", "dropped", at=later(1))
    for delivery in claimed:
        ending = Outcome.dead("no use") if delivery.target == "dead" else Outcome.drop("gone")
        finish(module, database, "a", [delivery], ending, later(2))
    assert {c.target for c in claim(module, database, "a", later(2))} == {"dead", "dropped"}


def the_twelfth_failure_is_the_last(module: ModuleType, database: Database) -> None:
    wish(database, "phone")
    at = 0.0
    for attempt in range(MAX_ATTEMPTS):
        claimed = claim(module, database, "a", later(at))
        assert [c.attempts for c in claimed] == [attempt]
        finish(module, database, "a", claimed, Outcome.retry("503"), later(at))
        at += 901
    assert claim(module, database, "a", later(at + 9999)) == []
    row = rows(database)["phone"]
    assert row.dead_at is not None
    assert row.outcome == "given up after 12 attempts: 503"


def waiting_has_no_last_time(module: ModuleType, database: Database) -> None:
    wish(database, "phone")
    for attempt in range(3 * MAX_ATTEMPTS):
        claimed = claim(module, database, "a", later(901 * attempt))
        assert len(claimed) == 1, f"given up after {attempt}"
        finish(module, database, "a", claimed, Outcome.wait("no network"), later(901 * attempt))


def success_forgives_earlier_failures(module: ModuleType, database: Database) -> None:
    wish(database, "phone")
    finish(module, database, "a", claim(module, database, "a"), Outcome.retry("503"))
    finish(module, database, "a", claim(module, database, "a", later(10)), Outcome.done(), later(10))
    assert rows(database)["phone"].attempts == 0


Scenario = Callable[[ModuleType, Database], None]
LEASE = "or_(Delivery.leased_until.is_(None), Delivery.leased_until <= at)"
OWNER = "[Delivery.id == delivery.id, Delivery.lease_owner == owner]"
UNCHANGED = "Delivery.wanted == delivery.wanted"
RETRY = "case Ending.RETRY if delivery"
MUTANTS: dict[Scenario, list[tuple[str, str]]] = {
    what_one_holds_is_nobody_elses: [(LEASE, "True")],
    a_lease_runs_out: [("Delivery.leased_until <= at", "False")],
    what_is_not_due_stays: [("Delivery.next_attempt_at <= at", "True")],
    who_lost_the_lease_changes_nothing: [(OWNER, "[Delivery.id == delivery.id]")],
    a_change_during_a_send_is_sent_too: [("done=delivery.wanted", "done=Delivery.wanted")],
    what_is_done_is_not_sent_again: [("done=delivery.wanted", "done=Delivery.done")],
    a_change_during_a_send_that_fails_for_good_gets_its_own_try: [(UNCHANGED, "True")],
    the_twelfth_failure_is_the_last: [
        (">= MAX_ATTEMPTS", "> 99"),
        ("attempts=min(attempts, 1000)", "attempts=0"),
    ],
    waiting_has_no_last_time: [(RETRY, RETRY.replace("RETRY", "RETRY | Ending.WAIT"))],
    success_forgives_earlier_failures: [("attempts=0", "attempts=delivery.attempts")],
}
PLANTED = [(scenario, *edit) for scenario, edits in MUTANTS.items() for edit in edits]


@pytest.mark.parametrize("scenario", MUTANTS, ids=lambda s: s.__name__)
def test_leases(scenario: Scenario, database: Database) -> None:
    scenario(leases, database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scenario, old, new", PLANTED, ids=[f"{p[0].__name__}: {p[2]}" for p in PLANTED])
def test_the_scenarios_notice_a_planted_bug(
    scenario: Scenario, old: str, new: str, database: Database
) -> None:
    with pytest.raises(AssertionError):
        scenario(plant(leases, (old, new)), database)
