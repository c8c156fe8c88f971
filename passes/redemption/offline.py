"""What a till did without the network: told later, so it cannot be refused for being too much.

The entry says when it happened. What no card held is booked against the merchant's offline-loss account,
and what went beyond the till's offline limits is marked; both are said in the answer and noted in the audit
log, so nothing that a till handed out is hidden.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from passes.audit import service as audit
from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.errors import FieldError
from passes.ledger import offline as told
from passes.ledger.rules import Entry
from passes.merchants import offline_limits
from passes.merchants import queries as merchants

REACH = timedelta(days=7)
"""How far back a till may tell us what it did."""

MAX_OPERATIONS = 500
"""How much a till may tell at a time."""


def require_recent(occurred_at: datetime, now: datetime) -> None:
    """Refuse what has not happened yet and what happened too long ago."""
    if occurred_at > now:
        raise FieldError("occurred_at", "lies in the future; set the till's clock")
    if occurred_at < now - REACH:
        raise FieldError("occurred_at", "lies more than seven days back; book it as an adjustment")


def as_told(uow: UnitOfWork, entry: Entry, occurred_at: datetime) -> Entry:
    """An entry about to be booked, saying when it happened and which limits it went beyond."""
    details: dict[str, Any] = {**(entry.details or {}), "occurred_at": format_rfc3339(occurred_at)}
    exceeded = _exceeded(uow, entry, occurred_at)
    if exceeded:
        details["limit_exceeded"] = exceeded
    return replace(entry, details=details)


def note(uow: UnitOfWork, entry: Entry, occurred_at: datetime) -> None:
    """Note beside a booked entry when it happened, and in the audit log what was wrong with it."""
    told.note(uow, entry, occurred_at)
    for name in ("overspend", "limit_exceeded"):
        what = (entry.details or {}).get(name)
        if what:
            about: dict[str, Any] = {"transaction": entry.id, name: what, "location_id": entry.location_id}
            audit.record(uow, entry.merchant_id, entry.actor, f"offline.{name}", entry.card_id, **about)


def local_day(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the day that `at` lies in begins and ends on the calendar of `zone`, in UTC."""
    start = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


def _exceeded(uow: UnitOfWork, entry: Entry, occurred_at: datetime) -> list[str]:
    """The names of the till's limits that the entry goes beyond, with what the till did before it."""
    more = told.handed_out(entry)
    if more == 0:
        return []
    limits = offline_limits.limits_of(uow, entry.merchant_id, entry.actor, entry.location_id)
    limit = limits.get(entry.asset)
    if limit is None:
        return []
    found = []
    if limit.per_card_and_day is not None:
        zone = ZoneInfo(merchants.calendar_zone(uow, entry.merchant_id, entry.location_id))
        before = told.on_card_between(uow, entry, *local_day(occurred_at, zone))
        if before + more > limit.per_card_and_day:
            found.append("per_card_and_day")
    if limit.exposure is not None and told.exposure(uow, entry, occurred_at) + more > limit.exposure:
        found.append("exposure")
    return found
