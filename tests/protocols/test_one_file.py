"""T7: eight processes on one SQLite file. Nothing is lost, nobody hears that the database is locked.

Locked is an answer of 503 that came at once; one that came after all the patience a call has is counted as
a fault, and allowed only in small runs.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from passes.ledger.verify import verify
from tests.fixtures.api import Shop
from tests.protocols import size
from tests.protocols.forge import Edit, Forge
from tests.protocols.outcome import Outcome

PROCESSES = 8
SECONDS = size.seconds(ci=20, release=60)
CARDS = 6
BALANCE = 100


def crowd(shop: Shop, folder: Path, seconds: float, plants: Sequence[Edit] = ()) -> Outcome:
    """The protocol for so long; what it found."""
    outcome = Outcome("T7 one file", "sqlite", f"{PROCESSES} processes, {seconds:g} s")
    cards = [shop.gift(BALANCE)["id"] for _ in range(CARDS)]
    with Forge(shop.services.database.url, folder, plants) as forge:
        tills = forge.order(
            do="tills",
            processes=PROCESSES,
            seconds=seconds,
            cards=cards,
            auth=shop.till.key,
            seed=outcome.seed,
        )["tills"]
    moved: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for number, till in enumerate(tills):
        if not till:
            outcome.violations.append(f"till {number} broke down")
            continue
        moved.update(till["moved"])
        statuses.update(till["statuses"])
        outcome.outages_ms += till["latencies_ms"]
    outcome.operations = len(outcome.outages_ms)
    outcome.declines = statuses.pop("402", 0)
    statuses.pop("201", 0)
    outcome.faults = statuses["starved"]
    if not size.RELEASE:
        # On a machine with better things to do a process may wait in vain; it is told so, and asks again.
        del statuses["starved"]
    outcome.violations += [f"{count} answers of {status}" for status, count in statuses.items()]
    for card in cards:
        balance = shop.balance({"id": card})
        if balance != BALANCE + moved[card]:
            outcome.violations.append(f"{card} holds {balance}, not {BALANCE + moved[card]}")
    with shop.services.database.read() as uow:
        outcome.violations += verify(uow).faults
    outcome.notes = "times are those of every call"
    return outcome


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_eight_processes_share_one_file_without_a_loss_or_a_complaint(shop: Shop, tmp_path: Path) -> None:
    outcome = crowd(shop, tmp_path, SECONDS)
    outcome.publish()
    assert outcome.violations == []
    assert outcome.declines > 0
