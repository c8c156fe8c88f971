"""`/console/webhooks`: which systems hear of what happens, what came through, and sending it again."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Response, abort, request, url_for

from passes.cards import wording
from passes.cells import plain_cell
from passes.clock import format_rfc3339, real_now
from passes.errors import FieldError, NotFound
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.messaging.webhooks import history, queries, service
from passes.messaging.webhooks.events import EVENT_TYPES
from passes.messaging.webhooks.history import DeliveryFilter, Sent
from passes.messaging.webhooks.queries import EndpointView
from passes.web import pages
from passes.web.console.listing import table
from passes.web.console.outcomes import in_words
from passes.web.console.session import MANAGES, signed_in
from passes.web.texts import say
from passes.wiring import Services

SHOWN = 50
_MOST_IN_A_FILE = 20_000
_LONGEST_NAME, _END = 60, 16
_ASKED = ("state", "webhook", "event", "q")
"""What the list is narrowed by, as the address of the page says it."""
_DONE = ("sent", "all_sent", "enabled")
_COLUMNS = (
    "created_at",
    "event_id",
    "type",
    "endpoint_id",
    "host",
    "state",
    "attempts",
    "last_outcome",
    "next_attempt_at",
    "sent_at",
    "data",
)


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the page, its file and its buttons."""

    @blueprint.get("/webhooks")
    @signed_in(services, MANAGES)
    def webhooks_page(caller: Caller) -> Response:
        return _page(services, caller)

    @blueprint.get("/webhooks.csv")
    @signed_in(services, MANAGES)
    def webhooks_export(caller: Caller) -> Response:
        with services.database.read() as uow:
            wanted = _wanted(history.endpoints(uow, caller.merchant_id))
            found = islice(history.newest(uow, caller.merchant_id, wanted), _MOST_IN_A_FILE)
            return table("webhooks", _COLUMNS, [_row(sent) for sent in found])

    @blueprint.post("/webhooks/<endpoint_id>/deliveries/<event_id>/replay")
    @signed_in(services, MANAGES)
    def webhook_replay(caller: Caller, endpoint_id: str, event_id: str) -> Response:
        return _replay(services, caller, endpoint_id, event_id)

    @blueprint.post("/webhooks/<endpoint_id>/replay")
    @signed_in(services, MANAGES)
    def webhook_replay_all(caller: Caller, endpoint_id: str) -> Response:
        return _replay(services, caller, endpoint_id, None)

    @blueprint.post("/webhooks/<endpoint_id>/enable")
    @signed_in(services, MANAGES)
    def webhook_enable(caller: Caller, endpoint_id: str) -> Response:
        try:
            with services.database.write() as uow:
                service.enable(uow, caller.merchant_id, endpoint_id, caller.actor)
        except NotFound:
            abort(404)
        return _back("enabled")


def _replay(services: Services, caller: Caller, endpoint_id: str, event_id: str | None) -> Response:
    try:
        with services.database.write() as uow:
            if queries.get(uow, caller.merchant_id, endpoint_id).disabled_at is not None:
                # It was disabled since the page was read, which now says what to do first.
                return _back(None)
            replayed = service.replay(uow, caller.merchant_id, endpoint_id, event_id, caller.actor)
            if event_id is not None and not replayed:
                raise NotFound("There is no such delivery.")
    except NotFound:
        abort(404)
    return _back("sent" if event_id is not None else "all_sent")


def _page(services: Services, caller: Caller) -> Response:
    cursor = request.args.get("before") or None
    with services.database.read() as uow:
        merchant = merchants.merchant(uow, caller.merchant_id)
        endpoints = history.endpoints(uow, merchant.id)
        wanted = _wanted(endpoints)
        try:
            found = history.listing(uow, merchant.id, SHOWN, cursor, wanted)
        except FieldError:
            found, cursor = history.listing(uow, merchant.id, SHOWN, None, wanted), None
    done = request.args.get("done")
    asked = _asked(wanted)
    return pages.page(
        "console/webhooks.html",
        address=url_for("console.webhooks_page"),
        merchant=merchant,
        endpoints=[_endpoint(one, merchant.time_zone) for one in endpoints],
        lines=[_line(sent, merchant.time_zone) for sent in found.items],
        states=history.STATES,
        event_types=EVENT_TYPES,
        asked=asked,
        here={**asked, "before": cursor} if cursor else asked,
        cursor=cursor,
        older=found.next_cursor,
        all_of=_all_of(wanted, endpoints) if found.items else None,
        done=done if done in _DONE else None,
        base_url=services.base_url,
    )


def _wanted(endpoints: Sequence[EndpointView]) -> DeliveryFilter:
    """What the address asks for; a choice there is none of (any more) narrows nothing."""
    state, endpoint_id, event_type, about = (request.args.get(name, "").strip() for name in _ASKED)
    return DeliveryFilter(
        state=state if state in history.STATES else None,
        endpoint_id=endpoint_id if any(one.id == endpoint_id for one in endpoints) else None,
        event_type=event_type if event_type in EVENT_TYPES else None,
        about=about or None,
    )


def _asked(wanted: DeliveryFilter) -> dict[str, str]:
    values = (wanted.state, wanted.endpoint_id, wanted.event_type, wanted.about)
    return {name: value for name, value in zip(_ASKED, values, strict=True) if value is not None}


def _all_of(wanted: DeliveryFilter, endpoints: Sequence[EndpointView]) -> EndpointView | None:
    """The endpoint that is asked for all that was given up, and nothing else; None while it is disabled."""
    if wanted.state != "given_up" or wanted.event_type or wanted.about:
        return None
    chosen = [one for one in endpoints if wanted.endpoint_id in (None, one.id)]
    return chosen[0] if len(chosen) == 1 and chosen[0].disabled_at is None else None


def _back(done: str | None) -> Response:
    """The list as it was narrowed when the button was pressed."""
    asked = {name: request.form[name] for name in (*_ASKED, "before") if request.form.get(name)}
    return pages.see_other("console.webhooks_page", done=done, **asked)


def _endpoint(one: EndpointView, zone: str) -> dict[str, Any]:
    """An endpoint in words."""
    spoken = pages.language()
    return {
        "id": one.id,
        "url": one.url,
        "name": _name(one.url),
        "events": one.events,
        "hears_all": len(one.events) == len(EVENT_TYPES),
        "state": _doing(one),
        "answer": in_words(one.last_outcome or "", zone, spoken),
        "answered": _second(one.last_attempt_at, zone),
        "failing_since": _second(one.failing_since, zone),
        "reason": in_words(one.disabled_reason or "", zone, spoken),
    }


def _doing(one: EndpointView) -> str:
    """How an endpoint is doing: works, fails, disabled, unused, or merely enabled."""
    if one.disabled_at is not None:
        return "disabled"
    if one.last_attempt_at is None:
        return "unused"
    if one.failing_since is not None:
        return "fails"
    # One that was enabled again still has the answer for which it was disabled.
    return "works" if (one.last_outcome or "").startswith("HTTP 2") else "enabled"


def _line(sent: Sent, zone: str) -> dict[str, Any]:
    one, spoken = sent.delivery, pages.language()
    return {
        "id": one.id,
        "type": one.type,
        "when": _second(one.created_at, zone),
        "endpoint_id": sent.endpoint.id,
        "to": _name(sent.endpoint.url),
        "state": one.state,
        "tries": sent.tries,
        "answer": in_words(one.last_outcome or "", zone, spoken),
        "next": _next(one.next_attempt_at, zone),
        "sent": _moment(one.sent_at, zone) if one.state == "delivered" else "",
        "is_open": sent.endpoint.disabled_at is None,
    }


def _next(at: datetime | None, zone: str) -> str:
    if at is None:
        return ""
    return say("webhook_due_now", pages.language()) if at <= real_now() else _moment(at, zone)


def _second(at: datetime | None, zone: str) -> str:
    return "" if at is None else wording.second(at, zone).in_language(pages.language())


def _moment(at: datetime | None, zone: str) -> str:
    return "" if at is None else wording.moment(at, zone).in_language(pages.language())


def _name(url: str) -> str:
    """An address where there is little room: both its ends, as it may differ from others in either."""
    name = url.partition("://")[2].rstrip("/")
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - _END - 1]}…{name[-_END:]}"


def _row(sent: Sent) -> tuple[str, ...]:
    one = sent.delivery
    return (
        format_rfc3339(one.created_at),
        one.id,
        one.type,
        sent.endpoint.id,
        # What follows the host may be a credential, and a file travels.
        plain_cell(urlsplit(sent.endpoint.url).hostname or ""),
        one.state,
        str(sent.tries),
        plain_cell(one.last_outcome or ""),
        format_rfc3339(one.next_attempt_at) if one.next_attempt_at else "",
        format_rfc3339(one.sent_at) if one.sent_at else "",
        orjson.dumps(one.data, option=orjson.OPT_SORT_KEYS).decode(),
    )
