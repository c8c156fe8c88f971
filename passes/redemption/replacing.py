"""Replacing a card that was lost or stolen: a new one with new codes, and on it all that was on the old one.

Two entries of type `transfer` say so, one on each card, each naming the other; what moves passes through the
program's own accounts, where it comes and goes in one commit.
"""

from dataclasses import replace

from sqlalchemy import update

from passes.audit import service as audit
from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.errors import CardExpired
from passes.cards.models import Card
from passes.cards.rules import CardView, require_open
from passes.db.engine import UnitOfWork
from passes.ledger import holds
from passes.ledger import lots as ledger_lots
from passes.redemption import lots, rules
from passes.redemption.service import TillCall, take_in_hand, write


def replace_card(uow: UnitOfWork, merchant_id: str, card_id: str, reason: str, actor: str) -> CardView:
    """Close a card and hand out another in its place; returns the new one.

    It is the same member's, runs as long, and holds what the old one held: balance, rewards, debts, open
    holds, lots and what was collected. It is active even if the old one was blocked.
    """
    old = take_in_hand(uow, merchant_id, card_id)
    require_open(old)
    if old.is_past(uow.now):
        raise CardExpired
    call = TillCall(merchant_id, actor)
    new = card_service.issue_in_place_of(uow, old)
    left = ledger_lots.left_on(uow, old.id) if old.lots_due_at is not None else ()
    if old.held:
        holds.lift(uow, old.id, old.asset, old.held)
    emptied, filled = rules.transfer(replace(old, held=0), new)
    write(uow, call, old, emptied)
    brought = write(uow, call, new, filled)
    if old.held:
        holds.set_down(uow, old.id, new.id, old.asset, old.held)
    if left:
        lots.hand_over(uow, left, new, brought)
    uow.conn.execute(update(Card).where(Card.id == old.id).values(state="deactivated"))
    audit.record(uow, merchant_id, actor, "cards.replace", old.id, reason=reason, new_card=new.id)
    return cards.get(uow, merchant_id, new.id)
