"""Undoing what happened, whatever it was: the one way in which a reversal takes something back.

A thing is named by its id: an entry of the books, a hold, a card that was issued, a basket or its refund.
All cards it concerns are taken in hand first, in the order of their ids and before anything is buried, so
that two reversals that meet wait for each other in one order.

What was reversed never happened. So a refund that is reversed takes again what it gave back, unless what it
had refunded was reversed too: then that is undone as a whole, in whichever order the two are reversed.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.errors import CardMovedOn
from passes.cards.rules import CardView, require_open
from passes.db.engine import UnitOfWork
from passes.ledger import holds as held_rows
from passes.ledger import queries as books
from passes.ledger import service as ledger
from passes.ledger import tombstones
from passes.ledger.rules import Entry
from passes.money import Money
from passes.programs import queries as programs
from passes.programs.rules import StampRules
from passes.redemption import baskets, holds, losses, lots, rules
from passes.redemption.errors import AlreadyReversed
from passes.redemption.rules import Effect
from passes.redemption.service import (
    TillCall,
    foresee,
    refund,
    remember_last_purchase,
    reverse_stamps,
    settle,
    write,
)

_HOLDS, _GIVING, _TAKING, _CARDS = range(4)
"""What is undone first on a card: so what was spent is back before a load is taken back."""

UNDOABLE = ("issue", "load", "earn", "redeem", "capture", "refund", "adjust")


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a thing that one card has to undo; `version` is when in the card's life it happened."""

    id: str
    card_id: str
    sort: int
    version: int = 0


def is_undoable(uow: UnitOfWork, merchant_id: str, thing: str) -> bool:
    """Whether a reversal can undo the thing. Not a card that replaced one: the old one is closed for good."""
    if thing.startswith("card_"):
        return books.took_the_place_of(uow, thing) is None
    if thing.startswith("txn_"):
        entry = books.transaction(uow, merchant_id, thing)
        return entry is not None and entry_is_undoable(uow, entry)
    return thing.startswith(("hold_", "bask_", "bref_"))


def entry_is_undoable(uow: UnitOfWork, entry: Entry) -> bool:
    """Whether a reversal can undo the entry: of those that undo something, the ones a cashier made."""
    if entry.type == "reversal":
        return _target(uow, entry).type == "earn"
    return entry.type in UNDOABLE


def undo(uow: UnitOfWork, call: TillCall, things: Collection[str]) -> tuple[Entry, ...] | None:
    """Undo what is left of the things and bury them; None when every one of them had been reversed before."""
    parts = {part.id: part for thing in things for part in _parts(uow, call.merchant_id, thing)}
    in_hand = cards.lock_current(uow, call.merchant_id, [part.card_id for part in parts.values()])
    fresh = [thing for thing in sorted(things) if tombstones.bury_thing(uow, call.merchant_id, thing)]
    if not fresh:
        return None
    for part_id in sorted(parts.keys() - set(things)):
        tombstones.bury_thing(uow, call.merchant_id, part_id)
    foresee(uow, call, "refund", in_hand.values())
    # From the newest on; a card that took another's place has the newer entries.
    ordered = sorted(parts.values(), key=lambda part: (part.card_id, part.version), reverse=True)
    ordered.sort(key=lambda part: (in_hand[part.card_id].id, part.sort))
    return tuple(entry for part in ordered for entry in _undo(uow, call, part))


def _parts(uow: UnitOfWork, merchant_id: str, thing: str) -> Iterator[_Part]:
    if thing.startswith("bask_"):
        for line in baskets.get(uow, merchant_id, thing).lines:
            if line.entry is not None:
                yield _of_entry(uow, line.entry)
    elif thing.startswith("bref_"):
        for returned in baskets.refunded_by(uow, merchant_id, thing):
            yield _of_entry(uow, returned)
    elif thing.startswith("hold_"):
        yield _Part(thing, holds.get(uow, merchant_id, thing).card_id, _HOLDS)
    elif thing.startswith("card_"):
        yield _Part(thing, thing, _CARDS)
    else:
        entry = books.transaction(uow, merchant_id, thing)
        assert entry is not None
        yield _of_entry(uow, entry)


def _of_entry(uow: UnitOfWork, entry: Entry) -> _Part:
    took = entry.type in ("redeem", "capture", "reversal")
    took = took or (entry.type == "adjust" and books.was_a_decrease(uow, entry))
    return _Part(entry.id, entry.card_id, _GIVING if took else _TAKING, entry.card_version)


def _undo(uow: UnitOfWork, call: TillCall, part: _Part) -> tuple[Entry, ...]:
    if part.sort == _CARDS:
        return _undo_issue(uow, call, part.id)
    if part.sort == _HOLDS:
        return _undo_hold(uow, call, part)
    entry = books.transaction(uow, call.merchant_id, part.id)
    assert entry is not None
    return _undo_entry(uow, call, entry)


def _undo_entry(uow: UnitOfWork, call: TillCall, entry: Entry) -> tuple[Entry, ...]:
    """Undo what is left of an entry, in the way its type asks for."""
    undone = books.undone(uow, entry.id)
    if entry.type in ("redeem", "capture"):
        return () if losses.is_given_back(entry, undone) else (refund(uow, call, entry.id, None),)
    if undone:
        return ()
    if entry.type == "earn":
        return (reverse_stamps(uow, call, entry.id),)
    card = _in_hand(uow, call, entry.card_id)
    if entry.type == "load":
        effect = rules.take_back(card, entry.amount, lots.reclaim(uow, card, entry, entry.amount))
        return (_write(uow, call, card, entry, effect, entry.amount),)
    if entry.type == "adjust":
        effect = _unadjusted(uow, card, entry)
        return (_write(uow, call, card, entry, effect),)
    return _undo_undoing(uow, call, card, entry)


def _undo_undoing(uow: UnitOfWork, call: TillCall, card: CardView, entry: Entry) -> tuple[Entry, ...]:
    """A refund takes again what it gave back, a sale that was undone stands again."""
    target = _target(uow, entry)
    if tombstones.is_buried(uow, call.merchant_id, target.id):
        return ()
    if entry.type == "refund":
        lapsed = lots.reclaim(uow, card, entry, entry.amount)
        loss = losses.lost_again(uow, target)
        effect = rules.retake(card, Money(entry.amount, entry.asset), lapsed, loss)
        losses.count_no_more(uow, target, entry.amount)
    else:
        effect = rules.earn_again(card, entry.amount, _stamps_required(uow, card))
        ledger.undo_no_more(uow, target.id, 1)
    return (_write(uow, call, card, entry, effect),)


def _unadjusted(uow: UnitOfWork, card: CardView, entry: Entry) -> Effect:
    required = _stamps_required(uow, card)
    if books.was_a_decrease(uow, entry):
        return rules.give_again(card, entry.amount, required)
    lapsed = lots.reclaim(uow, card, entry, entry.amount)
    if card.kind in ("stamp", "points"):
        return rules.reverse_earn(card, entry.amount, required, lapsed)
    return rules.take_back(card, entry.amount, lapsed)


def _undo_issue(uow: UnitOfWork, call: TillCall, card_id: str) -> tuple[Entry, ...]:
    """What came with the card goes back (of a coupon, the uses that are left), and the card is closed."""
    card = settle(uow, cards.lock_current(uow, call.merchant_id, [card_id])[card_id])
    entry = books.issue_of(uow, card_id)
    left = 0 if entry is None else entry.amount - books.undone(uow, entry.id)
    amount = left if card.kind == "gift" else min(left, card.balance)
    entries: tuple[Entry, ...] = ()
    if entry is not None and amount:
        require_open(card)
        effect = rules.take_back(card, amount, lots.reclaim(uow, card, entry, amount))
        entries = (_write(uow, call, card, entry, effect, entry.amount),)
    card_service.deactivate(uow, call.merchant_id, card.id, "reversed", call.actor)
    return entries


def _undo_hold(uow: UnitOfWork, call: TillCall, part: _Part) -> tuple[Entry, ...]:
    held = holds.get(uow, call.merchant_id, part.id)
    if held.card_id != part.card_id:
        raise CardMovedOn("The card has just been replaced.")
    if held.status == "open":
        held_rows.release(uow, held)
        held_rows.settle(uow, held, "voided")
        lots.reschedule(uow, held.card_id)
    if held.transaction_id is None:
        return ()
    tombstones.bury_thing(uow, call.merchant_id, held.transaction_id)
    capture = books.transaction(uow, call.merchant_id, held.transaction_id)
    assert capture is not None
    return _undo_entry(uow, call, capture)


def _in_hand(uow: UnitOfWork, call: TillCall, card_id: str) -> CardView:
    card = settle(uow, cards.lock_current(uow, call.merchant_id, [card_id])[card_id])
    require_open(card)
    return card


def _target(uow: UnitOfWork, entry: Entry) -> Entry:
    target = books.transaction(uow, entry.merchant_id, entry.undoes or "")
    assert target is not None
    return target


def _stamps_required(uow: UnitOfWork, card: CardView) -> int | None:
    program = programs.at_version(uow, card.program_id, card.program_version)
    return program.rules.stamps_required if isinstance(program.rules, StampRules) else None


def _write(
    uow: UnitOfWork, call: TillCall, card: CardView, entry: Entry, effect: Effect, total: int = 1
) -> Entry:
    """Write an undoing down. `total` is what there is to undo of the entry; most are undone whole, 1 of 1."""
    if not ledger.undo(uow, entry.id, total, 1 if total == 1 else effect.amount.amount):
        raise AlreadyReversed
    made = write(uow, call, card, effect, undoes=entry.id)
    remember_last_purchase(uow, card)
    return made
