"""The relay: every event becomes its deliveries once, whoever relays and whenever it dies."""

import contextlib
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from passes.db.engine import Database, UnitOfWork
from passes.outbox import relay as module
from passes.outbox.models import OutboxEvent
from passes.outbox.relay import Event, relay
from passes.outbox.service import Target, enqueue
from tests.mutants import plant
from tests.outbox.world import NOW, add_cards, change, later, one_per_event, rows


def events_left(database: Database) -> int:
    with database.read() as uow:
        return uow.conn.execute(select(func.count()).select_from(OutboxEvent)).scalar_one()


def relay_all(database: Database, limit: int = 500) -> int:
    total = 0
    while True:
        with database.write() as uow:
            relayed = relay(uow, one_per_event, NOW, limit)
        if not relayed:
            return total
        total += relayed


def test_events_of_one_card_become_one_delivery(database: Database) -> None:
    with database.write() as uow:
        add_cards(uow, 2)
        for _ in range(3):
            change(uow, "card_1")
        change(uow, "card_2")
        assert relay(uow, one_per_event, NOW) == 4
    assert {name: row.wanted for name, row in rows(database).items()} == {"card_1": 1, "card_2": 1}
    assert events_left(database) == 0


def test_the_fan_out_sees_what_happened_in_full(database: Database) -> None:
    seen: list[Event] = []

    def remember(_: UnitOfWork, events: Sequence[Event]) -> Iterable[Target]:
        seen.extend(events)
        return []

    with database.write() as uow:
        enqueue(uow, "mer_acme", "card.message", "card_1", 7, {"message_id": "m1"})
        assert relay(uow, remember, NOW) == 1
    at = database.clock.now()
    assert seen == [Event("mer_acme", "card.message", "card_1", 7, {"message_id": "m1"}, at)]


def test_a_batch_is_limited_and_the_oldest_come_first(database: Database) -> None:
    with database.write() as uow:
        add_cards(uow, 5)
        for number in range(1, 6):
            change(uow, f"card_{number}")
        assert relay(uow, one_per_event, NOW, limit=2) == 2
    assert rows(database).keys() == {"card_1", "card_2"}
    assert events_left(database) == 3


def test_a_change_after_the_relay_is_a_further_wish(database: Database) -> None:
    with database.write() as uow:
        add_cards(uow, 1)
        change(uow, "card_1")
        relay(uow, one_per_event, NOW)
    with database.write() as uow:
        change(uow, "card_1")
        relay(uow, one_per_event, later(1))
    assert rows(database)["card_1"].wanted == 2


def test_a_relay_that_dies_has_changed_nothing(database: Database) -> None:
    def die(_: UnitOfWork, events: Sequence[Event]) -> Iterable[Target]:
        yield from one_per_event(_, events)
        raise RuntimeError("killed")

    with database.write() as uow:
        add_cards(uow, 1)
        change(uow, "card_1")
    with pytest.raises(RuntimeError), database.write() as uow:
        relay(uow, die, NOW)
    assert (events_left(database), rows(database)) == (1, {})


def test_an_event_that_never_committed_is_never_relayed(database: Database) -> None:
    with database.write() as uow:
        add_cards(uow, 1)
        with contextlib.suppress(RuntimeError), uow.savepoint():
            change(uow, "card_1")
            raise RuntimeError("refused")
    assert relay_all(database) == 0


def test_a_crowd_of_relays_takes_every_event_once(database: Database) -> None:
    with database.write() as uow:
        add_cards(uow, 40)
        for _ in range(5):
            for number in range(1, 41):
                change(uow, f"card_{number}")
    start = threading.Barrier(4)

    def work(_: int) -> int:
        start.wait()
        return relay_all(database, limit=9)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 200
    assert len(rows(database)) == 40
    assert events_left(database) == 0


def test_a_relay_that_keeps_its_events_would_be_noticed(database: Database) -> None:
    damaged = plant(
        module,
        ("delete(OutboxEvent)\n        .where", "select(OutboxEvent)\n        .where"),
        (".returning(", ".with_only_columns("),
    )
    with database.write() as uow:
        add_cards(uow, 1)
        change(uow, "card_1")
        assert damaged.relay(uow, one_per_event, NOW) == 1
    assert events_left(database) == 1
