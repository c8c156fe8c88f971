"""Reversals: for a till that never heard an answer. What happened is undone, what did not never will.

The till names the key it had used, or its own receipt. What is undone is undone by the same use-cases that
a cashier has: refunds, reversed sales, voided holds.
"""

from dataclasses import dataclass

from passes.cards import queries as cards
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, Refusal
from passes.ids import new_id
from passes.ledger import holds as held_rows
from passes.ledger import queries as books
from passes.ledger import tombstones
from passes.ledger.queries import Answered
from passes.ledger.receipts import Receipt
from passes.ledger.rules import Entry
from passes.redemption import baskets, undoing
from passes.redemption.errors import AlreadyReversed
from passes.redemption.service import TillCall


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


def reverse_key(uow: UnitOfWork, call: TillCall, key: str, *, may_adjust: bool = True) -> Reversal:
    """Undo what was done under `key`, and refuse the key from now on.

    An adjustment is a manager's: only who `may_adjust` can undo it.
    """
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
    if thing is None or not undoing.is_undoable(uow, call.merchant_id, thing):
        raise FieldError("idempotency_key", "was used for something that no reversal undoes")
    _check_adjustments(uow, call, [thing], may_adjust)
    entries = undoing.undo(uow, call, [thing]) if is_new else None
    return _reversal(new_id("rev"), entries)


def reverse_reference(
    uow: UnitOfWork, call: TillCall, reference: str, location_id: str | None, *, may_adjust: bool = True
) -> Reversal:
    """Undo everything under a receipt, at `location_id` or everywhere, and refuse what comes later."""
    tombstones.lock_reference(uow, call.merchant_id, reference, alone=True)
    reversal_id = new_id("rev")
    tombstones.bury_reference(uow, reversal_id, call.merchant_id, reference, location_id)
    things = _things_under(uow, call.merchant_id, reference, location_id)
    if not things:
        return Reversal(reversal_id, "tombstoned")
    _check_adjustments(uow, call, things, may_adjust)
    return _reversal(reversal_id, undoing.undo(uow, call, things))


def _reversal(reversal_id: str, entries: tuple[Entry, ...] | None) -> Reversal:
    if entries is None:
        return Reversal(reversal_id, "already_reversed")
    return Reversal(reversal_id, "reversed", entries)


def _is_void(answered: Answered) -> bool:
    """A void is the only call about a hold that answers 200."""
    return answered.status == 200 and (answered.body or b"").startswith(b'{"id":"hold_')


def _check_adjustments(uow: UnitOfWork, call: TillCall, things: list[str], may_adjust: bool) -> None:
    if may_adjust:
        return
    entries = books.by_id(uow, call.merchant_id, [thing for thing in things if thing.startswith("txn_")])
    if any(entry.type == "adjust" for entry in entries.values()):
        raise Refusal(
            "scope_missing", "Undoing an adjustment needs a key with the scope manage.", scopes=["manage"]
        )


def _things_under(uow: UnitOfWork, merchant_id: str, reference: str, location_id: str | None) -> list[str]:
    """The ids of what happened under a receipt: entries, holds, baskets and their refunds, cards issued."""
    since, until = uow.now - tombstones.REACH, uow.now + tombstones.REACH
    receipt = Receipt(merchant_id, reference, since, until, location_id)
    found = []
    for entry in books.under_receipt(uow, receipt):
        if undoing.entry_is_undoable(uow, entry):
            found.append(entry.card_id if entry.type == "issue" else entry.id)
    for hold in held_rows.under_receipt(uow, receipt):
        found.append(hold.id)
    found += baskets.under_receipt(uow, receipt)
    if location_id is None:
        issued = cards.under_receipt(uow, receipt)
        found += [card_id for card_id in issued if undoing.is_undoable(uow, merchant_id, card_id)]
    return list(dict.fromkeys(found))
