"""A merchant whose till is busy, a receiver that listens, and a sender between them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from passes.clock import real_now
from passes.messaging.webhooks import queries, service, signature
from passes.messaging.webhooks.delivery import WebhookChannel
from passes.messaging.webhooks.events import EVENT_TYPES
from passes.messaging.webhooks.post import Poster
from passes.messaging.webhooks.queries import DeliveryView, EndpointView
from passes.outbox.models import Delivery
from passes.outbox.sender import Sender
from passes.wiring import fan_out
from tests.fakes.webhooks import Receiver
from tests.fixtures.api import Shop

TIMEOUT_S = 60.0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@dataclass
class Post:
    """The shop's endpoint, and what carries its events there."""

    shop: Shop
    receiver: Receiver
    endpoint_id: str
    sender: Sender

    def endpoint(self) -> EndpointView:
        with self.shop.services.database.read() as uow:
            return queries.get(uow, self.shop.id, self.endpoint_id)

    def deliveries(self) -> list[DeliveryView]:
        with self.shop.services.database.read() as uow:
            return list(queries.deliveries(uow, self.shop.id, self.endpoint_id, 200, None).items)

    def states(self) -> list[str]:
        return sorted(delivery.state for delivery in self.deliveries())

    def replay(self, event_id: str | None = None) -> int:
        with self.shop.services.database.write() as uow:
            return service.replay(uow, self.shop.id, self.endpoint_id, event_id, "test")

    def let_pass(self, span: timedelta) -> None:
        """As if the span had gone by: what waits becomes due, what failed has failed for longer."""
        table = queries.WebhookEndpoint
        with self.shop.services.database.write() as uow:
            uow.conn.execute(update(Delivery).values(next_attempt_at=real_now()))
            since = self.endpoint_row(uow).failing_since
            if since is not None:
                uow.conn.execute(update(table).values(failing_since=since - span))

    def endpoint_row(self, uow: Any) -> EndpointView:
        return queries.get(uow, self.shop.id, self.endpoint_id)


def connect(
    shop: Shop, receiver: Receiver, events: tuple[str, ...] | None = None, postman: Any = None
) -> Post:
    """An endpoint of the shop at the receiver."""
    with shop.services.database.write() as uow:
        view, seed = service.create(uow, shop.id, receiver.url, events, "test", loopback=True)
    key = shop.services.token_key
    receiver.secret = signature.shown(signature.secret_of(key, seed))
    poster = postman or Poster(loopback=True, timeout_s=TIMEOUT_S)
    channel = WebhookChannel(shop.services.database, poster, key)
    return Post(shop, receiver, view.id, Sender(shop.services.database, fan_out, {"webhook": channel}))


@pytest.fixture
def post(shop: Shop, receiver: Receiver) -> Post:
    """An endpoint for everything."""
    return connect(shop, receiver, EVENT_TYPES)


@pytest.fixture
def sell(shop: Shop) -> Callable[[], str]:
    """Issues a card and says its id."""
    return lambda: str(shop.card()["id"])
