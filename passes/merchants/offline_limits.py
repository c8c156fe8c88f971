"""How much tills may hand out while they have no network: set for one till, a shop, or all of a merchant's.

Nobody can stop a till that has no network, so these bind the tills that keep them; what a till did beyond
them is booked all the same, said in the answer and noted in the audit log.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.db.paging import DEFAULT_LIMIT, Page, after_cursor, as_page, newest_first
from passes.errors import NotFound
from passes.merchants import queries
from passes.merchants.keys import find_key
from passes.merchants.models import Merchant, OfflineLimit


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so much of `asset` against one card a day, and so much in all before telling; None: any."""

    asset: str
    per_card_and_day: int | None
    exposure: int | None


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """All that is set for one till, one shop or the merchant; setting it anew makes it new."""

    owner_id: str
    limits: Sequence[Limit]


def set_limits(uow: UnitOfWork, merchant_id: str, owner_id: str, limits: Sequence[Limit], actor: str) -> None:
    """Replace all that was said for a till, a shop or (its own id) the merchant.

    Raises `NotFound` for an owner that is none of the merchant's.
    """
    _require_owner(uow, merchant_id, owner_id)
    # One after the other: two who set them at once would both insert what both had deleted.
    uow.conn.execute(select(Merchant.id).where(Merchant.id == merchant_id).with_for_update(key_share=True))
    mine = (OfflineLimit.merchant_id == merchant_id, OfflineLimit.owner_id == owner_id)
    uow.conn.execute(delete(OfflineLimit).where(*mine))
    row = {"merchant_id": merchant_id, "owner_id": owner_id, "updated_at": uow.now}
    for limit in limits:
        uow.conn.execute(insert(OfflineLimit).values(**row, **asdict(limit)))
    said = [asdict(limit) for limit in limits]
    audit.record(uow, merchant_id, actor, "merchants.set_offline_limits", owner_id, limits=said)


def listing(
    uow: UnitOfWork, merchant_id: str, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> Page[OwnLimits]:
    """Everything the merchant has set, what was set last first; raises `FieldError` for a bad `cursor`."""
    at, owner = OfflineLimit.updated_at, OfflineLimit.owner_id
    columns: list[Any] = [owner.label("id"), at.label("created_at")]
    query = select(*columns).distinct()
    query = query.where(OfflineLimit.merchant_id == merchant_id, *after_cursor(cursor, at, owner))
    page = as_page(uow.conn.execute(newest_first(query, at, owner, limit)).all(), limit)
    found = limits_by_owner(uow, merchant_id, [row.id for row in page.items])
    return Page([OwnLimits(row.id, found.get(row.id, ())) for row in page.items], page.next_cursor)


def limits_by_owner(uow: UnitOfWork, merchant_id: str, owner_ids: Collection[str]) -> dict[str, list[Limit]]:
    """What the merchant has set for some, by the id of the till, the shop or the merchant itself."""
    query = select(OfflineLimit.__table__).where(
        OfflineLimit.merchant_id == merchant_id, OfflineLimit.owner_id.in_(owner_ids)
    )
    found: dict[str, list[Limit]] = {}
    for row in uow.conn.execute(query.order_by(OfflineLimit.owner_id, OfflineLimit.asset)):
        limit = Limit(row.asset, row.per_card_and_day, row.exposure)
        found.setdefault(row.owner_id, []).append(limit)
    return found


def limits_of(uow: UnitOfWork, merchant_id: str, till_id: str, location_id: str | None) -> dict[str, Limit]:
    """What holds for a till at a shop, by asset: its own limit, else the shop's, else the merchant's."""
    nearest_last = (merchant_id, location_id or "", till_id)
    found = limits_by_owner(uow, merchant_id, nearest_last)
    return {limit.asset: limit for owner in nearest_last for limit in found.get(owner, ())}


def _require_owner(uow: UnitOfWork, merchant_id: str, owner_id: str) -> None:
    if owner_id.startswith("loc_"):
        queries.location(uow, merchant_id, owner_id)
    elif owner_id != merchant_id and find_key(uow, owner_id).merchant_id != merchant_id:
        raise NotFound("There is no such key.")
