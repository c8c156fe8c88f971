"""Four eyes: an act above a threshold waits for a second person, and then goes through once.

An approval is bound to the very act: who asked, the call, the card, the amount and its direction. It is
decided once and used once, each by a conditional update, and runs out after a day. Asking, deciding, using
and the attempt to approve one's own are all in the audit log.

To take away a limit that asks for two people takes two people as well, else one could remove it first. Such a
limit goes with the yes: there is nothing to send again.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement, Row, func, insert, select, update

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.db.paging import Page, after_cursor, as_page, newest_first
from passes.db.upsert import insert_once
from passes.errors import NotFound, Refusal
from passes.ids import new_id
from passes.limits import service
from passes.limits.models import Approval
from passes.limits.rules import Act, LimitView

LASTS = timedelta(days=1)
REMOVAL = "remove_limit"
"""The call that an approval to take away a limit is for."""
Decision = Literal["approved", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalView:
    """A request for a second person, as it stands; `request` is the act.

    `form` is what was filled in on a page, to be sent again once somebody has said yes.
    """

    id: str
    merchant_id: str
    limit_id: str
    fingerprint: bytes
    request: dict[str, Any]
    asked_by: str
    status: str
    decided_by: str | None
    expires_at: datetime
    used_at: datetime | None
    created_at: datetime
    location_id: str | None = None
    form: dict[str, str] | None = None

    def status_at(self, now: datetime) -> str:
        """How it stands at `now`: pending, approved, rejected, used or expired."""
        if self.used_at is not None:
            return "used"
        return "expired" if self.status != "rejected" and self.expires_at <= now else self.status


_APPROVAL = select(*(getattr(Approval, f.name) for f in fields(ApprovalView)))


def fingerprint(act: Act) -> bytes:
    """What an approval is bound to."""
    named = {**act.as_dict(), "actor": act.actor}
    return hashlib.sha256(orjson.dumps(named, option=orjson.OPT_SORT_KEYS)).digest()


def refuse_until_approved(uow: UnitOfWork, limit: LimitView, act: Act) -> Refusal:
    """The refusal of an act that needs a second person; asking that person is written down afterwards."""
    row = {
        "id": new_id("appr"),
        "merchant_id": act.merchant_id,
        "limit_id": limit.id,
        "fingerprint": fingerprint(act),
        "request": act.as_dict(),
        "asked_by": act.actor,
        "status": "pending",
        "expires_at": uow.now + LASTS,
        "created_at": uow.now,
        "location_id": act.location_id,
    }

    def ask(afterwards: UnitOfWork) -> None:
        afterwards.conn.execute(insert(Approval).values(row))
        noted = {"limit": limit.name, "limit_id": limit.id, "approval_id": row["id"], **act.as_dict()}
        noted["location_id"] = act.location_id
        subject = act.card_id or act.program_id
        audit.record(afterwards, act.merchant_id, act.actor, "limits.ask", subject, **noted)

    uow.afterwards.append(ask)
    return Refusal(
        "program_limit",
        "A second person has to approve this; then send it again with a new key and this approval_id.",
        limit="needs_approval",
        limit_id=limit.id,
        approval_id=row["id"],
    )


def refuse_removal(uow: UnitOfWork, limit: LimitView, actor: str) -> Refusal:
    """The refusal to take away a limit alone; asking twice is asking once."""
    bound_to = hashlib.sha256(f"{REMOVAL} {limit.id} {actor}".encode()).digest()
    same = (*_waits(uow, limit.merchant_id), Approval.fingerprint == bound_to)
    approval_id = uow.conn.execute(select(Approval.id).where(*same)).scalar() or new_id("appr")
    nothing = dict.fromkeys(("card_id", "amount", "direction"))
    row = {
        "id": approval_id,
        "merchant_id": limit.merchant_id,
        "limit_id": limit.id,
        "fingerprint": bound_to,
        "request": {"call": REMOVAL, "program_id": limit.program_id, **nothing},
        "asked_by": actor,
        "status": "pending",
        "expires_at": uow.now + LASTS,
        "created_at": uow.now,
        "location_id": limit.location_id,
    }

    def ask(afterwards: UnitOfWork) -> None:
        if insert_once(afterwards, Approval, row):
            noted = {"call": REMOVAL, "limit": limit.name, "limit_id": limit.id, "approval_id": approval_id}
            audit.record(afterwards, limit.merchant_id, actor, "limits.ask", limit.id, **noted)

    uow.afterwards.append(ask)
    return Refusal(
        "program_limit",
        "A second person has to approve that this limit goes; it goes when they do.",
        limit="needs_approval",
        limit_id=limit.id,
        approval_id=approval_id,
    )


def keep_form(uow: UnitOfWork, merchant_id: str, approval_id: str, form: dict[str, str]) -> None:
    """Keep what was filled in on the page that asked.

    Whoever asks for the same act on a page again has given up the asking before: it waits no longer.
    """
    asked = get(uow, merchant_id, approval_id)
    uow.conn.execute(
        update(Approval)
        .where(
            *_waits(uow, merchant_id),
            Approval.fingerprint == asked.fingerprint,
            Approval.form.is_not(None),
            Approval.id != approval_id,
        )
        .values(expires_at=uow.now)
    )
    mine = update(Approval).where(Approval.merchant_id == merchant_id, Approval.id == approval_id)
    uow.conn.execute(mine.values(form=form))


def get(uow: UnitOfWork, merchant_id: str, approval_id: str) -> ApprovalView:
    """One approval; raises `NotFound`."""
    query = _APPROVAL.where(Approval.merchant_id == merchant_id, Approval.id == approval_id)
    row = uow.conn.execute(query).first()
    if row is None:
        raise NotFound("There is no such approval.")
    return _view(row)


def listing(uow: UnitOfWork, merchant_id: str, limit: int, cursor: str | None) -> Page[ApprovalView]:
    """The merchant's approvals, newest first."""
    conditions = [Approval.merchant_id == merchant_id]
    conditions += after_cursor(cursor, Approval.created_at, Approval.id)
    query = newest_first(_APPROVAL.where(*conditions), Approval.created_at, Approval.id, limit)
    return as_page([_view(row) for row in uow.conn.execute(query)], limit)


def waiting(uow: UnitOfWork, merchant_id: str) -> list[ApprovalView]:
    """What waits for a second person, the oldest first."""
    query = _APPROVAL.where(*_waits(uow, merchant_id))
    return [_view(row) for row in uow.conn.execute(query.order_by(Approval.created_at, Approval.id))]


def how_many_wait(uow: UnitOfWork, merchant_id: str) -> int:
    """How much waits for a second person."""
    query = select(func.count()).select_from(Approval).where(*_waits(uow, merchant_id))
    return uow.conn.execute(query).scalar_one()


def open_of(uow: UnitOfWork, merchant_id: str, asked_by: str) -> list[ApprovalView]:
    """What somebody asked for on a page and has not done yet, refused or not, the latest first."""
    query = _APPROVAL.where(
        *_live(uow, merchant_id), Approval.asked_by == asked_by, Approval.used_at.is_(None)
    )
    found = uow.conn.execute(query.order_by(Approval.created_at.desc(), Approval.id.desc()))
    return [view for row in found if (view := _view(row)).form is not None]


def _waits(uow: UnitOfWork, merchant_id: str) -> tuple[ColumnElement[bool], ...]:
    return *_live(uow, merchant_id), Approval.status == "pending"


def _live(uow: UnitOfWork, merchant_id: str) -> tuple[ColumnElement[bool], ...]:
    # That none lasts longer than a day lets the index by age find them.
    asked_lately = Approval.created_at > uow.now - LASTS
    return Approval.merchant_id == merchant_id, asked_lately, Approval.expires_at > uow.now


def decide(
    uow: UnitOfWork, merchant_id: str, approval_id: str, decision: Decision, actor: str
) -> ApprovalView:
    """Say yes or no, once, to what somebody else asked; raises `NotFound` and `Refusal`."""
    asked = get(uow, merchant_id, approval_id)
    if asked.asked_by == actor:
        uow.afterwards.append(lambda later: _note(later, actor, "limits.refuse_own", asked))
        raise Refusal("second_person_required", "Whoever asked cannot approve; somebody else has to look.")
    decided = uow.conn.execute(
        update(Approval)
        .where(Approval.id == approval_id, Approval.status == "pending", Approval.expires_at > uow.now)
        .values(status=decision, decided_by=actor)
    )
    if not decided.rowcount:
        state = get(uow, merchant_id, approval_id).status_at(uow.now)
        raise Refusal("approval_state", f"The approval is {state}.", state=state)
    _note(uow, actor, f"limits.{decision}", asked)
    if decision == "approved" and asked.request["call"] == REMOVAL:
        with suppress(NotFound):  # it went when somebody else's asking was approved
            service.remove(uow, merchant_id, asked.limit_id, asked.asked_by)
        uow.conn.execute(update(Approval).where(Approval.id == approval_id).values(used_at=uow.now))
    return get(uow, merchant_id, approval_id)


def _note(uow: UnitOfWork, actor: str, action: str, asked: ApprovalView) -> None:
    said = {**asked.request, "asked_by": asked.asked_by, "location_id": asked.location_id}
    audit.record(uow, asked.merchant_id, actor, action, asked.id, **said)


def use(uow: UnitOfWork, approval_id: str, act: Act) -> None:
    """Let an act through on its approval, once; raises `Refusal` for any other act and a second time."""
    used = uow.conn.execute(
        update(Approval)
        .where(
            Approval.merchant_id == act.merchant_id,
            Approval.id == approval_id,
            Approval.status == "approved",
            Approval.used_at.is_(None),
            Approval.expires_at > uow.now,
            Approval.fingerprint == fingerprint(act),
        )
        .values(used_at=uow.now)
    )
    if not used.rowcount:
        asked = get(uow, act.merchant_id, approval_id)
        state = asked.status_at(uow.now)
        if state == "approved":
            state = "for_something_else"
        raise Refusal("program_limit", f"The approval is {state}.", limit=f"approval_{state}")
    noted = {**act.as_dict(), "location_id": act.location_id}
    audit.record(uow, act.merchant_id, act.actor, "limits.use_approval", approval_id, **noted)


def _view(row: Row[Any]) -> ApprovalView:
    return ApprovalView(**row._mapping)
