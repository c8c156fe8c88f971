"""What a person may ask for: a copy of everything, and to be forgotten (GDPR 15, 17, 20).

Forgotten is the person, not the business: cards live on nameless, because their holder may still want the
coffee, and the books stay as they are, because the tax office may still want them (GDPR 17(3)(b)).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, delete, select, update

from passes.audit import service as audit
from passes.campaigns.models import Dispatch
from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.models import Card
from passes.clock import format_rfc3339, told
from passes.db.engine import UnitOfWork
from passes.installs.models import AppleRegistration, GoogleObject
from passes.ledger import service as ledger
from passes.ledger.models import Account, Transaction
from passes.members import confirmations
from passes.members import queries as members
from passes.members.models import Confirmation, Consent, Member
from passes.outbox.models import Delivery, OutboxEvent

ERASED = "member_erased"
"""Why a dispatch that was still planned is not sent."""

# A copy travels by e-mail, so it holds nothing that unlocks a card.
_SECRET = {"code", "barcode", "page_token", "token_key_id", "enrolled_by", "contact", "token_hash"}
_PERSONAL = ("enrolled_by", "contact", "news", "news_at")
"""What a card that lives on nameless does without."""

_LEFT_OUT = frozenset({"merchant_id", "chain", "chain_head"} | _SECRET)


def export_member(uow: UnitOfWork, merchant_id: str, member_id: str) -> dict[str, Any]:
    """The member, every consent and how it was confirmed, the cards with all of theirs, every dispatch.

    Columns are taken from the tables, so what is added to a table tomorrow is in the copy tomorrow.
    Ready for JSON: times are RFC 3339, amounts integers in minor units. Raises `NotFound`.
    """
    members.get(uow, merchant_id, member_id)
    mine = (Card.merchant_id == merchant_id, Card.member_id == member_id)
    held = uow.conn.execute(select(Card.__table__).where(*mine).order_by(Card.created_at, Card.id)).all()
    return {
        "exported_at": format_rfc3339(uow.now),
        "member": _rows(uow, select(Member.__table__).where(Member.id == member_id))[0],
        "consents": _rows(
            uow, select(Consent.__table__).where(Consent.member_id == member_id).order_by(Consent.id)
        ),
        "confirmations": _rows(uow, _confirmations(merchant_id, member_id)),
        "cards": [_card(uow, card) for card in held],
        "dispatches": _rows(
            uow,
            select(Dispatch.__table__)
            .where(Dispatch.merchant_id == merchant_id, Dispatch.member_id == member_id)
            .order_by(Dispatch.created_at, Dispatch.id),
        ),
    }


def erase_member(uow: UnitOfWork, merchant_id: str, member_id: str, actor: str) -> list[str]:
    """Forget a member for good; returns the ids of the cards that live on. Raises `NotFound`.

    The member's passes lose the name with their next version, and the last news, which may speak to its
    reader by name. Messages that wait or were sent are forgotten too.
    """
    _forget_dispatches(uow, merchant_id, member_id)
    known = members.get(uow, merchant_id, member_id, lock=True)
    kept = sorted(cards.of_member(uow, merchant_id, member_id))
    for card_id in kept:
        card_service.touch_by_id(uow, merchant_id, card_id, **dict.fromkeys(("member_id", *_PERSONAL)))
    confirmations.forget_person(uow, merchant_id, member_id, known.email, kept)
    _forget_messages(uow, merchant_id, kept)
    ledger.forget_answers(uow, merchant_id, member_id)
    uow.conn.execute(
        delete(Consent).where(Consent.merchant_id == merchant_id, Consent.member_id == member_id)
    )
    uow.conn.execute(delete(Member).where(Member.merchant_id == merchant_id, Member.id == member_id))
    audit.record(uow, merchant_id, actor, "privacy.erase_member", member_id, cards=len(kept))
    return kept


def _forget_dispatches(uow: UnitOfWork, merchant_id: str, member_id: str) -> None:
    # Before the member is taken in hand: whoever sends a message takes these rows in this order too.
    theirs = (Dispatch.merchant_id == merchant_id, Dispatch.member_id == member_id)
    planned = update(Dispatch).where(*theirs, Dispatch.state == "planned")
    uow.conn.execute(planned.values(state="suppressed", reason=ERASED))
    uow.conn.execute(update(Dispatch).where(*theirs).values(member_id=None))


def _forget_messages(uow: UnitOfWork, merchant_id: str, card_ids: Sequence[str]) -> None:
    """Messages carry their text, from the event to the delivery; a delivery that is done is kept a while."""
    events = (OutboxEvent.merchant_id == merchant_id, OutboxEvent.subject.in_(card_ids))
    is_message = OutboxEvent.details["message_id"].as_string().is_not(None)
    uow.conn.execute(delete(OutboxEvent).where(*events, is_message))
    deliveries = (
        Delivery.merchant_id == merchant_id,
        Delivery.payload["card_id"].as_string().in_(card_ids),
        Delivery.payload["message_id"].as_string().is_not(None),
    )
    uow.conn.execute(delete(Delivery).where(*deliveries))


def _card(uow: UnitOfWork, card: Row[Any]) -> dict[str, Any]:
    transactions = select(Transaction.__table__).where(Transaction.card_id == card.id)
    return {
        **_plain(card),
        "balances": _rows(uow, select(Account.__table__).where(Account.card_id == card.id)),
        "transactions": _rows(uow, transactions.order_by(Transaction.card_version)),
        "apple_devices": _rows(
            uow, select(AppleRegistration.__table__).where(AppleRegistration.card_id == card.id)
        ),
        "google_objects": _rows(uow, select(GoogleObject.__table__).where(GoogleObject.card_id == card.id)),
    }


def _confirmations(merchant_id: str, member_id: str) -> Select[Any]:
    theirs = (Confirmation.merchant_id == merchant_id, Confirmation.member_id == member_id)
    return select(Confirmation.__table__).where(*theirs).order_by(Confirmation.asked_at, Confirmation.id)


def _rows(uow: UnitOfWork, query: Select[Any]) -> list[dict[str, Any]]:
    return [_plain(row) for row in uow.conn.execute(query)]


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in told(row._asdict()).items() if name not in _LEFT_OUT}
