"""Reading merchants and their shops."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select

from passes.db.engine import UnitOfWork
from passes.db.paging import DEFAULT_LIMIT, Page, after_cursor, as_page, newest_first
from passes.errors import NotFound
from passes.merchants.models import Location, Merchant


@dataclass(frozen=True, slots=True)
class MerchantView:
    """A brand as it stands."""

    id: str
    slug: str
    name: str
    locale: str
    time_zone: str
    created_at: datetime
    limits_version: int = 0


@dataclass(frozen=True, slots=True)
class LocationView:
    """A shop as it stands; coordinates in degrees, WGS 84, both or none."""

    id: str
    merchant_id: str
    name: str
    address: str | None
    latitude: float | None
    longitude: float | None
    time_zone: str | None
    created_at: datetime


_MERCHANT = select(Merchant.__table__)
_BY_ID = _MERCHANT.where(Merchant.id == bindparam("name"))
_BY_SLUG = _MERCHANT.where(Merchant.slug == bindparam("name"))
_LOCATION = select(Location.__table__).where(Location.merchant_id == bindparam("merchant_id"))
_LOCATION_BY_ID = _LOCATION.where(Location.id == bindparam("location_id"))


def merchant(uow: UnitOfWork, merchant_id: str) -> MerchantView:
    """The merchant; raises `NotFound`."""
    return _merchant(uow, _BY_ID, merchant_id)


def merchant_by_slug(uow: UnitOfWork, slug: str) -> MerchantView:
    """The merchant that commands and links call `slug`; raises `NotFound`."""
    return _merchant(uow, _BY_SLUG, slug)


def merchants(uow: UnitOfWork) -> list[MerchantView]:
    """Every merchant of the installation by slug; for its operator, who is no merchant."""
    return [_merchant_view(row) for row in uow.conn.execute(_MERCHANT.order_by(Merchant.slug))]


def location(uow: UnitOfWork, merchant_id: str, location_id: str) -> LocationView:
    """The shop; raises `NotFound` for an unknown one and for another merchant's."""
    row = uow.conn.execute(_LOCATION_BY_ID, {"merchant_id": merchant_id, "location_id": location_id}).first()
    if row is None:
        raise NotFound("There is no such location.")
    return _location_view(row)


def locations(
    uow: UnitOfWork, merchant_id: str, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> Page[LocationView]:
    """The merchant's shops, newest first; raises `FieldError` for a bad `cursor`."""
    query = _LOCATION.where(*after_cursor(cursor, Location.created_at, Location.id))
    ordered = newest_first(query, Location.created_at, Location.id, limit)
    rows = uow.conn.execute(ordered, {"merchant_id": merchant_id}).all()
    return as_page([_location_view(row) for row in rows], limit)


def calendar_zone(uow: UnitOfWork, merchant_id: str, location_id: str | None) -> str:
    """The time zone that says what "today" is at a shop: its own, else the merchant's."""
    own = location(uow, merchant_id, location_id).time_zone if location_id is not None else None
    return own or merchant(uow, merchant_id).time_zone


def _merchant(uow: UnitOfWork, query: Select[Any], name: str) -> MerchantView:
    row = uow.conn.execute(query, {"name": name}).first()
    if row is None:
        raise NotFound("There is no such merchant.")
    return _merchant_view(row)


def _merchant_view(row: Row[Any]) -> MerchantView:
    return MerchantView(**row._mapping)


def _location_view(row: Row[Any]) -> LocationView:
    return LocationView(**row._mapping)
