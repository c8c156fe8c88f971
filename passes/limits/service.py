"""Setting limits, and counting what tills, locations and programs use up of theirs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.db.upsert import insert_into
from passes.errors import NotFound
from passes.ids import new_id
from passes.limits import queries
from passes.limits.models import Limit, LimitUse
from passes.limits.rules import LimitDraft, LimitView
from passes.merchants.models import Merchant

KEEP_USES = timedelta(days=9)
"""What was used up is kept a little longer than a till may tell us of an act: seven days."""

_SAYING = ("call", "each", "within", "at_most", "asset", "action", "program_id", "location_id", "actor")

_in_force: dict[str, tuple[int, Sequence[LimitView]]] = {}


def create(uow: UnitOfWork, merchant_id: str, draft: LimitDraft, actor: str) -> LimitView:
    """Set a limit; it holds from the commit on. Whom it names has been checked to exist."""
    row = {
        "id": new_id("lim"),
        "merchant_id": merchant_id,
        "name": draft.full_name,
        "call": draft.call,
        "each": draft.each or "transaction",
        "within": draft.within,
        "at_most": draft.amount.amount if draft.amount else draft.count,
        "asset": draft.amount.asset if draft.amount else None,
        "action": draft.action,
        "program_id": draft.program_id,
        "location_id": draft.location_id,
        "actor": draft.actor_id,
        "created_at": uow.now,
    }
    uow.conn.execute(insert(Limit).values(row))
    _changed(uow, merchant_id)
    made = queries.get(uow, merchant_id, str(row["id"]))
    audit.record(uow, merchant_id, actor, "limits.create", made.id, **_said(made))
    return made


def remove(uow: UnitOfWork, merchant_id: str, limit_id: str, actor: str) -> None:
    """Let a limit hold no more; raises `NotFound`."""
    found = queries.get(uow, merchant_id, limit_id)
    removed = uow.conn.execute(
        update(Limit)
        .where(Limit.merchant_id == merchant_id, Limit.id == limit_id, Limit.deleted_at.is_(None))
        .values(deleted_at=uow.now)
    )
    if not removed.rowcount:
        raise NotFound("There is no such limit.")
    _changed(uow, merchant_id)
    audit.record(uow, merchant_id, actor, "limits.remove", limit_id, **_said(found))


def _said(limit: LimitView) -> dict[str, Any]:
    """What a limit says, for whoever reads later what was set and what was taken away."""
    said = {name: getattr(limit, name) for name in _SAYING}
    return {"limit": limit.name, "rule": {name: value for name, value in said.items() if value is not None}}


def _changed(uow: UnitOfWork, merchant_id: str) -> None:
    bumped = update(Merchant).where(Merchant.id == merchant_id)
    uow.conn.execute(bumped.values(limits_version=Merchant.limits_version + 1))


def in_force(uow: UnitOfWork, merchant_id: str, version: int) -> Sequence[LimitView]:
    """The merchant's limits as of `version`, read once per version and process."""
    known = _in_force.get(merchant_id)
    if known is None or known[0] != version:
        known = _in_force[merchant_id] = version, queries.all_of(uow, merchant_id)
    return known[1]


def use(uow: UnitOfWork, limit: LimitView, subject: str, since: datetime, actor: str, used: int) -> int:
    """Count `used` towards a limit; returns what its subject has used up with it.

    The row of one till is locked until the transaction ends, so a till's own limit is kept exactly. Where
    several tills share a subject each sees what the others have committed.
    """
    insertion = insert_into(uow, LimitUse).values(
        limit_id=limit.id, subject=subject, since=since, actor=actor, used=used
    )
    uow.conn.execute(
        insertion.on_conflict_do_update(
            index_elements=[LimitUse.limit_id, LimitUse.subject, LimitUse.since, LimitUse.actor],
            set_={"used": LimitUse.used + used},
        )
    )
    total = select(func.sum(LimitUse.used)).where(
        LimitUse.limit_id == limit.id, LimitUse.subject == subject, LimitUse.since == since
    )
    return int(uow.conn.execute(total).scalar_one())


def forget_uses(uow: UnitOfWork) -> int:
    """Delete what was used up in stretches of time that are over; returns how many rows."""
    return uow.conn.execute(delete(LimitUse).where(LimitUse.since < uow.now - KEEP_USES)).rowcount
