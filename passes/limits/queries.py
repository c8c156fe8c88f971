"""Reading limits, and what the audit log says of them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from passes.audit import queries as audit
from passes.audit.queries import Noted
from passes.db.engine import UnitOfWork
from passes.db.paging import Page, after_cursor, as_page, newest_first
from passes.errors import NotFound
from passes.limits.models import Limit
from passes.limits.rules import LimitView

_LIMIT = select(*(getattr(Limit, f.name) for f in fields(LimitView)))

INCIDENTS = {
    "limits.refuse": "refused",
    "limits.flag": "flagged",
    "limits.ask": "asked",
    "limits.lock_out": "locked_out",
}
"""What the audit log calls what happened at a limit, and what a manager calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that happened at a limit: refused, flagged, handed to a second person, or locked out."""

    id: str
    type: str
    subject: str
    actor: str
    details: dict[str, Any]
    created_at: datetime


def get(uow: UnitOfWork, merchant_id: str, limit_id: str) -> LimitView:
    """One limit in force; raises `NotFound`."""
    query = _LIMIT.where(Limit.merchant_id == merchant_id, Limit.id == limit_id)
    row = uow.conn.execute(query.where(Limit.deleted_at.is_(None))).first()
    if row is None:
        raise NotFound("There is no such limit.")
    return _view(row)


def name_of(uow: UnitOfWork, merchant_id: str, limit_id: str) -> str:
    """What a limit was called, whether it still holds or not."""
    query = select(Limit.name).where(Limit.merchant_id == merchant_id, Limit.id == limit_id)
    return uow.conn.execute(query).scalar_one()


def all_of(uow: UnitOfWork, merchant_id: str) -> Sequence[LimitView]:
    """Every limit in force, oldest first."""
    query = _LIMIT.where(Limit.merchant_id == merchant_id, Limit.deleted_at.is_(None))
    return tuple(_view(row) for row in uow.conn.execute(query.order_by(Limit.created_at, Limit.id)))


def listing(uow: UnitOfWork, merchant_id: str, limit: int, cursor: str | None) -> Page[LimitView]:
    """The limits in force, newest first."""
    conditions = [Limit.merchant_id == merchant_id, Limit.deleted_at.is_(None)]
    conditions += after_cursor(cursor, Limit.created_at, Limit.id)
    query = newest_first(_LIMIT.where(*conditions), Limit.created_at, Limit.id, limit)
    return as_page([_view(row) for row in uow.conn.execute(query)], limit)


def incidents(uow: UnitOfWork, merchant_id: str, limit: int, cursor: str | None) -> Page[Incident]:
    """What happened at the merchant's limits, the latest first."""
    page = audit.listing(uow, merchant_id, limit, cursor, actions=INCIDENTS)
    return Page([_incident(noted) for noted in page.items], page.next_cursor)


def _view(row: Row[Any]) -> LimitView:
    return LimitView(**row._mapping)


def _incident(noted: Noted) -> Incident:
    return Incident(
        id=noted.id,
        type=INCIDENTS[noted.action],
        subject=noted.subject,
        actor=noted.actor,
        details=noted.details,
        created_at=noted.created_at,
    )
