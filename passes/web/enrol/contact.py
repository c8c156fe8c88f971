"""An address that belongs to a card: asked for in a mail, confirmed with a button, one card for each.

Until then it stands on no member and no card. Whoever types somebody else's address learns nothing by it:
what happens on the screen is the same for an address that is known, and the mail as well.
"""

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.errors import CardMovedOn
from passes.cards.rules import CardView
from passes.db.engine import UnitOfWork
from passes.errors import CardNotFound
from passes.ledger import queries as books
from passes.limits import mails
from passes.members import confirmations
from passes.members import service as members
from passes.members.confirmations import ConfirmationView
from passes.members.rules import ConsentDraft
from passes.members.unreachable import contact_of
from passes.outbox import service as outbox
from passes.web.enrol.person import settle_person

ACTOR = "enrolment"
ASKED, CONFIRMED = "contact.asked", "contact.confirmed"
"""The outbox topics: an address is to be confirmed; it was, and its card's link can be sent there."""


def ask(
    uow: UnitOfWork,
    key: bytes,
    card: CardView,
    *,
    email: str,
    language: str,
    source: str,
    wording: str | None,
    address: str,
) -> None:
    """Have a mail written to `email` that asks whether the card is theirs; too many are not sent.

    `wording` is what was ticked about advertising by e-mail, `address` where the request came from. Nobody
    is told that it was one too many, since that would say that somebody else has asked.
    """
    if mails.may_write(uow, contact_of(card.merchant_id, email), address):
        asked = confirmations.ask(
            uow,
            key,
            card.merchant_id,
            card.id,
            email=email,
            language=language,
            source=source,
            wording=wording,
        )
        outbox.enqueue(uow, card.merchant_id, ASKED, asked, 0)


def confirm(uow: UnitOfWork, asked: ConfirmationView, wording: str, mark: str) -> CardView | None:
    """The card that is now the address's, pressed for by the browser behind `mark` under these words.

    None when the link is used up or too old, or the card was closed meanwhile. A card the address has
    already stays its card; the one it was pressed for is closed if nothing has ever happened on it.
    """
    if not confirmations.confirm(uow, asked, wording, ACTOR):
        return None
    try:
        kept, other = _keep(uow, asked, mark)
    except (CardNotFound, CardMovedOn):
        return None
    if kept.state == "deactivated":
        return None
    member_id = settle_person(uow, asked, kept, other)
    if asked.wording is not None:
        consent = ConsentDraft(
            purpose="marketing",
            channel="email",
            granted=True,
            wording=asked.wording,
            source=f"{asked.source}, confirmed by e-mail ({asked.id})",
        )
        members.record_consent(uow, asked.merchant_id, member_id, consent, ACTOR)
    confirmations.settle(uow, asked.id, kept.id, member_id)
    outbox.enqueue(uow, asked.merchant_id, CONFIRMED, asked.id, 0)
    return cards.get(uow, asked.merchant_id, kept.id)


def _keep(uow: UnitOfWork, asked: ConfirmationView, mark: str) -> tuple[CardView, CardView | None]:
    """The card the address has from now on, and the one that was to be its card where that is another."""
    pressed = cards.get(uow, asked.merchant_id, asked.card_id)
    earlier = cards.of_contact(uow, pressed.program_id, asked.contact)
    current = cards.lock_current(uow, asked.merchant_id, {pressed.id, earlier or pressed.id})
    pressed = current[asked.card_id]
    if earlier is None:
        if pressed.state == "deactivated" or card_service.give_to(uow, pressed, asked.contact):
            return pressed, None
        # Somebody confirmed the same address for another card a moment ago.
        earlier = cards.of_contact(uow, pressed.program_id, asked.contact)
        if earlier is None:
            raise CardNotFound
        current |= cards.lock_current(uow, asked.merchant_id, {earlier})
    kept = current[earlier]
    if kept.id == pressed.id:
        return kept, None
    _close(uow, pressed, kept, mark)
    return kept, pressed


def _close(uow: UnitOfWork, pressed: CardView, kept: CardView, mark: str) -> None:
    """Close a card nothing has happened on; the browser that took it, if it is this one, has `kept` now."""
    used = pressed.held or pressed.state != "active" or books.has_moved(uow, pressed.id)
    if not used:
        is_here = cards.enrolled_id(uow, pressed.program_id, mark) == pressed.id
        card_service.deactivate(uow, pressed.merchant_id, pressed.id, "second_card", ACTOR)
        if is_here:
            card_service.taken_by(uow, kept, mark)
