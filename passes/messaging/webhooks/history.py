"""What is on its way to all endpoints of a merchant, in one list: for whoever asks what came through.

Endpoints are few (`service.MOST_ENDPOINTS`) and deliveries many, and those of one endpoint stand together in
the index that keeps them apart. So every endpoint is asked for its newest, and these are merged.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from passes.db.engine import UnitOfWork
from passes.db.paging import MAX_LIMIT, Page, as_page, decode_cursor
from passes.messaging.webhooks import queries
from passes.messaging.webhooks.queries import DeliveryView, EndpointView
from passes.outbox.models import Delivery

_AT_ONCE = 500
_AT_ATTEMPT = "at attempt "
_IS_DEAD = Delivery.dead_at.is_not(None)
_IN_STATE: dict[str, ColumnElement[bool]] = {
    "waiting": and_(~_IS_DEAD, Delivery.done < Delivery.wanted),
    "delivered": and_(~_IS_DEAD, Delivery.done >= Delivery.wanted),
    "given_up": _IS_DEAD,
}
STATES: tuple[str, ...] = tuple(_IN_STATE)
"""Where a delivery may stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries: every condition that is given has to hold.

    `about` is the beginning of an event's id, or the whole id of a card or transaction it tells of.
    """

    state: str | None = None
    endpoint_id: str | None = None
    event_type: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery, and the endpoint it goes to."""

    endpoint: EndpointView
    delivery: DeliveryView

    @property
    def id(self) -> str:
        """What the list is sorted by: the event's id, which grows with time, then the endpoint's."""
        return f"{self.delivery.id}/{self.endpoint.id}"

    @property
    def created_at(self) -> datetime:
        """When the event happened."""
        return self.delivery.created_at

    @property
    def tries(self) -> int:
        """How often it was sent so far: once it got through, also the time that it did."""
        if self.delivery.state != "delivered":
            return self.delivery.attempts
        _, _, number = (self.delivery.last_outcome or "").partition(_AT_ATTEMPT)
        return int(number) if number.isdigit() else 1


def listing(
    uow: UnitOfWork,
    merchant_id: str,
    limit: int,
    cursor: str | None,
    wanted: DeliveryFilter,
) -> Page[Sent]:
    """The merchant's deliveries, the newest event first; raises `FieldError` for a bad `cursor`."""
    last = None if cursor is None else decode_cursor(cursor)[1]
    found = newest(uow, merchant_id, wanted, last=last, at_once=limit + 1)
    return as_page(list(islice(found, limit + 1)), limit)


def newest(
    uow: UnitOfWork,
    merchant_id: str,
    wanted: DeliveryFilter,
    *,
    last: str | None = None,
    at_once: int = _AT_ONCE,
) -> Iterator[Sent]:
    """All that is wanted behind the one called `last`, `at_once` of an endpoint read together."""
    streams = [
        _of_endpoint(uow, endpoint, merchant_id, wanted, last, at_once)
        for endpoint in endpoints(uow, merchant_id)
        if wanted.endpoint_id in (None, endpoint.id)
    ]
    return heapq.merge(*streams, key=lambda sent: sent.id, reverse=True)


def endpoints(uow: UnitOfWork, merchant_id: str) -> Sequence[EndpointView]:
    """All of the merchant's endpoints, newest first: there are never more than fit on one page."""
    return queries.listing(uow, merchant_id, MAX_LIMIT, None).items


def _of_endpoint(
    uow: UnitOfWork,
    endpoint: EndpointView,
    merchant_id: str,
    wanted: DeliveryFilter,
    last: str | None,
    at_once: int,
) -> Iterator[Sent]:
    mine = queries.to_endpoint(merchant_id, endpoint.id)
    query = select(Delivery.__table__).where(*mine, *_conditions(wanted))
    query = query.order_by(Delivery.target.desc()).limit(at_once)
    behind: tuple[ColumnElement[bool], ...] = () if last is None else (_behind(endpoint.id, last),)
    while True:
        rows = uow.conn.execute(query.where(*behind)).all()
        yield from (Sent(endpoint, queries.seen(row)) for row in rows)
        if len(rows) < at_once:
            return
        behind = (Delivery.target < rows[-1].target,)


def _behind(endpoint_id: str, last: str) -> ColumnElement[bool]:
    """What of an endpoint comes after the delivery called `last`, which may be another endpoint's."""
    event_id, _, its_endpoint = last.partition("/")
    target = f"{endpoint_id}/{event_id}"
    return Delivery.target <= target if endpoint_id < its_endpoint else Delivery.target < target


def _conditions(wanted: DeliveryFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.state is not None:
        yield _IN_STATE[wanted.state]
    if wanted.event_type is not None:
        yield Delivery.payload["type"].as_string() == wanted.event_type
    if wanted.about is not None:
        yield or_(
            Delivery.payload["event_id"].as_string().startswith(wanted.about, autoescape=True),
            *(_said(name) == wanted.about for name in ("card_id", "transaction_id")),
        )


def _said(name: str) -> Any:
    return Delivery.payload[("data", name)].as_string()
