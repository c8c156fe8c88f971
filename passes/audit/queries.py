"""Reading the audit log: page by page, the latest first, or all of it in its order for an export."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select

from passes.audit.models import AuditEntry
from passes.db.engine import UnitOfWork
from passes.db.paging import Page, as_page, decode_cursor

_ENTRY = AuditEntry.__table__.c
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Noted:
    """One line of the log: `actor` did `action` to `subject`."""

    id: str
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which lines: every condition that is given has to hold. `since` is inclusive, `until` exclusive."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for: any of these actions or actors, or a subject that begins so."""

    actions: Collection[str]
    actors: Collection[str]
    subject: str


def listing(
    uow: UnitOfWork,
    merchant_id: str,
    limit: int,
    cursor: str | None,
    *,
    wanted: AuditFilter | None = None,
    actions: Collection[str] | None = None,
    search: Search | None = None,
) -> Page[Noted]:
    """The merchant's log, the latest first; raises `FieldError` for a bad `cursor`."""
    query = _of(merchant_id, wanted or AuditFilter())
    if actions is not None:
        query = query.where(_ENTRY.action.in_(actions))
    if search is not None:
        query = query.where(_found(search))
    if cursor is not None:
        query = query.where(_ENTRY.id < _place(uow, merchant_id, cursor))
    rows = uow.conn.execute(query.order_by(_ENTRY.id.desc()).limit(limit + 1)).all()
    return as_page([_noted(row) for row in rows], limit)


def in_order(uow: UnitOfWork, merchant_id: str, wanted: AuditFilter) -> Iterator[list[Noted]]:
    """All of the log that is wanted, in the order in which it was written, some lines at a time."""
    query, last = _of(merchant_id, wanted).order_by(_ENTRY.id).limit(_AT_ONCE), 0
    while rows := uow.conn.execute(query.where(_ENTRY.id > last)).all():
        yield [_noted(row) for row in rows]
        last = rows[-1].id


def _of(merchant_id: str, wanted: AuditFilter) -> Select[Any]:
    query = select(AuditEntry.__table__).where(_ENTRY.merchant_id == merchant_id)
    if wanted.since is not None:
        query = query.where(_ENTRY.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(_ENTRY.at < wanted.until)
    for name in ("actor", "action", "subject"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(_ENTRY[name] == value)
    return query


def _found(search: Search) -> ColumnElement[bool]:
    return or_(
        _ENTRY.action.in_(search.actions),
        _ENTRY.actor.in_(search.actors),
        _ENTRY.subject.startswith(search.subject, autoescape=True),
    )


def _place(uow: UnitOfWork, merchant_id: str, cursor: str) -> int:
    """Where a cursor stands; the beginning of the log for one that names no line of it."""
    at, last = decode_cursor(cursor)
    query = select(_ENTRY.id).where(_ENTRY.merchant_id == merchant_id, _ENTRY.at == at)
    places = uow.conn.execute(query).scalars()
    return next((place for place in places if _public_id(merchant_id, place) == last), 0)


def _public_id(merchant_id: str, place: int) -> str:
    """A name for a line that does not say how many lines other merchants have."""
    return "aud_" + hashlib.sha256(f"{merchant_id} {place}".encode()).hexdigest()[:26]


def _noted(row: Row[Any]) -> Noted:
    name = _public_id(row.merchant_id, row.id)
    return Noted(name, row.actor, row.action, row.subject, row.details, row.at)
