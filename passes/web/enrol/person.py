"""Who a confirmed address is: one member of the merchant, however many cards and forms they filled in."""

from collections.abc import Collection
from typing import Any

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.rules import CardView
from passes.db.engine import UnitOfWork
from passes.members import queries as members
from passes.members import service as member_service
from passes.members.confirmations import ConfirmationView
from passes.members.queries import MemberView
from passes.members.rules import ConsentDraft, MemberChanges, MemberDraft
from passes.privacy import service as privacy

ACTOR = "enrolment"


def settle_person(uow: UnitOfWork, asked: ConfirmationView, kept: CardView, other: CardView | None) -> str:
    """The id of the member who has the address and the card from now on.

    `other` is a second card they took. What its form said fills gaps; a member that came of a form alone is
    then forgotten, so that one person is one member. A member the merchant's own books know stays as it is.
    """
    merchant_id, involved = asked.merchant_id, [kept, *([other] if other else [])]
    ids = [card.member_id for card in involved if card.member_id is not None]
    own = {member_id: members.get(uow, merchant_id, member_id) for member_id in ids}
    chosen = _choose(uow, asked, kept, own)
    if chosen is None:
        draft = MemberDraft(email=asked.email, locale=asked.language)
        chosen = member_service.create_member(uow, merchant_id, draft, ACTOR)
    doubles = [m for m in own.values() if m.id != chosen.id and _is_a_form(uow, m, {c.id for c in involved})]
    _fill(uow, chosen, doubles, asked.email)
    for card in involved:
        if card.member_id is None or card.member_id in {double.id for double in doubles}:
            card_service.touch_by_id(uow, merchant_id, card.id, member_id=chosen.id)
    for double in doubles:
        privacy.erase_member(uow, merchant_id, double.id, ACTOR)
    return chosen.id


def _choose(
    uow: UnitOfWork, asked: ConfirmationView, kept: CardView, own: dict[str, MemberView]
) -> MemberView | None:
    """The member the merchant knows the card's holder as, else whoever has the address, else the form's."""
    mine = own.get(kept.member_id or "")
    if mine is not None and mine.external_id is not None:
        return mine
    known = cards.member_of_contact(uow, asked.merchant_id, asked.contact)
    if known is not None:
        return members.get(uow, asked.merchant_id, known)
    return mine or next(iter(own.values()), None)


def _is_a_form(uow: UnitOfWork, member: MemberView, involved: Collection[str]) -> bool:
    """Whether a member has nothing but these cards, and the merchant never wrote anything of them."""
    only = set(cards.of_member(uow, member.merchant_id, member.id)) <= set(involved)
    return only and member.external_id is None and member.email is None and not member.tags


def _fill(uow: UnitOfWork, chosen: MemberView, doubles: list[MemberView], email: str) -> None:
    """Write the address, and what the chosen member lacks and a form said; a yes of a form counts on."""
    changes: dict[str, Any] = {} if chosen.email == email else {"email": email}
    consents = [c for double in doubles for c in double.consents if c.granted]
    for name in ("name", "birthday"):
        said = next((value for double in doubles if (value := getattr(double, name))), None)
        if said is not None and getattr(chosen, name) is None:
            changes[name] = said
    if consents:
        changes["consents"] = tuple(
            ConsentDraft(
                purpose="marketing", channel="wallet", granted=True, wording=c.wording, source=c.source
            )
            for c in consents
        )
    if changes:
        member_service.update_member(uow, chosen.merchant_id, chosen.id, MemberChanges(**changes), ACTOR)
        if "name" in changes:
            card_service.touch_member(uow, chosen.merchant_id, chosen.id)
