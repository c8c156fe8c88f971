"""Who has to hear of an event: every endpoint that asked for its type, once per event.

Which transaction made a card's version is looked up here, after the commit, so that a till never waits for
a merchant's curiosity.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Row, select, tuple_

from passes.db.engine import UnitOfWork
from passes.ledger.models import Transaction
from passes.messaging.webhooks.events import TOPICS, Booked, messages
from passes.messaging.webhooks.models import WebhookEndpoint
from passes.outbox.relay import Event
from passes.outbox.service import Target

WEBHOOK = "webhook"


def fan_out(uow: UnitOfWork, events: Sequence[Event]) -> Iterator[Target]:
    """The deliveries that some events ask for; merchants without an endpoint cost one look."""
    concerning = [event for event in events if event.topic in TOPICS]
    endpoints = _endpoints(uow, {event.merchant_id for event in concerning})
    heard = [event for event in concerning if event.merchant_id in endpoints]
    booked = _booked(uow, {(event.subject, event.version) for event in heard})
    for event in heard:
        for message in messages(event, booked.get((event.subject, event.version))):
            for endpoint in endpoints[event.merchant_id]:
                if message.type in endpoint.events:
                    payload = {"endpoint_id": endpoint.id, **message.as_payload()}
                    yield Target(event.merchant_id, WEBHOOK, f"{endpoint.id}/{message.id}", payload)


def _endpoints(uow: UnitOfWork, merchant_ids: Collection[str]) -> dict[str, list[Row[str, list[str], str]]]:
    found: dict[str, list[Row[str, list[str], str]]] = defaultdict(list)
    if merchant_ids:
        asked = select(WebhookEndpoint.id, WebhookEndpoint.events, WebhookEndpoint.merchant_id).where(
            WebhookEndpoint.merchant_id.in_(merchant_ids), WebhookEndpoint.disabled_at.is_(None)
        )
        for row in uow.conn.execute(asked):
            found[row.merchant_id].append(row)
    return dict(found)


def _booked(uow: UnitOfWork, versions: Collection[tuple[str, int]]) -> dict[tuple[str, int], Booked]:
    if not versions:
        return {}
    query = select(Transaction.card_id, Transaction.card_version, Transaction.id, Transaction.type)
    made = query.where(tuple_(Transaction.card_id, Transaction.card_version).in_(versions))
    return {(row.card_id, row.card_version): Booked(row.id, row.type) for row in uow.conn.execute(made)}
