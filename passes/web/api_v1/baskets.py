"""Baskets: one order, several cards, one stroke; given back as a whole or by line."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from passes.clock import format_rfc3339
from passes.fields import Amount, Line, Strict, Whole, WrongTogether
from passes.redemption import basket_refunds, baskets
from passes.redemption.basket_refunds import RefundView
from passes.redemption.baskets import MAX_CARDS, BasketView, Instrument
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import (
    AmountAnswer,
    Answered,
    AnyId,
    Code,
    TillRequest,
    TransactionAnswer,
    Yes,
)
from passes.web.api_v1.till import CARD_CODES, money, till_call
from passes.web.problems import Problem

api = Api("Baskets")


class InstrumentRequest(Strict):
    """A card, named by exactly one of `code` and `card_id`, and what of it is to be used.

    A gift card without an amount pays what is still due, as far as it goes; a stamp card needs `reward`, a
    points card `amount` or `reward_id`, a coupon nothing.
    """

    code: Code | None = None
    card_id: AnyId | None = None
    amount: Amount | None = None
    reward: Yes | None = None
    reward_id: Annotated[Line, Field(min_length=1, max_length=60)] | None = None

    @model_validator(mode="after")
    def _one_name(self) -> "InstrumentRequest":
        if (self.code is None) == (self.card_id is None):
            raise WrongTogether("card_id", "give exactly one of code and card_id")
        return self

    @property
    def instrument(self) -> Instrument:
        """The same as a plain value."""
        return Instrument(
            code=self.code,
            card_id=self.card_id,
            amount=money(self.amount),
            reward=bool(self.reward),
            reward_id=self.reward_id,
        )


class BasketRequest(TillRequest):
    """An order and the cards that pay for it, used in the order in which they are named."""

    mode: Literal["all", "partial"]
    order_total: Amount
    instruments: Annotated[list[InstrumentRequest], Field(min_length=1, max_length=MAX_CARDS)]


class BasketRefundRequest(TillRequest):
    """Which lines to give back, counted from 0; all of them unless told."""

    lines: (
        Annotated[
            list[Annotated[Whole, Field(ge=0, lt=MAX_CARDS)]], Field(min_length=1, max_length=MAX_CARDS)
        ]
        | None
    ) = None


class ProblemAnswer(BaseModel):
    """Why a line was refused, as the same refusal reads when it is the whole answer."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str


class BasketResult(Answered):
    """What became of one card; `card_id` is null where no card answers to the name."""

    card_id: str | None
    status: Literal["taken", "refused"]
    transaction: TransactionAnswer | None
    problem: ProblemAnswer | None


class BasketAnswer(Answered):
    """What became of the order; `results` in the order in which the cards were named."""

    id: str
    mode: Literal["all", "partial"]
    order_total: AmountAnswer
    results: list[BasketResult]
    discount: AmountAnswer
    paid: AmountAnswer
    remaining_due: AmountAnswer
    reference: str | None
    location_id: str | None
    note: str | None
    created_at: datetime


class BasketRefundResult(Answered):
    """One line given back; no transaction where nothing was left of it."""

    line: int
    card_id: str
    status: Literal["refunded"]
    transaction: TransactionAnswer | None


class BasketRefundAnswer(Answered):
    """What was given back."""

    id: str
    basket_id: str
    results: list[BasketRefundResult]
    reference: str | None
    location_id: str | None
    note: str | None
    created_at: datetime


@api.operation(
    "POST",
    "/baskets",
    scopes=("till",),
    takes=BasketRequest,
    answers=BasketAnswer,
    status=201,
    key="required",
    codes=(
        *CARD_CODES,
        "insufficient_balance",
        "already_redeemed",
        "no_reward_available",
        "offer_not_applicable",
        "program_limit",
        "wrong_kind",
        "asset_mismatch",
    ),
)
def pay_basket(call: Call[BasketRequest]) -> Any:
    """Pay one order with several cards; in mode `all` the first refusal undoes everything.

    The cards are used in the order in which they are named, so name coupons first: their discount is worked
    out on `order_total` and never exceeds what is still due. A gift card pays at most what is still due, an
    amount above its balance is refused. Points and rewards are taken and pay nothing. What no card covers is
    `remaining_due`. In mode `partial` each refused line carries its `problem`; in mode `all` the first is the
    answer and `instrument` says which line it was.
    """
    body = call.body
    instruments = [instrument.instrument for instrument in body.instruments]
    done = baskets.pay(call.uow, till_call(call), body.mode, body.order_total.money, instruments)
    return basket(done)


@api.operation("GET", "/baskets/<id>", scopes=("read", "till"), answers=BasketAnswer, codes=("not_found",))
def get_basket(call: Call[Nothing]) -> Any:
    """One basket as it was answered."""
    return basket(baskets.get(call.uow, call.merchant_id, call.path["id"]))


@api.operation(
    "POST",
    "/baskets/<id>/refund",
    scopes=("till",),
    takes=BasketRefundRequest,
    may_be_empty=True,
    answers=BasketRefundAnswer,
    status=201,
    key="required",
    codes=(
        "not_found",
        "card_not_active",
        "refund_exceeds_redemption",
        "reversed",
        "program_limit",
        "location_not_allowed",
    ),
)
def refund_basket(call: Call[BasketRefundRequest]) -> Any:
    """Give a basket back, all that is left of it or of some lines; all of them or none.

    A line of which nothing is left is listed without a transaction; where nothing is left of any, that is
    `refund_exceeds_redemption`. A line that cannot be given back refuses the whole, and `line` says which:
    the others come back by naming them. What a replaced card paid comes back onto the card in its place.
    """
    done = basket_refunds.refund_basket(call.uow, till_call(call), call.path["id"], call.body.lines)
    return basket_refund(done)


def basket(view: BasketView) -> present.Json:
    """A basket as it is answered."""

    def amount(minor: int) -> present.Json:
        return {"amount": minor, "asset": view.asset}

    return {
        "id": view.id,
        "mode": view.mode,
        "order_total": amount(view.order_total),
        "results": [_result(line) for line in view.lines],
        "discount": amount(view.discount),
        "paid": amount(view.paid),
        "remaining_due": amount(view.remaining_due),
        "reference": view.reference,
        "location_id": view.location_id,
        "note": view.note,
        "created_at": format_rfc3339(view.created_at),
    }


def _result(line: baskets.Line) -> present.Json:
    return {
        "card_id": line.card_id,
        "status": "refused" if line.entry is None else "taken",
        "transaction": None if line.entry is None else present.transaction(line.entry),
        "problem": None if line.problem is None else Problem(**line.problem).document(),
    }


def basket_refund(made: RefundView) -> present.Json:
    """A basket's refund as it is answered."""
    results = [
        {
            "line": line.position,
            "card_id": (line.entry or line.taken).card_id,
            "status": "refunded",
            "transaction": None if line.entry is None else present.transaction(line.entry),
        }
        for line in made.lines
    ]
    return {
        "id": made.id,
        "basket_id": made.basket.id,
        "results": results,
        "reference": made.call.reference,
        "location_id": made.call.location_id,
        "note": made.call.note,
        "created_at": format_rfc3339(made.created_at),
    }
