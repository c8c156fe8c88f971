"""What will run out on a card next, for those who show it or say so in time."""

from dataclasses import dataclass
from datetime import datetime

from passes.cards.rules import CardView
from passes.db.engine import UnitOfWork
from passes.ledger import fifo, lots
from passes.money import Money


@dataclass(frozen=True, slots=True)
class Ending:
    """`amount` ends at `at`, unless it is spent by then."""

    at: datetime
    amount: Money


def next_ending(uow: UnitOfWork, card: CardView) -> Ending | None:
    """What ends next on a card as a reader sees it; None where nothing will. Open holds are left out."""
    if card.state == "deactivated" or card.is_past(uow.now):
        return None
    left = lots.left_on(uow, card.id) if card.lots_due_at is not None else ()
    for end in sorted({lot.expires_at for lot in left if lot.expires_at > uow.now}):
        if card.expires_at is not None and end >= card.expires_at:
            break
        amount = fifo.run_out(left, card.held, end)
        if amount:
            return Ending(end, Money(amount, card.asset))
    if card.expires_at is None or not card.available.amount:
        return None
    return Ending(card.expires_at, card.available)
