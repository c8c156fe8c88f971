"""Opening and closing endpoints, sending again, and writing down how they are doing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete as delete_from
from sqlalchemy import func, insert, literal, select, update

from passes.audit import service as audit
from passes.clock import format_rfc3339, real_now
from passes.db.base import UtcDateTime
from passes.db.engine import UnitOfWork
from passes.errors import FieldError
from passes.ids import new_id
from passes.messaging.webhooks import queries, signature
from passes.messaging.webhooks.events import EVENT_TYPES
from passes.messaging.webhooks.fan_out import WEBHOOK
from passes.messaging.webhooks.models import WebhookEndpoint
from passes.messaging.webhooks.post import Reply
from passes.messaging.webhooks.queries import EndpointView
from passes.messaging.webhooks.rules import DISABLE_AFTER, check_url
from passes.outbox.models import Delivery

MOST_ENDPOINTS = 20
OVERLAP = timedelta(days=1)
"""How long the secret before a rotation goes on signing."""


def create(
    uow: UnitOfWork,
    merchant_id: str,
    url: str,
    events: Sequence[str] | None,
    actor: str,
    *,
    loopback: bool,
) -> tuple[EndpointView, bytes]:
    """A new endpoint for `events` (by default every type) and the seed of its secret.

    Raises `FieldError` for an address that must not be called (`loopback`: see `check_url`).
    """
    check_url(url, loopback=loopback)
    if queries.count(uow, merchant_id) >= MOST_ENDPOINTS:
        raise FieldError("url", f"there are {MOST_ENDPOINTS} webhooks already; delete one first")
    seed, endpoint_id = signature.new_seed(), new_id("hook")
    uow.conn.execute(
        insert(WebhookEndpoint).values(
            id=endpoint_id,
            merchant_id=merchant_id,
            url=url,
            events=[t for t in EVENT_TYPES if events is None or t in events],
            secret=seed,
            created_at=uow.now,
        )
    )
    # The address may itself be a credential, so the audit log does without.
    audit.record(uow, merchant_id, actor, "webhooks.create", endpoint_id)
    return queries.get(uow, merchant_id, endpoint_id), seed


def delete(uow: UnitOfWork, merchant_id: str, endpoint_id: str, actor: str) -> None:
    """Close an endpoint for good, and forget what was on its way there. Raises `NotFound`."""
    queries.get(uow, merchant_id, endpoint_id)
    uow.conn.execute(delete_from(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id))
    uow.conn.execute(delete_from(Delivery).where(*queries.to_endpoint(merchant_id, endpoint_id)))
    audit.record(uow, merchant_id, actor, "webhooks.delete", endpoint_id)


def enable(uow: UnitOfWork, merchant_id: str, endpoint_id: str, actor: str) -> EndpointView:
    """Let a disabled endpoint hear of what happens from now on. Raises `NotFound`."""
    queries.get(uow, merchant_id, endpoint_id)
    healthy = {"disabled_at": None, "disabled_reason": None, "failing_since": None}
    uow.conn.execute(update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).values(**healthy))
    audit.record(uow, merchant_id, actor, "webhooks.enable", endpoint_id)
    return queries.get(uow, merchant_id, endpoint_id)


def rotate_secret(
    uow: UnitOfWork, merchant_id: str, endpoint_id: str, actor: str, *, at_once: bool = False
) -> tuple[EndpointView, bytes]:
    """The seed of a new secret for an endpoint; the old one signs beside it for a day.

    `at_once` ends the old one now, for a secret that has leaked. Raises `NotFound`.
    """
    queries.get(uow, merchant_id, endpoint_id)
    seed = signature.new_seed()
    before: dict[str, Any] = {"previous_secret": None, "previous_until": None}
    if not at_once:
        before = {"previous_secret": WebhookEndpoint.secret, "previous_until": real_now() + OVERLAP}
    mine = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    uow.conn.execute(mine.values(secret=seed, **before))
    audit.record(uow, merchant_id, actor, "webhooks.rotate_secret", endpoint_id, at_once=at_once)
    return queries.get(uow, merchant_id, endpoint_id), seed


def replay(uow: UnitOfWork, merchant_id: str, endpoint_id: str, event_id: str | None, actor: str) -> int:
    """Send one event again, got through or not; without one, all that was given up. How many that are.

    They keep their ids, so a receiver that has one already knows it. Raises `NotFound`.
    """
    queries.get(uow, merchant_id, endpoint_id)
    if event_id is None:
        chosen = (*queries.to_endpoint(merchant_id, endpoint_id), Delivery.dead_at.is_not(None))
    else:
        target = f"{endpoint_id}/{event_id}"
        chosen = (
            Delivery.channel == WEBHOOK,
            Delivery.merchant_id == merchant_id,
            Delivery.target == target,
        )
    again = {"wanted": Delivery.done + 1, "attempts": 0, "dead_at": None, "next_attempt_at": real_now()}
    replayed = uow.conn.execute(update(Delivery).where(*chosen).values(**again)).rowcount
    audit.record(uow, merchant_id, actor, "webhooks.replay", endpoint_id, deliveries=replayed)
    return replayed


def note_replies(uow: UnitOfWork, endpoint_id: str, replies: Sequence[Reply], at: datetime) -> None:
    """Write down what an endpoint answered at about `at` (real time), and disable it where that is due.

    It is due when it says 410, or when nothing has got through for five days.
    """
    mine = WebhookEndpoint.id == endpoint_id
    is_well = any(r.status is not None and 200 <= r.status < 300 for r in replies)
    worst = next((r for r in replies if r.status == 410), replies[-1])
    since = None if is_well else func.coalesce(WebhookEndpoint.failing_since, literal(at, UtcDateTime()))
    noted = update(WebhookEndpoint).where(mine)
    uow.conn.execute(noted.values(last_attempt_at=at, last_outcome=worst.note, failing_since=since))
    failing_since = uow.conn.execute(select(WebhookEndpoint.failing_since).where(mine)).scalar()
    if worst.status == 410:
        _disable(uow, endpoint_id, "it answered 410: nobody listens there any more", at)
    elif failing_since is not None and at - failing_since >= DISABLE_AFTER:
        since_when = format_rfc3339(failing_since)
        _disable(uow, endpoint_id, f"nothing has got through since {since_when}: {worst.note}", at)


def _disable(uow: UnitOfWork, endpoint_id: str, reason: str, at: datetime) -> None:
    live = (WebhookEndpoint.id == endpoint_id, WebhookEndpoint.disabled_at.is_(None))
    disabled = update(WebhookEndpoint).where(*live).values(disabled_at=at, disabled_reason=reason[:300])
    merchant_id = uow.conn.execute(disabled.returning(WebhookEndpoint.merchant_id)).scalar()
    if merchant_id is not None:
        audit.record(uow, merchant_id, "scheduler", "webhooks.disable", endpoint_id, reason=reason)
