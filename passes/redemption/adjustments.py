"""Adjustments: a manager puts value on a card or takes it off, and says why."""

from datetime import datetime
from typing import Literal

from sqlalchemy import update

from passes.audit import service as audit
from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.errors import CardNotActive
from passes.cards.models import Card
from passes.cards.rules import CardView, require_usable
from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.errors import FieldError
from passes.ledger.rules import Entry
from passes.merchants import queries as merchants
from passes.money import Money
from passes.programs import queries as programs
from passes.programs.rules import GiftRules, Rules, StampRules, gift_expiry
from passes.redemption import rules
from passes.redemption.errors import AssetMismatch
from passes.redemption.service import TillCall, in_hand, settle, write

Direction = Literal["increase", "decrease"]
Reason = Literal["complimentary", "support", "correction", "migration", "chargeback", "other"]


def adjust(
    uow: UnitOfWork,
    call: TillCall,
    direction: Direction,
    amount: Money,
    reason: Reason,
    expires_at: datetime | None = None,
) -> Entry:
    """Raise or lower what an active card holds; it is no purchase, and the audit log knows who did it.

    An increase brings a card that has expired back to life, until `expires_at` or as long as the program
    says, counted from now; what came back to it since it expired counts again.
    """
    card = in_hand(uow, call)
    program = programs.at_version(uow, card.program_id, card.program_version)
    revives = direction == "increase" and card.state_at(call.at(uow)) == "expired"
    if expires_at is not None and not revives:
        raise FieldError("expires_at", "belongs to an increase of a card that has expired")
    if revives:
        card = _revive(uow, call, card, program.rules, expires_at)
    require_usable(card, call.at(uow))
    if amount.asset != card.asset:
        raise AssetMismatch("amount", card.asset)
    if direction == "decrease":
        effect = rules.decrease(card, amount.amount)
    else:
        if isinstance(program.rules, GiftRules):
            card_service.check_maximum_balance(program.rules, amount.amount, card.balance)
        required = program.rules.stamps_required if isinstance(program.rules, StampRules) else None
        effect = rules.increase(card, amount.amount, required)
    entry = write(uow, call, card, effect)
    audit.record(
        uow,
        call.merchant_id,
        call.actor,
        "cards.adjust",
        card.id,
        transaction=entry.id,
        direction=direction,
        amount=amount.as_dict(),
        reason=reason,
    )
    return entry


def _revive(
    uow: UnitOfWork, call: TillCall, card: CardView, program_rules: Rules, expires_at: datetime | None
) -> CardView:
    """Give an expired card a new end; returns it as it then stands, in hand. A block outlasts the expiry."""
    if card.state == "blocked":
        raise CardNotActive(card.state)
    if expires_at is None and isinstance(program_rules, GiftRules):
        zone = merchants.calendar_zone(uow, card.merchant_id, None)
        expires_at = gift_expiry(program_rules, uow.now, zone)
    if expires_at is not None and expires_at <= uow.now:
        raise FieldError("expires_at", "lies in the past")
    ends = {"state": "active", "expires_at": expires_at, "expired_at": None}
    uow.conn.execute(update(Card).where(Card.id == card.id).values(ends))
    until = None if expires_at is None else format_rfc3339(expires_at)
    audit.record(uow, card.merchant_id, call.actor, "cards.revive", card.id, expires_at=until)
    return settle(uow, cards.lock(uow, card.merchant_id, card_id=card.id))
