"""Reading endpoints and what is on its way to them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from passes.clock import parse_rfc3339, real_now
from passes.db.engine import UnitOfWork
from passes.db.paging import Page, after_cursor, as_page, decode_cursor, newest_first
from passes.errors import NotFound
from passes.messaging.webhooks import signature
from passes.messaging.webhooks.fan_out import WEBHOOK
from passes.messaging.webhooks.models import WebhookEndpoint
from passes.outbox.models import Delivery


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An endpoint as its merchant sees it; the secret is not part of that."""

    id: str
    url: str
    events: list[str]
    created_at: datetime
    disabled_at: datetime | None
    disabled_reason: str | None
    failing_since: datetime | None
    last_attempt_at: datetime | None
    last_outcome: str | None


@dataclass(frozen=True, slots=True)
class Address:
    """What it takes to call an endpoint; `disabled_reason` is None for one that may be called."""

    id: str
    url: str
    secrets: tuple[bytes, ...] = field(repr=False)
    disabled_reason: str | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One event on its way to one endpoint; `id` is the event's."""

    id: str
    type: str
    data: dict[str, Any]
    state: str
    attempts: int
    last_outcome: str | None
    next_attempt_at: datetime | None
    sent_at: datetime | None
    created_at: datetime


_VIEW = tuple(getattr(WebhookEndpoint, name) for name in EndpointView.__dataclass_fields__)


def get(uow: UnitOfWork, merchant_id: str, endpoint_id: str) -> EndpointView:
    """One endpoint; raises `NotFound`."""
    mine = (WebhookEndpoint.merchant_id == merchant_id, WebhookEndpoint.id == endpoint_id)
    row = uow.conn.execute(select(*_VIEW).where(*mine)).first()
    if row is None:
        raise NotFound("There is no such webhook.")
    return EndpointView(*row)


def listing(uow: UnitOfWork, merchant_id: str, limit: int, cursor: str | None) -> Page[EndpointView]:
    """The merchant's endpoints, newest first."""
    query = select(*_VIEW).where(
        WebhookEndpoint.merchant_id == merchant_id,
        *after_cursor(cursor, WebhookEndpoint.created_at, WebhookEndpoint.id),
    )
    query = newest_first(query, WebhookEndpoint.created_at, WebhookEndpoint.id, limit)
    return as_page([EndpointView(*row) for row in uow.conn.execute(query)], limit)


def count(uow: UnitOfWork, merchant_id: str) -> int:
    """How many endpoints the merchant has."""
    mine = select(func.count()).select_from(WebhookEndpoint).where(WebhookEndpoint.merchant_id == merchant_id)
    return int(uow.conn.execute(mine).scalar_one())


def addresses(uow: UnitOfWork, endpoint_ids: Collection[str], token_key: bytes) -> dict[str, Address]:
    """What it takes to call these endpoints, whosesoever they are; for the sender alone."""
    rows = uow.conn.execute(select(WebhookEndpoint.__table__).where(WebhookEndpoint.id.in_(endpoint_ids)))
    return {row.id: Address(row.id, row.url, _secrets(row, token_key), row.disabled_reason) for row in rows}


def _secrets(row: Row[Any], token_key: bytes) -> tuple[bytes, ...]:
    """What signs: the secret, and for a while after a rotation the one before it."""
    overlaps = row.previous_until is not None and real_now() < row.previous_until
    seeds = (row.secret, row.previous_secret) if overlaps else (row.secret,)
    return tuple(signature.secret_of(token_key, seed) for seed in seeds)


def to_endpoint(merchant_id: str, endpoint_id: str) -> tuple[ColumnElement[bool], ...]:
    """The condition on the outbox's deliveries that they go to one endpoint."""
    # A range, which an index serves in every collation: every event's id begins with `evt_`, and letters
    # stand in this order in all of them.
    start, end = f"{endpoint_id}/e", f"{endpoint_id}/f"
    return (
        Delivery.channel == WEBHOOK,
        Delivery.merchant_id == merchant_id,
        Delivery.target > start,
        Delivery.target < end,
    )


def deliveries(
    uow: UnitOfWork, merchant_id: str, endpoint_id: str, limit: int, cursor: str | None
) -> Page[DeliveryView]:
    """What was sent, waits or was given up, newest first; what got through is kept for thirty days."""
    get(uow, merchant_id, endpoint_id)
    query = select(Delivery.__table__).where(*to_endpoint(merchant_id, endpoint_id))
    if cursor is not None:
        query = query.where(Delivery.target < f"{endpoint_id}/{decode_cursor(cursor)[1]}")
    rows = uow.conn.execute(query.order_by(Delivery.target.desc()).limit(limit + 1))
    return as_page([seen(row) for row in rows], limit)


def seen(row: Any) -> DeliveryView:
    """A row of the outbox as the endpoint's merchant sees it."""
    waits = row.done < row.wanted and row.dead_at is None
    state = "given_up" if row.dead_at is not None else "waiting" if waits else "delivered"
    return DeliveryView(
        id=row.payload["event_id"],
        type=row.payload["type"],
        data=row.payload["data"],
        state=state,
        attempts=row.attempts,
        last_outcome=row.outcome,
        next_attempt_at=row.next_attempt_at if waits else None,
        sent_at=row.sent_at,
        created_at=parse_rfc3339(row.payload["timestamp"]),
    )
