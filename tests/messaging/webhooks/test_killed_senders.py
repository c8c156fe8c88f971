"""A sender killed between a receiver's answer and its own note of it: nothing is lost, twins can be told."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from passes.db.engine import Database
from passes.messaging.webhooks import service, signature
from passes.messaging.webhooks.delivery import BATCH
from passes.outbox.models import Delivery
from tests.fakes.webhooks import Receiver
from tests.messaging.webhooks.senders import TOKEN_KEY
from tests.outbox.world import add_cards, change

ROOT = Path(__file__).parents[3]
CARDS = 50
LIVES = (3, 30)


def run(database: Database, url: str, receiver: Receiver, *bug: str) -> int:
    """Let senders die and a last one live; returns how many deliveries the outbox calls done."""
    with database.write() as uow:
        add_cards(uow, CARDS)
        _, seed = service.create(uow, "mer_acme", receiver.url, ["card.changed"], "test", loopback=True)
        receiver.secret = signature.shown(signature.secret_of(TOKEN_KEY, seed))
        for number in range(1, CARDS + 1):
            change(uow, f"card_{number}")
    for count in (*LIVES, 0):
        command = [sys.executable, "-m", "tests.messaging.webhooks.senders", url, str(count), *bug]
        ended = subprocess.run(command, cwd=ROOT, timeout=300, check=False, capture_output=True)
        if count and not bug:
            assert ended.returncode == -signal.SIGKILL, "it was to die and did not"
    with database.read() as uow:
        done = select(func.count()).select_from(Delivery).where(Delivery.done == Delivery.wanted)
        return int(uow.conn.execute(done).scalar_one())


def test_no_event_is_lost_and_few_are_sent_twice(
    database: Database, database_url: str, receiver: Receiver
) -> None:
    done = run(database, database_url, receiver)
    cards = {one.event["data"]["card_id"] for one in receiver.received}
    assert (len(cards), len(receiver.known), done) == (CARDS, CARDS, CARDS)
    assert receiver.unsigned == []
    assert 0 < len(receiver.received) - CARDS <= len(LIVES) * BATCH


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sender_that_is_done_before_it_has_sent_would_be_found_out(
    database: Database, database_url: str, receiver: Receiver
) -> None:
    assert run(database, database_url, receiver, "hasty") == CARDS
    assert len(receiver.known) < CARDS
