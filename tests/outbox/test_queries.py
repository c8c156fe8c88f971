"""What `outbox status` says."""

import pytest

from passes.db.engine import Database
from passes.outbox import leases
from passes.outbox.channel import Outcome
from passes.outbox.queries import ChannelStatus, OutboxStatus, status
from tests.outbox.world import NOW, add_cards, change, later, wish


@pytest.fixture
def busy(database: Database) -> Database:
    """A minute after `NOW`: one event, two waiting (one for a minute), two dead, one in flight, one done."""
    with database.write() as uow:
        add_cards(uow, 1)
        change(uow, "card_1")
    endings = {
        "retry": Outcome.retry("503", 600),
        "done": Outcome.done("200"),
        "dead": Outcome.dead("BadTopic"),
        "dead too": Outcome.dead("BadTopic"),
    }
    wish(database, *endings)
    with database.write() as uow:
        claimed = leases.claim(uow, "apns", 10, 30, "a", NOW)
        leases.finish(uow, "a", [(c, endings[c.target]) for c in claimed], NOW)
    wish(database, "in flight")
    with database.write() as uow:
        leases.claim(uow, "apns", 10, 90, "a", NOW)
    wish(database, "waiting")
    wish(database, "object", channel="google", at=later(50))
    with database.write() as uow:
        leases.claim(uow, "google", 10, 5, "killed", later(50))
    return database


def test_every_state_is_counted_where_it_belongs(busy: Database) -> None:
    with busy.read() as uow:
        seen = status(uow, later(60))
    assert seen == OutboxStatus(
        events=1,
        channels=(
            ChannelStatus("apns", 2, 1, 2, 60, (("BadTopic", 2), ("503", 1))),
            # Its sender was killed and the lease has run out.
            ChannelStatus("google", 1, 0, 0, 10, ()),
        ),
    )
    assert not seen.is_empty


def test_an_empty_outbox_is_empty_and_the_dead_do_not_count(database: Database) -> None:
    with database.read() as uow:
        assert status(uow, NOW).is_empty
    wish(database, "phone")
    with database.write() as uow:
        leases.finish(
            uow, "a", [(c, Outcome.dead("x")) for c in leases.claim(uow, "apns", 1, 9, "a", NOW)], NOW
        )
    with database.read() as uow:
        assert status(uow, NOW).is_empty
        assert status(uow, NOW).channels[0].dead == 1
