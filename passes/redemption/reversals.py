"""Reversals: for a till that never heard an answer. What happened is undone, what did not never will.

The till names the key it had used, or its own receipt. What is undone is undone by the same use-cases that
a cashier has: refunds, reversed sales, voided holds.
"""

from dataclasses import dataclass

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.rules import CardView, require_open
from passes.db.engine import UnitOfWork
from passes.errors import FieldError
from passes.ids import new_id
from passes.ledger import holds as held_rows
from passes.ledger import queries as books
from passes.ledger import service as ledger
from passes.ledger import tombstones
from passes.ledger.queries import Answered
from passes.ledger.rules import Entry
from passes.redemption import holds, rules
from passes.redemption.errors import AlreadyReversed
from passes.redemption.service import (
    TillCall,
    refund,
    remember_last_purchase,
    reverse_stamps,
    write,
)

_HOLDS, _ENTRIES, _CARDS = range(3)
UNDOABLE = ("issue", "load", "earn", "redeem", "capture")


@dataclass(frozen=True, slots=True)
class Reversal:
    """What became of it: reversed, tombstoned, nothing_to_reverse or already_reversed."""

    id: str
    outcome: str
    entries: tuple[Entry, ...] = ()


def refuse_reversed(uow: UnitOfWork, merchant_id: str, reference: str, location_id: str | None) -> None:
    """Refuse what comes late under a receipt that was reversed; no reversal gets between now and the end."""
    tombstones.lock_reference(uow, merchant_id, reference, alone=False)
    if tombstones.reference_is_buried(uow, merchant_id, reference, location_id):
        raise AlreadyReversed


def reverse_key(uow: UnitOfWork, call: TillCall, key: str) -> Reversal:
    """Undo what was done under `key`, and refuse the key from now on."""
    is_new = tombstones.bury_key(uow, call.merchant_id, key)
    answered = books.answered(uow, call.merchant_id, key)
    if answered is None:
        # Whoever is under way with this key either has it by now, or will find ours.
        tombstones.answer_unknown(uow, call.merchant_id, key)
        answered = books.answered(uow, call.merchant_id, key)
    assert answered is not None
    if answered.fingerprint == tombstones.ANY_REQUEST:
        return Reversal(new_id("rev"), "tombstoned")
    if answered.status >= 400 or _is_void(answered):
        return Reversal(new_id("rev"), "nothing_to_reverse")
    thing = tombstones.thing_made(answered)
    if thing is None or not _is_undoable(uow, call.merchant_id, thing):
        raise FieldError("idempotency_key", "was used for something that no reversal undoes")
    if not is_new or not tombstones.bury_thing(uow, call.merchant_id, thing):
        return Reversal(new_id("rev"), "already_reversed")
    return Reversal(new_id("rev"), "reversed", _undo(uow, call, thing))


def reverse_reference(uow: UnitOfWork, call: TillCall, reference: str, location_id: str | None) -> Reversal:
    """Undo everything under a receipt, at `location_id` or everywhere, and refuse what comes later."""
    tombstones.lock_reference(uow, call.merchant_id, reference, alone=True)
    reversal_id = new_id("rev")
    tombstones.bury_reference(uow, reversal_id, call.merchant_id, reference, location_id)
    things = _things_under(uow, call.merchant_id, reference, location_id)
    if not things:
        return Reversal(reversal_id, "tombstoned")
    fresh = [thing for thing in things if tombstones.bury_thing(uow, call.merchant_id, thing)]
    if not fresh:
        return Reversal(reversal_id, "already_reversed")
    entries = [entry for thing in fresh for entry in _undo(uow, call, thing)]
    return Reversal(reversal_id, "reversed", tuple(entries))


def _is_void(answered: Answered) -> bool:
    """A void is the only call about a hold that answers 200."""
    return answered.status == 200 and (answered.body or b"").startswith(b'{"id":"hold_')


def _is_undoable(uow: UnitOfWork, merchant_id: str, thing: str) -> bool:
    entry = books.transaction(uow, merchant_id, thing) if thing.startswith("txn_") else None
    return thing.startswith(("card_", "hold_")) or (entry is not None and entry.type in UNDOABLE)


def _things_under(uow: UnitOfWork, merchant_id: str, reference: str, location_id: str | None) -> list[str]:
    """The ids of what happened under a receipt, in the order in which it can be undone.

    Card by card, in the order of their ids, so that two reversals never wait for each other; on each its
    holds, then its entries from the newest on, so that what was spent is back before a load is, then itself.
    """
    since, until = uow.now - tombstones.REACH, uow.now + tombstones.REACH
    found: list[tuple[str, int, int, str]] = []
    for entry in books.under_reference(uow, merchant_id, reference, since, until, location_id):
        if entry.type == "issue":
            found.append((entry.card_id, _CARDS, 0, entry.card_id))
        elif entry.type in UNDOABLE:
            found.append((entry.card_id, _ENTRIES, -entry.card_version, entry.id))
    for hold in held_rows.under_reference(uow, merchant_id, reference, since, until, location_id):
        found.append((hold.card_id, _HOLDS, 0, hold.id))
    if location_id is None:
        issued = cards.under_reference(uow, merchant_id, reference, since, until)
        found += [(card_id, _CARDS, 0, card_id) for card_id in issued]
    return list(dict.fromkeys(thing for *_, thing in sorted(found)))


def _undo(uow: UnitOfWork, call: TillCall, thing: str) -> tuple[Entry, ...]:
    """Undo what is left of one thing."""
    if thing.startswith("card_"):
        return _undo_issue(uow, call, thing)
    if thing.startswith("hold_"):
        return _undo_hold(uow, call, thing)
    entry = books.transaction(uow, call.merchant_id, thing)
    assert entry is not None
    card = cards.lock(uow, call.merchant_id, card_id=entry.card_id)
    require_open(card)
    undone = books.undone(uow, entry.id)
    if entry.type == "earn":
        return () if undone else (reverse_stamps(uow, call, entry.id),)
    if undone == entry.amount:
        return ()
    if entry.type == "load":
        return (_take_back(uow, call, card, entry, entry.amount),)
    return (refund(uow, call, entry.id, None),)


def _undo_issue(uow: UnitOfWork, call: TillCall, card_id: str) -> tuple[Entry, ...]:
    """What came with the card goes back (of a coupon, the uses that are left), and the card is closed."""
    card = cards.lock(uow, call.merchant_id, card_id=card_id)
    require_open(card)
    entry = books.issue_of(uow, card_id)
    entries: tuple[Entry, ...] = ()
    if entry is not None:
        amount = entry.amount if card.kind == "gift" else min(entry.amount, card.balance)
        if amount:
            entries = (_take_back(uow, call, card, entry, amount),)
    card_service.deactivate(uow, call.merchant_id, card_id, "reversed", call.actor)
    return entries


def _undo_hold(uow: UnitOfWork, call: TillCall, hold_id: str) -> tuple[Entry, ...]:
    card_id = holds.get(uow, call.merchant_id, hold_id).card_id
    cards.lock(uow, call.merchant_id, card_id=card_id)
    held = holds.get(uow, call.merchant_id, hold_id)
    if held.status == "open":
        holds.void(uow, call, hold_id)
    if held.transaction_id is None:
        return ()
    tombstones.bury_thing(uow, call.merchant_id, held.transaction_id)
    return _undo(uow, call, held.transaction_id)


def _take_back(uow: UnitOfWork, call: TillCall, card: CardView, entry: Entry, amount: int) -> Entry:
    effect = rules.take_back(card, amount)
    if not ledger.undo(uow, entry.id, entry.amount, amount):
        raise AlreadyReversed
    made = write(uow, call, card, effect, undoes=entry.id)
    remember_last_purchase(uow, card)
    return made
