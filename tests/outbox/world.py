"""A small world for the outbox: a merchant, cards that change, and ways out that remember what they sent."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from passes.cards.models import Card
from passes.db.engine import Database, UnitOfWork
from passes.outbox.channel import ClaimedDelivery, Outcome
from passes.outbox.models import Delivery
from passes.outbox.relay import Event
from passes.outbox.service import Target, enqueue, want
from tests.db.rows import add_card, add_merchant

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    """`NOW` and some."""
    return NOW + timedelta(seconds=seconds)


def add_cards(uow: UnitOfWork, count: int) -> None:
    """Merchant `mer_acme` with the cards `card_1` to `card_<count>`."""
    add_merchant(uow, "acme")
    for number in range(1, count + 1):
        add_card(uow, "acme", number)


def change(uow: UnitOfWork, card_id: str) -> None:
    """The card's next version, and the event about it."""
    changed = update(Card).where(Card.id == card_id)
    bump = changed.values(version=Card.version + 1, modified_s=Card.modified_s + 1).returning(Card.version)
    enqueue(uow, "mer_acme", "card.changed", card_id, uow.conn.execute(bump).scalar_one())


def target(name: str, channel: str = "apns") -> Target:
    """Somebody who is to hear something."""
    return Target("mer_acme", channel, name, {"name": name})


def wish(database: Database, *names: str, channel: str = "apns", at: datetime = NOW) -> None:
    """Something new for every name."""
    with database.write() as uow:
        want(uow, [target(name, channel) for name in names], at)


def rows(database: Database) -> dict[str, Any]:
    """Every delivery by target."""
    with database.read() as uow:
        return {row.target: row for row in uow.conn.execute(select(Delivery.__table__))}


def one_per_event(uow: UnitOfWork, events: Sequence[Event]) -> Iterable[Target]:
    """A fan-out where every card is a target of its own."""
    return [target(event.subject) for event in events]


class Recorder:
    """A channel that remembers; `answer` decides how each delivery ends."""

    def __init__(
        self, answer: Callable[[ClaimedDelivery], Outcome] | None = None, batch_size: int = 50
    ) -> None:
        self.batch_size = batch_size
        self.sent: Counter[str] = Counter()
        self._answer = answer or (lambda _: Outcome.done())
        self._lock = threading.Lock()

    def send(self, deliveries: Sequence[ClaimedDelivery]) -> list[Outcome]:
        """Remember and answer."""
        with self._lock:
            self.sent.update(d.target for d in deliveries)
        return [self._answer(d) for d in deliveries]
