"""The sender: what happened reaches its channel, and a channel's faults stay its own."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from passes.db.engine import Database
from passes.outbox.channel import ClaimedDelivery, Ending, Outcome
from passes.outbox.sender import Sender, new_owner
from tests.outbox.world import Recorder, add_cards, change, one_per_event, rows, wish


class Broken:
    """A channel with a bug."""

    batch_size = 10

    def send(self, deliveries: Sequence[ClaimedDelivery]) -> list[Outcome]:
        raise KeyError("payload")


@pytest.fixture
def changed(database: Database) -> Database:
    """A database where five cards have just changed, card 1 three times."""
    with database.write() as uow:
        add_cards(uow, 5)
        for number in (1, 1, 1, 2, 3, 4, 5):
            change(uow, f"card_{number}")
    return database


def test_what_changed_is_sent_once_however_often_it_changed(changed: Database) -> None:
    apns = Recorder(batch_size=2)
    counts = Sender(changed, one_per_event, {"apns": apns}).run()
    assert apns.sent == {f"card_{n}": 1 for n in range(1, 6)}
    assert (counts.relayed, counts.ended) == (7, {Ending.DONE: 5})


def test_nothing_to_do_is_no_work(database: Database) -> None:
    assert not Sender(database, one_per_event, {"apns": Recorder()}).run_once().worked


def test_a_change_while_it_is_being_sent_is_sent_as_well(changed: Database) -> None:
    def answer(delivery: ClaimedDelivery) -> Outcome:
        if delivery.target == "card_2" and delivery.wanted == 1:
            with changed.write() as uow:
                change(uow, "card_2")
        return Outcome.done()

    apns = Recorder(answer)
    Sender(changed, one_per_event, {"apns": apns}).run()
    assert apns.sent == {"card_1": 1, "card_2": 2, "card_3": 1, "card_4": 1, "card_5": 1}


def test_a_broken_channel_hurts_only_its_own_deliveries(changed: Database) -> None:
    wish(changed, "object", channel="google")
    apns = Recorder()
    counts = Sender(changed, one_per_event, {"google": Broken(), "apns": apns}).run()
    assert counts.ended == {Ending.DONE: 5, Ending.RETRY: 1}
    assert rows(changed)["object"].outcome == "fault in the channel: KeyError"


def test_a_channel_this_installation_lacks_keeps_waiting(database: Database) -> None:
    wish(database, "object", channel="google")
    Sender(database, one_per_event, {"apns": Recorder()}).run()
    google = Recorder()
    Sender(database, one_per_event, {"google": google}).run()
    assert google.sent == {"object": 1}


def test_a_drain_does_not_wait_for_a_back_off(changed: Database) -> None:
    down = Sender(changed, one_per_event, {"apns": Recorder(lambda _: Outcome.wait("no network", 900))})
    down.run()
    apns = Recorder()
    sender = Sender(changed, one_per_event, {"apns": apns})
    assert not sender.run().ended
    assert sender.drain().ended == {Ending.DONE: 5}


def test_a_drain_ends_although_nothing_gets_through(changed: Database) -> None:
    counts = Sender(changed, one_per_event, {"apns": Recorder(lambda _: Outcome.wait("down", 1))}).drain()
    assert counts.ended == {Ending.WAIT: 5}


def test_told_to_stop_it_stops_between_two_batches(changed: Database) -> None:
    apns = Recorder(batch_size=1)
    rounds = iter([True, True, False])
    Sender(changed, one_per_event, {"apns": apns}).run(lambda: next(rounds))
    assert sum(apns.sent.values()) == 2


def test_two_senders_at_once_send_nothing_twice(database: Database) -> None:
    with database.write() as uow:
        add_cards(uow, 60)
        for number in range(1, 61):
            change(uow, f"card_{number}")
    apns = Recorder(batch_size=3)
    start = threading.Barrier(2)

    def work(sender: Sender) -> None:
        start.wait()
        sender.run()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, [Sender(database, one_per_event, {"apns": apns}) for _ in range(2)]))
    assert len(apns.sent) == 60
    assert set(apns.sent.values()) == {1}


def test_no_two_senders_bear_the_same_name() -> None:
    names = {new_owner() for _ in range(100)}
    assert len(names) == 100
    assert max(map(len, names)) <= 60
