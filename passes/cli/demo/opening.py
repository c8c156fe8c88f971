"""Opening the demo shop: what is missing is made, in one unit of work; what is there stays as it is."""

from dataclasses import dataclass

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.rules import CardView
from passes.cli.base import ACTOR
from passes.cli.demo import offers
from passes.db.engine import UnitOfWork
from passes.errors import ConfigurationError, NotFound
from passes.members import queries as members
from passes.members import service as member_service
from passes.members.queries import MemberView
from passes.merchants import queries as merchants
from passes.merchants import service as merchant_service
from passes.merchants.queries import LocationView, MerchantView
from passes.money import Money
from passes.programs import queries as programs
from passes.programs import service as program_service
from passes.programs.queries import ProgramView
from passes.programs.service import ProgramDraft
from passes.redemption import service as redemption
from passes.redemption.service import TillCall


@dataclass(frozen=True, slots=True)
class Shop:
    """The demo merchant as it stands; programs and the member's cards by kind."""

    merchant: MerchantView
    locations: tuple[LocationView, ...]
    programs: dict[str, ProgramView]
    member: MemberView
    cards: dict[str, CardView]


def open_shop(uow: UnitOfWork) -> Shop:
    """The demo merchant with all that belongs to it; raises `ConfigurationError` when a slug is another's."""
    merchant = _merchant(uow)
    locations = _locations(uow, merchant)
    offered = {draft.kind: _program(uow, merchant, draft) for draft in offers.PROGRAMS}
    member = _member(uow, merchant)
    return Shop(merchant, locations, offered, member, _cards(uow, member, offered, locations[0]))


def _merchant(uow: UnitOfWork) -> MerchantView:
    try:
        return merchants.merchant_by_slug(uow, offers.MERCHANT.slug)
    except NotFound:
        return merchant_service.create_merchant(uow, offers.MERCHANT, ACTOR)


def _locations(uow: UnitOfWork, merchant: MerchantView) -> tuple[LocationView, ...]:
    there = {found.name: found for found in merchants.locations(uow, merchant.id, limit=200).items}
    return tuple(
        there.get(draft.name) or merchant_service.create_location(uow, merchant.id, draft, ACTOR)
        for draft in offers.LOCATIONS
    )


def _program(uow: UnitOfWork, merchant: MerchantView, draft: ProgramDraft) -> ProgramView:
    assert draft.slug is not None
    try:
        found = programs.by_slug(uow, draft.slug)
    except NotFound:
        return program_service.create_program(uow, merchant.id, merchant.slug, draft, ACTOR)
    if found.merchant_id != merchant.id or found.kind != draft.kind:
        raise ConfigurationError(
            f"The demo needs the slug {draft.slug}, which another program has; let it have a database of "
            "its own with STEMPEL_DATA_DIR or STEMPEL_DATABASE_URL."
        )
    return found


def _member(uow: UnitOfWork, merchant: MerchantView) -> MemberView:
    assert offers.MEMBER.external_id is not None
    there = members.by_external_id(uow, merchant.id, offers.MEMBER.external_id)
    return there or member_service.create_member(uow, merchant.id, offers.MEMBER, ACTOR)


def _cards(
    uow: UnitOfWork, member: MemberView, offered: dict[str, ProgramView], location: LocationView
) -> dict[str, CardView]:
    """The member's card of each kind; a new one comes with something on it."""
    merchant_id = member.merchant_id
    there = [cards.get(uow, merchant_id, card_id) for card_id in cards.of_member(uow, merchant_id, member.id)]
    by_program = {card.program_id: card for card in there}
    return {
        kind: by_program.get(program.id) or _new_card(uow, program, member, location)
        for kind, program in offered.items()
    }


def _new_card(uow: UnitOfWork, program: ProgramView, member: MemberView, location: LocationView) -> CardView:
    card = card_service.issue(
        uow,
        program,
        actor=ACTOR,
        member_id=member.id,
        amount=offers.FIRST_LOAD_MINOR if program.kind == "gift" else None,
        location_id=location.id,
    )
    sale = TillCall(program.merchant_id, ACTOR, card_id=card.id, location_id=location.id)
    if program.kind == "stamp":
        redemption.stamp(uow, sale, count=offers.FIRST_STAMPS)
    if program.kind == "points":
        redemption.stamp(uow, sale, purchase=Money(offers.FIRST_PURCHASE_MINOR, "EUR"))
    return cards.get(uow, program.merchant_id, card.id)
