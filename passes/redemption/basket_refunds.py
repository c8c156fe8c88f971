"""Giving a basket back, as a whole or by line: of each line all that is left of it, or nothing at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from passes.cards import queries as cards
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, Refusal
from passes.ids import new_id
from passes.ledger import queries as books
from passes.ledger import seals
from passes.ledger.rules import Entry
from passes.money import Money
from passes.redemption import baskets, losses
from passes.redemption.baskets import BasketView
from passes.redemption.errors import RefundTooLarge
from passes.redemption.models import BasketRefund, BasketRefundLine
from passes.redemption.service import TillCall, foresee, refund


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back for one line of the basket; no entry where nothing was left of it."""

    position: int
    taken: Entry
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class RefundView:
    """One refund of a basket, its lines in the order in which they were named."""

    id: str
    basket: BasketView
    lines: tuple[Returned, ...]
    call: TillCall
    created_at: datetime


def refund_basket(
    uow: UnitOfWork, call: TillCall, basket_id: str, positions: Sequence[int] | None
) -> RefundView:
    """Give back what is left of the lines at `positions`, or of all that were taken.

    All of it or nothing: the first line that cannot be given back is raised, naming its `line`. Where
    nothing is left of any of them, `RefundTooLarge`.
    """
    basket = baskets.get(uow, call.merchant_id, basket_id)
    wanted = _wanted(basket, positions)
    in_hand = cards.lock_current(uow, call.merchant_id, [taken.card_id for _, taken in wanted])
    foresee(uow, call, "refund", in_hand.values())
    returned = [Returned(n, taken, _give_back(uow, call, n, taken)) for n, taken in wanted]
    if not any(line.entry for line in returned):
        raise RefundTooLarge(Money(0, basket.asset))
    made = RefundView(new_id("bref"), basket, tuple(returned), call, uow.now)
    _store(uow, made)
    return made


def _wanted(basket: BasketView, positions: Sequence[int] | None) -> list[tuple[int, Entry]]:
    entries = {n: line.entry for n, line in enumerate(basket.lines) if line.entry is not None}
    if positions is None:
        return list(entries.items())
    for place, position in enumerate(positions):
        if position in positions[:place]:
            raise FieldError(f"lines.{place}", f"names line {position} a second time")
        if position >= len(basket.lines):
            raise FieldError(f"lines.{place}", f"there are {len(basket.lines)} lines, counted from 0")
        if position not in entries:
            raise FieldError(f"lines.{place}", f"line {position} was refused, so nothing was taken")
    return [(position, entries[position]) for position in positions]


def _give_back(uow: UnitOfWork, call: TillCall, position: int, taken: Entry) -> Entry | None:
    if losses.is_given_back(taken, books.undone(uow, taken.id)):
        return None
    try:
        return refund(uow, call, taken.id, None)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.detail, **refusal.extra, line=position) from None


def _store(uow: UnitOfWork, made: RefundView) -> None:
    call = made.call
    row: dict[str, Any] = {
        "id": made.id,
        "merchant_id": call.merchant_id,
        "basket_id": made.basket.id,
        "reference": call.reference,
        "note": call.note,
        "location_id": call.location_id,
        "actor": call.actor,
        "created_at": made.created_at,
    }
    lines: list[dict[str, Any]] = [
        {
            "refund_id": made.id,
            "position": line.position,
            "transaction_id": line.entry.id if line.entry else None,
        }
        for line in made.lines
    ]
    uow.conn.execute(insert(BasketRefund).values(**row, seal=seals.of_list(row, lines)))
    uow.conn.execute(insert(BasketRefundLine), lines)
