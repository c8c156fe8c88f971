"""Adjustments: a manager puts value on a card or takes it off, and says why."""

from typing import Literal

from passes.audit import service as audit
from passes.cards import service as card_service
from passes.cards.rules import require_usable
from passes.db.engine import UnitOfWork
from passes.ledger.rules import Entry
from passes.money import Money
from passes.programs import queries as programs
from passes.programs.rules import GiftRules, StampRules
from passes.redemption import rules
from passes.redemption.errors import AssetMismatch
from passes.redemption.service import TillCall, in_hand, write

Direction = Literal["increase", "decrease"]
Reason = Literal["complimentary", "support", "correction", "migration", "chargeback", "other"]


def adjust(uow: UnitOfWork, call: TillCall, direction: Direction, amount: Money, reason: Reason) -> Entry:
    """Raise or lower what an active card holds; it is no purchase, and the audit log knows who did it."""
    card = in_hand(uow, call)
    require_usable(card, call.at(uow))
    if amount.asset != card.asset:
        raise AssetMismatch("amount", card.asset)
    program = programs.at_version(uow, card.program_id, card.program_version)
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
