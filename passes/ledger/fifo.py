"""Lots: value that came at one time and ends at one time, spent in the order in which it would end. No I/O.

What is held is the part that ends soonest, as it would be had it been paid at once; while it is held it does
not end, and what is paid meanwhile comes out of the rest. Value without a lot never ends and goes last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

Lots = tuple["Lot", ...]


@dataclass(frozen=True, slots=True)
class Lot:
    """What an entry brought and when it ends: how much of it is left, and how much ended unspent."""

    transaction_id: str
    expires_at: datetime
    amount: int
    remaining: int
    lapsed: int = 0


def in_order(lots: Iterable[Lot]) -> Lots:
    """The lots as they are spent: what ends first goes first."""
    return tuple(sorted(lots, key=lambda lot: (lot.expires_at, lot.transaction_id)))


def run_out(lots: Sequence[Lot], held: int, at: datetime) -> int:
    """How much has ended by `at`, of which `held` is kept alive by open holds."""
    return max(0, sum(lot.remaining for lot in lots if lot.expires_at <= at) - held)


def spend(lots: Sequence[Lot], amount: int, *, held: int = 0) -> Lots:
    """The lots after `amount` has left the card, not counting what is `held`."""
    return tuple(replace(lot, remaining=lot.remaining - taken) for lot, taken in _drawn(lots, amount, held))


def lapse(lots: Sequence[Lot], amount: int, *, held: int = 0) -> Lots:
    """The lots after `amount` has ended on the card, not counting what is `held`."""
    return tuple(
        replace(lot, remaining=lot.remaining - taken, lapsed=lot.lapsed + taken)
        for lot, taken in _drawn(lots, amount, held)
    )


def take_back(lots: Sequence[Lot], transaction_id: str | None, amount: int) -> tuple[Lots, int]:
    """The lots after an entry was undone, which cancels what is left of its own; and what else to take."""
    after = []
    for lot in lots:
        taken = min(lot.remaining, amount) if lot.transaction_id == transaction_id else 0
        amount -= taken
        after.append(replace(lot, remaining=lot.remaining - taken))
    return tuple(after), amount


def reclaimed(lot: Lot, amount: int) -> Lot:
    """A lot of which `amount` ended, after its entry was undone: that never was the card's to lose."""
    return replace(lot, lapsed=lot.lapsed - amount)


def close(lots: Iterable[Lot]) -> Lots:
    """The lots of a card that has itself come to its end: what is still on it ends no more."""
    return tuple(replace(lot, remaining=0) for lot in lots)


def _drawn(lots: Sequence[Lot], amount: int, held: int) -> list[tuple[Lot, int]]:
    """How much of `amount` comes out of each lot, passing over the first `held`."""
    drawn = []
    for lot in in_order(lots):
        kept = min(lot.remaining, held)
        taken = min(lot.remaining - kept, amount)
        held, amount = held - kept, amount - taken
        drawn.append((lot, taken))
    return drawn
