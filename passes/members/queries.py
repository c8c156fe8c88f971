"""Reading members and what they agreed to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select

from passes.db.engine import UnitOfWork
from passes.db.paging import DEFAULT_LIMIT, Page, after_cursor, as_page, newest_first
from passes.errors import NotFound
from passes.members.models import Consent, Member
from passes.members.rules import Birthday, ConsentView, current_consents


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member as known today. `birthday` reads 1992-02-29 or --02-29; `consents` are those that count."""

    id: str
    merchant_id: str
    external_id: str | None
    name: str | None
    email: str | None
    phone: str | None
    birthday: str | None
    locale: str
    time_zone: str
    tags: tuple[str, ...]
    consents: tuple[ConsentView, ...]
    created_at: datetime
    updated_at: datetime


_MEMBER = select(Member.__table__)
_CONSENT = select(
    Consent.id,
    Consent.member_id,
    Consent.purpose,
    Consent.channel,
    Consent.granted,
    Consent.wording,
    Consent.source,
    Consent.at,
)


def get(uow: UnitOfWork, merchant_id: str, member_id: str, *, lock: bool = False) -> MemberView:
    """The member; raises `NotFound` for an unknown or erased one and for another merchant's.

    With `lock` the member is in hand until the transaction ends: neither changed nor erased by others.
    """
    query = _MEMBER.where(Member.merchant_id == merchant_id, Member.id == member_id)
    row = uow.conn.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound("There is no such member.")
    return _views(uow, merchant_id, [row])[0]


def by_external_id(uow: UnitOfWork, merchant_id: str, external_id: str) -> MemberView | None:
    """The member the merchant's own books call `external_id`."""
    query = _MEMBER.where(Member.merchant_id == merchant_id, Member.external_id == external_id)
    return next(iter(_views(uow, merchant_id, uow.conn.execute(query).all())), None)


def by_email(uow: UnitOfWork, merchant_id: str, email: str) -> list[MemberView]:
    """The members with this address, oldest first; several may share one."""
    query = _MEMBER.where(Member.merchant_id == merchant_id, Member.email == email.strip().lower())
    return _views(uow, merchant_id, uow.conn.execute(query.order_by(Member.created_at, Member.id)).all())


def listing(
    uow: UnitOfWork,
    merchant_id: str,
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    search: str | None = None,
    external_id: str | None = None,
    email: str | None = None,
) -> Page[MemberView]:
    """The merchant's members, newest first; raises `FieldError` for a bad `cursor`.

    `search` is any part of name, address, telephone number or external id; SQLite ignores the case of
    English letters only.
    """
    query = _MEMBER.where(Member.merchant_id == merchant_id)
    if search:
        fields = (Member.name, Member.email, Member.phone, Member.external_id)
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in fields)))
    if external_id is not None:
        query = query.where(Member.external_id == external_id)
    if email is not None:
        query = query.where(Member.email == email.strip().lower())
    query = query.where(*after_cursor(cursor, Member.created_at, Member.id))
    rows = uow.conn.execute(newest_first(query, Member.created_at, Member.id, limit)).all()
    return as_page(_views(uow, merchant_id, rows), limit)


def _consents(uow: UnitOfWork, merchant_id: str, member_ids: Sequence[str]) -> dict[str, list[ConsentView]]:
    query = _CONSENT.where(Consent.merchant_id == merchant_id, Consent.member_id.in_(member_ids))
    found: dict[str, list[ConsentView]] = defaultdict(list)
    for row in uow.conn.execute(query.order_by(Consent.id)):
        values = dict(row._mapping)
        found[values.pop("member_id")].append(ConsentView(**values))
    return found


def _views(uow: UnitOfWork, merchant_id: str, rows: Sequence[Row[Any]]) -> list[MemberView]:
    consents = _consents(uow, merchant_id, [row.id for row in rows]) if rows else {}
    return [_view(row, consents.get(row.id, [])) for row in rows]


def _view(row: Row[Any], consents: list[ConsentView]) -> MemberView:
    values = dict(row._mapping)
    month_day, year = values.pop("birth_month_day"), values.pop("birth_year")
    values["birthday"] = None if month_day is None else str(Birthday.from_month_day(month_day, year))
    values["tags"] = tuple(row.tags)
    return MemberView(**values, consents=tuple(current_consents(consents).values()))
