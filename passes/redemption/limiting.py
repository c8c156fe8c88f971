"""Holding an act against the merchant's limits: refuse it, flag it, or have a second person look at it.

Asked only where a merchant has set limits, which the card's own row says. What a card has done is read from
the books, under the card's lock and therefore exactly; what tills, locations and programs have done is
counted per till, so that no two tills wait for each other over a limit. Every refusal is in the audit log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.errors import Refusal
from passes.ledger import holds
from passes.ledger import queries as books
from passes.limits import approvals, service
from passes.limits.rules import Act, LimitView, began, concerns, is_counted, may_concern, subject, weight
from passes.merchants import queries as merchants
from passes.outbox import service as outbox

FLAGGED = "limit.flagged"
"""The outbox topic of an act that went through above a limit."""

CALL_OF = {
    "earn": "stamp",
    "load": "load",
    "redeem": "redeem",
    "refund": "refund",
    "adjust": "adjust",
    "issue": "issue",
}
"""The call that makes an entry of each type; other types are held against nothing. A hold stands for the
redemption it becomes: it is held against the limits when it is placed, its capture is not."""

_TYPES_OF = {
    **{call: (made,) for made, call in CALL_OF.items()},
    "redeem": ("redeem", "capture"),
}
_PEOPLE_AND_TILLS = ("key_", "staff_")


@dataclass(frozen=True, slots=True)
class Verdict:
    """An act that may go on, and the limits it exceeds in spite of that."""

    act: Act
    exceeded: Sequence[LimitView] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms an act is held against limits.

    `limits_version` is the merchant's; `refusable` is false for what has happened already and can only be
    flagged.
    """

    limits_version: int
    approval_id: str | None = None
    refusable: bool = True


def check(uow: UnitOfWork, act: Act, terms: Terms) -> Verdict:
    """What the limits say to an act; raises `Refusal` where one of them refuses or wants a second person."""
    if not terms.limits_version or not act.actor.startswith(_PEOPLE_AND_TILLS):
        return Verdict(act)
    in_force = service.in_force(uow, act.merchant_id, terms.limits_version)
    concerned = [limit for limit in in_force if concerns(limit, act)]
    exceeded = [limit for limit in concerned if _total(uow, limit, act) > limit.at_most]
    if not terms.refusable:
        return Verdict(act, exceeded)
    try:
        _require_allowed(uow, act, terms, exceeded)
    except Refusal:
        # In a basket the other lines go on, and what was refused must not use anything up.
        for limit in concerned:
            _count(uow, limit, act, -weight(limit, act))
        raise
    return Verdict(act, [limit for limit in exceeded if limit.action == "flag"])


def take_in_order(uow: UnitOfWork, acts: Sequence[Act], limits_version: int) -> None:
    """Have in hand whatever several acts may count towards, in the order that everybody keeps.

    Each of them alone takes its limits in the order of their age. One after the other they would take a limit
    of the second card before one of the first, and a till's other basket the other way round.
    """
    if not limits_version or len(acts) < 2 or not acts[0].actor.startswith(_PEOPLE_AND_TILLS):
        return
    for limit in filter(is_counted, service.in_force(uow, acts[0].merchant_id, limits_version)):
        mine = [act for act in acts if may_concern(limit, act)]
        for name, since in sorted({(subject(limit, act), _since(uow, limit, act)) for act in mine}):
            service.use(uow, limit, name, since, acts[0].actor, 0)


def _require_allowed(uow: UnitOfWork, act: Act, terms: Terms, exceeded: Sequence[LimitView]) -> None:
    for limit in exceeded:
        if limit.action == "refuse":
            raise _refusal(uow, limit, act)
    second_person = [limit for limit in exceeded if limit.action == "approve"]
    if second_person and terms.approval_id is None:
        raise approvals.refuse_until_approved(uow, second_person[0], act)
    if second_person and terms.approval_id is not None:
        approvals.use(uow, terms.approval_id, act)


def flag(uow: UnitOfWork, verdict: Verdict, card_id: str, version: int, done: str) -> None:
    """Write down, and tell the merchant's webhooks, that an act went through above some limits.

    `done` is the id of what it became, a transaction or a hold, `version` the card's then.
    """
    act = verdict.act
    for limit in verdict.exceeded:
        noted = {"limit": limit.name, "limit_id": limit.id, "done": done}
        said = {**act.as_dict(), **noted, "card_id": card_id, "location_id": act.location_id}
        audit.record(uow, act.merchant_id, act.actor, "limits.flag", card_id, **said)
        outbox.enqueue(uow, act.merchant_id, FLAGGED, card_id, version, noted)


def _total(uow: UnitOfWork, limit: LimitView, act: Act) -> int:
    """What the limit's subject comes to with this act."""
    own = weight(limit, act)
    if limit.within == "transaction":
        return own
    if limit.each != "card":
        return _count(uow, limit, act, own)
    if act.card_id is None:
        return own
    done = books.done_by_card(uow, act.card_id, _TYPES_OF[limit.call], limit.asset, _since(uow, limit, act))
    waiting = holds.open_on(uow, act.card_id) if limit.call == "redeem" else (0, 0)
    return own + (done[0] + waiting[0] if limit.asset is None else done[1] + waiting[1])


def _count(uow: UnitOfWork, limit: LimitView, act: Act, used: int) -> int:
    """Count towards a limit that is counted; returns what its subject has used up of it."""
    if not is_counted(limit):
        return 0
    return service.use(uow, limit, subject(limit, act), _since(uow, limit, act), act.actor, used)


def _since(uow: UnitOfWork, limit: LimitView, act: Act) -> datetime:
    zone = ZoneInfo(merchants.calendar_zone(uow, act.merchant_id, act.location_id))
    return began(limit, act, zone)


def _refusal(uow: UnitOfWork, limit: LimitView, act: Act) -> Refusal:
    noted = {"limit": limit.name, "limit_id": limit.id, **act.as_dict(), "location_id": act.location_id}
    card = act.card_id or act.program_id

    def note(afterwards: UnitOfWork) -> None:
        audit.record(afterwards, act.merchant_id, act.actor, "limits.refuse", card, **noted)

    uow.afterwards.append(note)
    detail = f"The limit {limit.name} of {limit.at_most} would be exceeded."
    return Refusal("program_limit", detail, limit=limit.name, limit_id=limit.id)
