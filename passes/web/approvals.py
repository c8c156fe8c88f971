"""An act that waits for a second person, told to people: who asks, for what, on which card, where."""

from dataclasses import dataclass

from passes.cards import queries as cards
from passes.cards import wording
from passes.db.engine import UnitOfWork
from passes.errors import CardNotFound, NotFound
from passes.limits import approvals
from passes.limits import queries as limits
from passes.limits.approvals import ApprovalView
from passes.merchants import keys, staff
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.money import Money
from passes.programs import queries as programs
from passes.web.texts import say

_LAST_SIGNS = 4


@dataclass(frozen=True, slots=True)
class Told:
    """An approval in words. `card` is the end of the card's code, enough to tell it from others."""

    id: str
    status: str
    what: str
    program: str | None
    card: str | None
    card_id: str | None
    asked_by: str
    decided_by: str | None
    where: str | None
    when: str


def told(uow: UnitOfWork, view: ApprovalView, language: str) -> Told:
    """The approval as it stands now."""
    zone = merchants.calendar_zone(uow, view.merchant_id, view.location_id)
    card_id, program_id = view.request["card_id"], view.request["program_id"]
    return Told(
        id=view.id,
        status=view.status_at(uow.now),
        what=_what(uow, view, language),
        program=programs.get(uow, view.merchant_id, program_id).name if program_id else None,
        card=_end_of_code(uow, view.merchant_id, card_id) if card_id else None,
        card_id=card_id,
        asked_by=_who(uow, view.merchant_id, view.asked_by, language),
        decided_by=_who(uow, view.merchant_id, view.decided_by, language) if view.decided_by else None,
        where=merchants.location(uow, view.merchant_id, view.location_id).name if view.location_id else None,
        when=wording.moment(view.created_at, zone).in_language(language),
    )


def open_of(uow: UnitOfWork, caller: Caller, language: str) -> list[Told]:
    """What `caller` asked for on a page and can still do, or has been refused."""
    return [told(uow, view, language) for view in approvals.open_of(uow, caller.merchant_id, caller.actor)]


def _what(uow: UnitOfWork, view: ApprovalView, language: str) -> str:
    if view.request["call"] == approvals.REMOVAL:
        name = limits.name_of(uow, view.merchant_id, view.limit_id)
        return say("act_remove_limit", language, name=name)
    call, asked = view.request["call"], view.request["amount"]
    key = f"{call}_{view.request['direction']}" if call == "adjust" else call
    amount = wording.counted(Money(asked["amount"], asked["asset"])).in_language(language)
    return say(f"act_{key}", language, amount=amount)


def _who(uow: UnitOfWork, merchant_id: str, actor: str, language: str) -> str:
    """A person's name; a key has none, but a beginning to know it by."""
    if name := staff.name_of(uow, merchant_id, actor):
        return name
    try:
        return say("act_by_key", language, hint=keys.find_key(uow, actor).hint)
    except NotFound:
        return actor


def _end_of_code(uow: UnitOfWork, merchant_id: str, card_id: str) -> str | None:
    try:
        return cards.get(uow, merchant_id, card_id).code[-_LAST_SIGNS:]
    except CardNotFound:
        return None
