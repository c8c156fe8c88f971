"""What a merchant can hear of, and how it is said: ids and numbers, never a person's data.

Whoever hears of an event fetches the rest with a key of their own, so nothing has to be called back when a
member is erased, and a payload that is late, doubled or out of order cannot say anything outdated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import orjson

from passes.clock import format_rfc3339
from passes.ids import new_id
from passes.outbox.relay import Event

EventType = Literal["card.issued", "card.changed", "transaction.created", "limit.flagged", "signing.warned"]
EVENT_TYPES: tuple[str, ...] = get_args(EventType)

FLAGGED = "limit.flagged"
WARNED = "signing.warned"
TOPICS = frozenset({"card.issued", "card.changed", FLAGGED, WARNED})
"""What of the outbox concerns anybody outside; messages to members do not."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event as an endpoint hears of it; `id` is the same at every endpoint and in every attempt."""

    id: str
    type: str
    timestamp: str
    data: dict[str, Any]

    def as_payload(self) -> dict[str, Any]:
        """What the delivery carries."""
        return {"event_id": self.id, "type": self.type, "timestamp": self.timestamp, "data": self.data}


@dataclass(frozen=True, slots=True)
class Booked:
    """The transaction that made a version of a card."""

    id: str
    type: str


def messages(event: Event, booked: Booked | None) -> Iterator[Message]:
    """What an event of the outbox says outside; a card's version that a transaction made says that too."""
    if event.topic not in TOPICS:
        return
    if event.topic == WARNED:
        yield _message(WARNED, event, event.details or {})
        return
    card = {"card_id": event.subject, "version": event.version}
    if event.topic == FLAGGED:
        yield _message(FLAGGED, event, {**(event.details or {}), **card})
        return
    yield _message(event.topic, event, card)
    if booked is not None:
        transaction = {"transaction_id": booked.id, "transaction_type": booked.type}
        yield _message("transaction.created", event, {**transaction, **card})


def body(payload: Mapping[str, Any]) -> bytes:
    """The bytes that are sent and signed."""
    sent = {name: payload[name] for name in ("type", "timestamp", "data")}
    return orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)


def _message(event_type: str, event: Event, data: dict[str, Any]) -> Message:
    return Message(new_id("evt"), event_type, format_rfc3339(event.created_at), data)
