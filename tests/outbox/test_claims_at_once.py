"""Two senders that claim in the same moment, step by step on PostgreSQL and in a crowd on both."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest

from passes.db.engine import Database
from passes.outbox import leases
from tests.mutants import plant
from tests.outbox.world import NOW, wish
from tests.waiting import eventually, somebody_waits

NO_SKIPPING = (".with_for_update(skip_locked=True)", "")
WAITING = (".with_for_update(skip_locked=True)", ".with_for_update()")
NO_CONDITION = ("Delivery.id.in_(select(due.c.id)), *free", "Delivery.id.in_(select(due.c.id))")


def claims_that_overlap(module: ModuleType, database: Database) -> Counter[int]:
    """How often each delivery was claimed by two owners, the second asking before the first commits."""
    wish(database, *(f"phone {n}" for n in range(10)))
    with ThreadPoolExecutor(1) as pool:
        with database.write() as first:
            mine = module.claim(first, "apns", 5, 60, "a", NOW)
            second = pool.submit(_claim_alone, module, database)
            # Either it answers at once, having skipped our rows, or it waits for us to commit.
            eventually(lambda: second.done() or somebody_waits(database))
        theirs = second.result()
    return Counter(c.id for c in (*mine, *theirs))


def _claim_alone(module: ModuleType, database: Database) -> list[Any]:
    with database.write() as uow:
        claimed: list[Any] = module.claim(uow, "apns", 5, 60, "b", NOW)
        return claimed


ON_POSTGRESQL = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
HALVES = {"sound": (), "no lock": (NO_SKIPPING,), "waiting": (WAITING,), "lock alone": (NO_CONDITION,)}


@ON_POSTGRESQL
@pytest.mark.parametrize("edits", HALVES.values(), ids=HALVES.keys())
def test_lock_and_condition_each_keep_two_claims_apart(
    edits: tuple[tuple[str, str], ...], database: Database
) -> None:
    assert set(claims_that_overlap(plant(leases, *edits), database).values()) == {1}


@ON_POSTGRESQL
def test_without_both_the_test_above_would_notice(database: Database) -> None:
    damaged = plant(leases, NO_SKIPPING, NO_CONDITION)
    assert max(claims_that_overlap(damaged, database).values()) == 2


def crowd(database: Database, claim: Callable[[str], list[Any]]) -> Counter[int]:
    """How often each delivery was claimed by a crowd of eight."""
    start = threading.Barrier(8)

    def work(owner: str) -> list[int]:
        start.wait()
        claimed: list[int] = []
        while batch := claim(owner):
            claimed += [c.id for c in batch]
        return claimed

    with ThreadPoolExecutor(8) as pool:
        everything = pool.map(work, [f"sender {n}" for n in range(8)])
        return Counter(number for claimed in everything for number in claimed)


def test_a_crowd_claims_everything_once(database: Database) -> None:
    wish(database, *(f"phone {n}" for n in range(200)))

    def claim(owner: str) -> list[Any]:
        with database.write() as uow:
            return leases.claim(uow, "apns", 7, 60, owner, NOW)

    claimed = crowd(database, claim)
    assert len(claimed) == 200
    assert set(claimed.values()) == {1}
