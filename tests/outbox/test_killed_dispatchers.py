"""Two dispatchers, killed again and again while cards go on changing: nobody misses the last version."""

import itertools
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from passes.cards.models import Card
from passes.db.engine import Database
from passes.installs.models import AppleDevice, AppleRegistration
from tests.outbox.dispatchers import BATCH
from tests.outbox.world import NOW, add_cards, change, rows

ROOT = Path(__file__).parents[2]
RECIPIENTS = 500
KILLS = 14
TYPE = "pass.test.stempel"


def add_phones(database: Database, count: int) -> None:
    """A phone for every card, and a change of every card."""
    numbers = range(1, count + 1)
    devices = [
        {"device_id": f"phone-{n}", "pass_type": TYPE, "push_token": f"{n}", "token_since": NOW, "tag": 0}
        for n in numbers
    ]
    registrations = [
        {"device_id": f"phone-{n}", "pass_type": TYPE, "card_id": f"card_{n}", "merchant_id": "mer_acme"}
        for n in numbers
    ]
    with database.write() as uow:
        add_cards(uow, count)
        uow.conn.execute(insert(AppleDevice), devices)
        uow.conn.execute(insert(AppleRegistration), [r | {"created_at": NOW} for r in registrations])
        for number in numbers:
            change(uow, f"card_{number}")


@dataclass
class Aftermath:
    """What the phones saw in the end, what they should have seen, and what went over the wire."""

    seen: dict[str, int]
    current: dict[str, int]
    wire: Counter[str]
    hits: int
    failed: int


def run(database: Database, url: str, folder: Path, *bug: str) -> Aftermath:
    """Let dispatchers be killed while the first twenty cards go on changing."""
    add_phones(database, RECIPIENTS)
    wire = folder / "wire"
    command = [sys.executable, "-m", "tests.outbox.dispatchers", url, str(wire), str(KILLS), *bug]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as nursery:
        for number in itertools.count():
            with database.write() as uow:
                change(uow, f"card_{number % 20 + 1}")
            time.sleep(0.02)
            if wire.with_name("killed").exists() or nursery.poll() is not None:
                break
        wire.with_name("over").touch()
        report = json.loads(nursery.communicate(timeout=120)[0].splitlines()[-1])
    sent = [line.rsplit(" ", 1) for line in wire.read_text().splitlines()]
    seen: dict[str, int] = {}
    for target, version in sent:
        seen[target] = max(seen.get(target, 0), int(version))
    with database.read() as uow:
        current = {
            f"{TYPE}/phone-{card_id.removeprefix('card_')}": version
            for card_id, version in uow.conn.execute(select(Card.id, Card.version))
        }
    return Aftermath(seen, current, Counter(target for target, _ in sent), **report)


def test_nothing_is_lost_and_little_is_sent_twice(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    aftermath = run(database, database_url, tmp_path)
    quiet = [f"{TYPE}/phone-{n}" for n in range(21, RECIPIENTS + 1)]
    doubled = sum(aftermath.wire[target] - 1 for target in quiet)
    print(f"{aftermath.hits} kills, {aftermath.wire.total()} pushes, {doubled} of them for nothing")
    assert aftermath.seen == aftermath.current, "a phone never saw the last version"
    assert len(rows(database)) == RECIPIENTS, "a delivery was written twice"
    assert all(row.done == row.wanted for row in rows(database).values())
    assert aftermath.failed == 0
    assert aftermath.hits >= KILLS / 2, "the kills came too late to prove anything"
    assert doubled <= aftermath.hits * BATCH


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sender_that_is_done_before_it_has_sent_would_be_found_out(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    aftermath = run(database, database_url, tmp_path, "hasty")
    assert all(row.done == row.wanted for row in rows(database).values())
    assert aftermath.seen != aftermath.current
