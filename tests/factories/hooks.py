"""A café's webhooks: endpoints that were called, and deliveries that came through, wait or were given up."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from passes.clock import format_rfc3339, real_now
from passes.db.engine import Database
from passes.ids import new_id
from passes.messaging.webhooks import service
from passes.messaging.webhooks.history import DeliveryFilter, Sent, listing
from passes.messaging.webhooks.models import WebhookEndpoint
from passes.outbox import service as outbox
from passes.outbox.models import Delivery
from passes.outbox.service import Target

URL = "https://shop.example/events"
_STOOD: dict[str, dict[str, Any]] = {
    "waiting": {"attempts": 3, "outcome": "HTTP 503"},
    "delivered": {"done": 1, "outcome": "HTTP 200, at attempt 2"},
    "given_up": {"attempts": 14, "outcome": "given up after 14 attempts: no answer in time"},
}


@dataclass
class Hooks:
    """What of one merchant is sent out."""

    database: Database
    merchant_id: str
    endpoints: list[str] = field(default_factory=list)

    def endpoint(self, url: str = URL, *events: str, **known: Any) -> str:
        """Another endpoint, for which `known` was noted; returns its id."""
        with self.database.write() as uow:
            made, _ = service.create(uow, self.merchant_id, url, events or None, "test", loopback=False)
            if known:
                mine = WebhookEndpoint.id == made.id
                uow.conn.execute(update(WebhookEndpoint).where(mine).values(**known))
        self.endpoints.append(made.id)
        return made.id

    def disabled(self, url: str = URL) -> str:
        """An endpoint where nobody listens any more."""
        made = self.endpoint(url)
        self.disable(made)
        return made

    def disable(self, endpoint_id: str) -> None:
        """Let it have answered that nobody listens there any more."""
        reason, at = "it answered 410: nobody listens there any more", real_now()
        mine = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
        known = {"disabled_at": at, "disabled_reason": reason}
        with self.database.write() as uow:
            uow.conn.execute(mine.values(**known, last_attempt_at=at, last_outcome="HTTP 410"))

    def send(
        self, state: str = "", *, event_type: str = "card.issued", to: str | None = None, **data: Any
    ) -> str:
        """A delivery that stands so ("" for one nobody tried yet); returns its event's id."""
        event_id, endpoint_id = new_id("evt"), to or self.endpoints[0]
        target = f"{endpoint_id}/{event_id}"
        payload = {
            "endpoint_id": endpoint_id,
            "event_id": event_id,
            "type": event_type,
            "timestamp": format_rfc3339(real_now()),
            "data": data,
        }
        at = real_now()
        with self.database.write() as uow:
            outbox.want(uow, [Target(self.merchant_id, "webhook", target, payload)], at)
            if state:
                stood = {**_STOOD[state], "next_attempt_at": at + timedelta(hours=1)}
                stood |= {"delivered": {"sent_at": at}, "given_up": {"dead_at": at}}.get(state, {})
                uow.conn.execute(update(Delivery).where(Delivery.target == target).values(**stood))
        return event_id

    def sent(self, **wanted: Any) -> list[Sent]:
        """The merchant's deliveries, newest first."""
        with self.database.read() as uow:
            return list(listing(uow, self.merchant_id, 200, None, DeliveryFilter(**wanted)).items)
