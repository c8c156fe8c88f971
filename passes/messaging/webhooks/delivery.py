"""The channel `webhook`: from a delivery to a signed request, and from the answer to what becomes of both."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import structlog

from passes.clock import real_now
from passes.db.engine import Database
from passes.messaging.webhooks import queries, rules, service, signature
from passes.messaging.webhooks.events import body
from passes.messaging.webhooks.post import Reply
from passes.messaging.webhooks.queries import Address
from passes.outbox.channel import ClaimedDelivery, Ending, Outcome

BATCH = 40
WORKERS = 10
"""Together a batch of nothing but silence takes four time-outs, well within a lease."""

log = structlog.get_logger(__name__)


class Postman(Protocol):
    """What the channel needs of the HTTP client."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send one request."""
        ...


@dataclass(frozen=True, slots=True)
class Tried:
    """A delivery's outcome, and the answer behind it, if it was asked for one."""

    outcome: Outcome
    reply: Reply | None = None


class WebhookChannel:
    """Calls endpoints, some at a time. One that is silent or busy is left alone for the rest of a batch."""

    batch_size = BATCH

    def __init__(self, database: Database, postman: Postman, token_key: bytes) -> None:
        self._database = database
        self._token_key = token_key
        self._postman = postman

    def send(self, deliveries: Sequence[ClaimedDelivery]) -> list[Outcome]:
        """Try every delivery once; what is learnt about the endpoints is written to them."""
        with self._database.read() as uow:
            endpoints = queries.addresses(
                uow, {d.payload["endpoint_id"] for d in deliveries}, self._token_key
            )
        down: dict[str, Reply] = {}
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="webhook") as pool:
            tried = list(
                pool.map(lambda d: self._try(d, endpoints.get(d.payload["endpoint_id"]), down), deliveries)
            )
        replies: dict[str, list[Reply]] = defaultdict(list)
        for delivery, one in zip(deliveries, tried, strict=True):
            if one.reply is not None:
                replies[delivery.payload["endpoint_id"]].append(one.reply)
        with self._database.write() as uow:
            for endpoint_id in sorted(replies):
                service.note_replies(uow, endpoint_id, replies[endpoint_id], real_now())
        return [one.outcome for one in tried]

    def _try(self, delivery: ClaimedDelivery, endpoint: Address | None, down: dict[str, Reply]) -> Tried:
        if endpoint is None:
            return Tried(Outcome.drop("the endpoint was deleted"))
        if endpoint.disabled_reason is not None:
            return Tried(Outcome.dead(f"the endpoint is disabled: {endpoint.disabled_reason}"))
        attempts = delivery.attempts + 1
        earlier = down.get(endpoint.id)
        if earlier is not None:
            return Tried(rules.judge(earlier.status, earlier.note, attempts, earlier.after_s))
        sent = body(delivery.payload)
        headers = signature.headers(endpoint.secrets, delivery.payload["event_id"], real_now(), sent)
        reply = self._postman.post(endpoint.url, headers, sent)
        if rules.is_out_of_reach(reply.status):
            down[endpoint.id] = reply
        outcome = rules.judge(reply.status, reply.note, attempts, reply.after_s)
        if outcome.ending is not Ending.DONE:
            log.warning("webhook_failed", endpoint_id=endpoint.id, note=reply.note, attempt=attempts)
        return Tried(outcome, reply)
