"""Keeping a card's lots in step with its entries. Cards whose value does not end by itself have none."""

from datetime import datetime

from sqlalchemy import update

from passes.cards.errors import CardMovedOn
from passes.cards.models import Card
from passes.cards.rules import CardView
from passes.db.engine import UnitOfWork
from passes.ledger import fifo, holds
from passes.ledger import lots as rows
from passes.ledger import queries as books
from passes.ledger.fifo import Lot, Lots
from passes.ledger.rules import BALANCE, Entry, account_id
from passes.merchants import queries as merchants
from passes.money import REWARD
from passes.programs import queries as programs
from passes.programs.ends import lot_end
from passes.redemption.rules import Effect


def follow(uow: UnitOfWork, before: CardView, entry: Entry, effect: Effect, at: datetime) -> None:
    """Bring the lots to where an entry that was just booked takes them.

    `before` is the card it found, `at` when it happened. What comes opens a lot, also what a refund brings
    back; what goes is taken from what would end first, after a sale that is undone has given up its own.
    `expire` and `transfer` see to their lots themselves.
    """
    if entry.type == "expire":
        return
    own = account_id(before.id, BALANCE, before.asset)
    came = sum(move.amount for move in effect.moves if move.destination == own)
    ends = _end(uow, before, entry, at) if came else None
    if before.lots_due_at is None and ends is None:
        return
    left = rows.left_on(uow, before.id)
    went = sum(move.amount for move in effect.moves if move.source == own)
    undone, went = fifo.take_back(left, entry.undoes, went)
    opened = () if ends is None else (Lot(entry.id, ends, came, came),)
    # What is captured was held, and what is held is what ends first; a card that is replaced keeps nothing.
    held = 0 if entry.type in ("capture", "transfer") else before.held
    after = fifo.spend((*undone, *opened), went, held=held)
    store(uow, left, [lot for lot in after if lot.transaction_id != entry.id])
    rows.add(uow, before.merchant_id, before.id, [lot for lot in after if lot.transaction_id == entry.id])
    reschedule(uow, before.id)


def reclaim(uow: UnitOfWork, card: CardView, entry: Entry, amount: int) -> int:
    """How much of the `amount` an entry brought has run out, which undoing it takes from there.

    An entry with a lot knows. Without one, what the card no longer has may be among what ran out with it.
    """
    if entry.asset == REWARD:
        return 0
    lot = rows.of_entry(uow, entry.id)
    if lot is None:
        missing = max(0, amount - card.available.amount)
        return min(missing, books.ran_out_without_lot(uow, card.id)) if missing else 0
    lapsed = min(lot.lapsed, amount)
    store(uow, [lot], [fifo.reclaimed(lot, lapsed)])
    return lapsed


def hand_over(uow: UnitOfWork, left: Lots, new: CardView, entry: Entry) -> None:
    """Open on `new` what was `left` on the card it replaces, by the entry that brought its balance."""
    ends = sorted({lot.expires_at for lot in left})
    sums = [(end, sum(lot.remaining for lot in left if lot.expires_at == end)) for end in ends]
    rows.add(uow, new.merchant_id, new.id, [Lot(entry.id, end, amount, amount) for end, amount in sums])
    reschedule(uow, new.id)


def store(uow: UnitOfWork, before: Lots | list[Lot], after: Lots | list[Lot]) -> None:
    """Write what has changed; raises `CardMovedOn` when somebody else changed it first."""
    if not rows.store(uow, before, after):
        raise CardMovedOn("What is on the card has just been changed by somebody else.")


def reschedule(uow: UnitOfWork, card_id: str) -> None:
    """Note when something on the card may end next: a lot, or with its hold what a hold keeps alive."""
    ends = {lot.expires_at for lot in rows.left_on(uow, card_id)}
    future = {end for end in ends if end > uow.now}
    if ends - future:
        future.add(holds.next_end(uow, card_id) or uow.now)
    due_at = min(future, default=None)
    uow.conn.execute(update(Card).where(Card.id == card_id).values(lots_due_at=due_at))


def _end(uow: UnitOfWork, card: CardView, entry: Entry, at: datetime) -> datetime | None:
    """When what an entry brings ends; never on a card that has ended, where it waits for a manager."""
    if entry.type == "transfer" or card.is_past(at):
        return None
    rules = programs.at_version(uow, card.program_id, card.program_version).rules
    # Asked before the zone is read: most programs let value last, and then this costs nothing.
    if lot_end(rules, at, "UTC") is None:
        return None
    return lot_end(rules, at, merchants.calendar_zone(uow, card.merchant_id, None))
