"""Holding value for a payment to come: set it aside, then capture it in full or part, or let it go, once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from passes.cards import queries as cards
from passes.cards.errors import CardMovedOn
from passes.cards.rules import CardView, require_open, require_usable
from passes.db.engine import Database, UnitOfWork
from passes.errors import NotFound, Refusal
from passes.ids import new_id
from passes.ledger import holds
from passes.ledger.holds import HoldView
from passes.ledger.rules import Entry
from passes.money import Money
from passes.redemption import limiting, lots, rules
from passes.redemption.errors import AssetMismatch, HoldNotOpen, InsufficientBalance, WrongKind
from passes.redemption.service import TillCall, held_against_limits, in_hand, take_in_hand, write

DEFAULT_S = 900
MAX_S = 2_592_000
"""How long a hold lasts unless told otherwise, and at most, in seconds: 15 minutes and 30 days."""

CARDS_AT_ONCE = 200


def hold(uow: UnitOfWork, call: TillCall, amount: Money, expires_in_s: int = DEFAULT_S) -> HoldView:
    """Set `amount` of a gift or points card aside for `expires_in_s` seconds of business time."""
    card = in_hand(uow, call)
    if card.kind not in ("gift", "points"):
        raise WrongKind(card.kind, "be held")
    require_usable(card, uow.now)
    if amount.asset != card.asset:
        raise AssetMismatch("amount", card.asset)
    if amount.amount > card.available.amount:
        raise InsufficientBalance(card.available)
    # Nothing has been handed out for a hold, so one that is told of later can still be refused.
    asked = replace(call, occurred_at=None)
    verdict = held_against_limits(uow, asked, card, "redeem", amount, -amount.amount)
    placed = HoldView(
        id=new_id("hold"),
        merchant_id=card.merchant_id,
        card_id=card.id,
        asset=amount.asset,
        amount=amount.amount,
        captured=0,
        status="open",
        expires_at=uow.now + timedelta(seconds=expires_in_s),
        transaction_id=None,
        reference=call.reference,
        note=call.note,
        location_id=call.location_id,
        actor=call.actor,
        created_at=uow.now,
    )
    holds.place(uow, placed)
    limiting.flag(uow, verdict, card.id, card.version, placed.id)
    return placed


def get(uow: UnitOfWork, merchant_id: str, hold_id: str) -> HoldView:
    """One hold; raises `NotFound`."""
    found = holds.find(uow, merchant_id, hold_id)
    if found is None:
        raise NotFound("There is no such hold.")
    return found


def capture(uow: UnitOfWork, call: TillCall, hold_id: str, amount: Money | None) -> tuple[Entry, HoldView]:
    """Take `amount` of what is held, or all of it; the rest is free again."""
    card, held = _open_hold(uow, call, hold_id)
    taken = held.money if amount is None else amount
    if taken.asset != held.asset:
        raise AssetMismatch("amount", held.asset)
    if taken.amount > held.amount:
        raise Refusal("capture_exceeds_hold", f"Only {held.amount} (minor units) is held.")
    holds.release(uow, held)
    entry = write(uow, call, card, rules.capture(replace(card, held=card.held - held.amount), taken))
    _settle(uow, held, "captured", captured=taken.amount, transaction_id=entry.id)
    _let_end(uow, card)
    return entry, get(uow, call.merchant_id, hold_id)


def void(uow: UnitOfWork, call: TillCall, hold_id: str) -> HoldView:
    """Let go of all that is held."""
    card, held = _open_hold(uow, call, hold_id)
    holds.release(uow, held)
    _settle(uow, held, "voided")
    _let_end(uow, card)
    return replace(held, status="voided")


def release_due(database: Database, keep_going: Callable[[], bool]) -> int:
    """Release what holds whose time has run out still set aside; returns on how many cards."""
    with database.read() as uow:
        waiting = holds.due(uow, CARDS_AT_ONCE)
    done = 0
    for merchant_id, card_id in waiting:
        if not keep_going():
            break
        with database.write() as uow:
            cards.lock(uow, merchant_id, card_id=card_id)  # taking it in hand is what releases
        done += 1
    return done


def _open_hold(uow: UnitOfWork, call: TillCall, hold_id: str) -> tuple[CardView, HoldView]:
    """The hold and its card, in hand; raises `HoldNotOpen`, also for one whose time has run out."""
    card = take_in_hand(uow, call.merchant_id, get(uow, call.merchant_id, hold_id).card_id)
    held = get(uow, call.merchant_id, hold_id)
    if held.card_id != card.id:
        raise CardMovedOn("The card has just been replaced.")
    require_open(card)
    if held.status != "open":
        raise HoldNotOpen(held.status)
    return card, held


def _let_end(uow: UnitOfWork, card: CardView) -> None:
    """What a hold kept alive past its end may end now that the hold is gone."""
    if card.lots_due_at is not None:
        lots.reschedule(uow, card.id)


def _settle(
    uow: UnitOfWork, held: HoldView, status: str, *, captured: int = 0, transaction_id: str | None = None
) -> None:
    if not holds.settle(uow, held, status, captured=captured, transaction_id=transaction_id):
        raise CardMovedOn("The hold has just been ended by somebody else.")
