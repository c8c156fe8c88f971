"""Baskets: one order paid with several cards in one stroke, all of them or as far as they go.

The cards are taken in hand in the order of their ids, so that two baskets never wait for each other, and
used in the order in which they were named. What a line takes is an ordinary redemption of its card.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, select

from passes.cards import queries as cards
from passes.cards.rules import CardView, require_usable
from passes.db.engine import UnitOfWork
from passes.errors import CardNotFound, FieldError, NotFound, Refusal
from passes.ids import new_id
from passes.ledger import queries as books
from passes.ledger import seals
from passes.ledger.receipts import Receipt
from passes.ledger.rules import Entry
from passes.money import Money, is_currency
from passes.programs import queries as programs
from passes.programs.rules import CouponRules, PointsRules, StampRules
from passes.redemption import rules
from passes.redemption.models import Basket, BasketLine, BasketRefund, BasketRefundLine
from passes.redemption.rules import Effect
from passes.redemption.service import TillCall, check_fits, foresee, settle, write

Mode = Literal["all", "partial"]
MAX_CARDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A card put on the counter, named by code or id, and what of it is to be used."""

    code: str | None = None
    card_id: str | None = None
    amount: Money | None = None
    reward: bool = False
    reward_id: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What became of an instrument: its entry, or the `problem` (code, detail, extra) it was refused with."""

    card_id: str | None
    entry: Entry | None = None
    problem: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketView:
    """A basket and its lines, in the order in which they were named."""

    id: str
    merchant_id: str
    mode: str
    asset: str
    order_total: int
    discount: int
    paid: int
    remaining_due: int
    reference: str | None
    note: str | None
    location_id: str | None
    actor: str
    created_at: datetime
    lines: tuple[Line, ...] = ()


@dataclass(slots=True)
class _Order:
    """An order while it is being paid: what it came to, and what is off it by now."""

    total: Money
    discount: int = 0
    paid: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def due(self) -> Money:
        return Money(self.total.amount - self.discount - self.paid, self.total.asset)

    def take(self, entry: Entry) -> None:
        details = entry.details or {}
        if entry.asset == self.total.asset:
            # What no card held was paid by the merchant; the customer has left with the goods.
            self.paid += entry.amount + details.get("overspend", {}).get("amount", 0)
        self.discount += details.get("discount", {}).get("amount", 0)
        self.lines.append(Line(entry.card_id, entry))


def pay(
    uow: UnitOfWork, call: TillCall, mode: Mode, order_total: Money, instruments: Sequence[Instrument]
) -> BasketView:
    """Use the cards for an order; in mode `all` the first refusal is raised, naming its `instrument`."""
    if not is_currency(order_total.asset):
        raise FieldError("order_total.asset", "must be an ISO 4217 currency such as EUR")
    card_ids = [_card_id(uow, call.merchant_id, instrument) for instrument in instruments]
    _refuse_repeats(card_ids)
    known = cards.lock_known(uow, call.merchant_id, [card_id for card_id in card_ids if card_id])
    in_hand = {card_id: settle(uow, card, call.at(uow)) for card_id, card in known.items()}
    foresee(uow, call, "redeem", in_hand.values())
    order = _Order(order_total)
    for position, instrument in enumerate(instruments):
        card = in_hand.get(card_ids[position] or "")
        try:
            if card is None:
                raise CardNotFound
            effect = _effect(uow, call, card, instrument, order)
            order.take(write(uow, replace(call, card_id=card.id), card, effect))
        except (Refusal, FieldError) as error:
            refusal = _on_line(error, position)
            if mode == "all":
                raise Refusal(refusal.code, refusal.detail, **refusal.extra, instrument=position) from None
            problem = {"code": refusal.code, "detail": refusal.detail, "extra": refusal.extra}
            order.lines.append(Line(card.id if card else None, problem=problem))
    return _store(uow, call, mode, order)


def get(uow: UnitOfWork, merchant_id: str, basket_id: str) -> BasketView:
    """One basket; raises `NotFound`."""
    found = select(Basket.__table__).where(Basket.merchant_id == merchant_id, Basket.id == basket_id)
    row = uow.conn.execute(found).first()
    if row is None:
        raise NotFound("There is no such basket.")
    query = select(BasketLine.__table__).where(BasketLine.basket_id == basket_id)
    rows = uow.conn.execute(query.order_by(BasketLine.position)).all()
    entries = books.by_id(uow, merchant_id, [line.transaction_id for line in rows if line.transaction_id])
    lines = [Line(line.card_id, entries.get(line.transaction_id), line.problem) for line in rows]
    kept = {name: value for name, value in row._mapping.items() if name != "seal"}
    return BasketView(**kept, lines=tuple(lines))


def under_receipt(uow: UnitOfWork, receipt: Receipt) -> list[str]:
    """The ids of baskets and their refunds under a receipt."""
    found: list[str] = []
    for table in (Basket, BasketRefund):
        found += uow.conn.execute(select(table.id).where(receipt.borne_by(table))).scalars()
    return found


def refunded_by(uow: UnitOfWork, merchant_id: str, refund_id: str) -> list[Entry]:
    """What a refund of a basket gave back."""
    query = select(BasketRefundLine.transaction_id).where(BasketRefundLine.refund_id == refund_id)
    made = [made for made in uow.conn.execute(query).scalars() if made is not None]
    return list(books.by_id(uow, merchant_id, made).values())


def _card_id(uow: UnitOfWork, merchant_id: str, instrument: Instrument) -> str | None:
    """The card an instrument names; None for an unknown code."""
    if instrument.code is None:
        return instrument.card_id
    try:
        return cards.by_code(uow, merchant_id, instrument.code).id
    except CardNotFound:
        return None


def _refuse_repeats(card_ids: Sequence[str | None]) -> None:
    first: dict[str, int] = {}
    for position, card_id in enumerate(card_ids):
        if card_id is not None and (earlier := first.setdefault(card_id, position)) != position:
            raise FieldError(f"instruments.{position}", f"names the same card as instruments.{earlier}")


def _effect(uow: UnitOfWork, call: TillCall, card: CardView, instrument: Instrument, order: _Order) -> Effect:
    """What the instrument does to its card, each kind in its own way."""
    asked = {"amount": instrument.amount is not None, "reward": instrument.reward}
    asked["reward_id"] = instrument.reward_id is not None
    check_fits(card.kind, asked)
    require_usable(card, call.at(uow))
    program = programs.at_version(uow, card.program_id, card.program_version)
    if isinstance(program.rules, StampRules):
        return rules.redeem_stamp_reward(card)
    if isinstance(program.rules, CouponRules):
        return rules.redeem_coupon(card, program.rules, order.total, call.at(uow), order.due.amount)
    if isinstance(program.rules, PointsRules) and instrument.reward_id is not None:
        return rules.redeem_catalogue_reward(
            card, program.rules, instrument.reward_id, offline=call.is_offline
        )
    if isinstance(program.rules, PointsRules) and instrument.amount is not None:
        return rules.redeem_value(card, instrument.amount, offline=call.is_offline)
    return rules.pay_due(card, instrument.amount, order.due, offline=call.is_offline)


def _on_line(error: Refusal | FieldError, position: int) -> Refusal:
    """The refusal of a line; a wrong field is named by where it stands in the request."""
    if isinstance(error, Refusal):
        return error
    errors = [{**wrong, "field": f"instruments.{position}.{wrong['field']}"} for wrong in error.errors]
    detail = f"{errors[0]['field']}: {errors[0]['message']}"
    return Refusal("invalid_request", detail, errors=errors)


def _store(uow: UnitOfWork, call: TillCall, mode: Mode, order: _Order) -> BasketView:
    row: dict[str, Any] = {
        "id": new_id("bask"),
        "merchant_id": call.merchant_id,
        "mode": mode,
        "asset": order.total.asset,
        "order_total": order.total.amount,
        "discount": order.discount,
        "paid": order.paid,
        "remaining_due": order.due.amount,
        "reference": call.reference,
        "note": call.note,
        "location_id": call.location_id,
        "actor": call.actor,
        "created_at": uow.now,
    }
    lines = [
        {
            "basket_id": row["id"],
            "position": position,
            "card_id": line.card_id,
            "transaction_id": line.entry.id if line.entry else None,
            "problem": line.problem,
        }
        for position, line in enumerate(order.lines)
    ]
    uow.conn.execute(insert(Basket).values(**row, seal=seals.of_list(row, lines)))
    uow.conn.execute(insert(BasketLine), lines)
    return BasketView(**row, lines=tuple(order.lines))
