"""Holds: set value aside for a payment to come, then capture or void it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from passes.fields import Amount, Whole
from passes.redemption import holds
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import (
    AmountAnswer,
    Answered,
    CardTillRequest,
    TillRequest,
    TransactionAnswer,
)
from passes.web.api_v1.till import CARD_CODES, money, till_call

api = Api("Holds")


class HoldRequest(CardTillRequest):
    """How much to set aside, and for how many seconds."""

    amount: Amount
    expires_in_s: Annotated[Whole, Field(ge=1, le=holds.MAX_S)] = holds.DEFAULT_S


class CaptureRequest(TillRequest):
    """How much to take; without an amount all that is held."""

    amount: Amount | None = None


class VoidRequest(TillRequest):
    """Nothing needs to be said."""


class HoldAnswer(Answered):
    """A hold as it stands; `captured` is what was taken in the end."""

    id: str
    card_id: str
    status: Literal["open", "captured", "voided", "expired"]
    amount: AmountAnswer
    captured: AmountAnswer
    expires_at: datetime
    reference: str | None
    location_id: str | None
    note: str | None
    created_at: datetime


class CaptureAnswer(TransactionAnswer):
    """The entry a capture made, with the hold as it then stood."""

    hold: HoldAnswer


@api.operation(
    "POST",
    "/holds",
    scopes=("till",),
    takes=HoldRequest,
    answers=HoldAnswer,
    status=201,
    key="required",
    codes=(*CARD_CODES, "insufficient_balance", "wrong_kind", "asset_mismatch", "program_limit"),
)
def hold(call: Call[HoldRequest]) -> Any:
    """Set money or points aside for a payment to come; nobody else can spend them meanwhile."""
    body = call.body
    placed = holds.hold(call.uow, till_call(call), body.amount.money, body.expires_in_s)
    return present.hold(placed, call.uow.now)


@api.operation("GET", "/holds/<id>", scopes=("read", "till"), answers=HoldAnswer, codes=("not_found",))
def get_hold(call: Call[Nothing]) -> Any:
    """One hold as it stands."""
    return present.hold(holds.get(call.uow, call.merchant_id, call.path["id"]), call.uow.now)


@api.operation(
    "POST",
    "/holds/<id>/capture",
    scopes=("till",),
    takes=CaptureRequest,
    may_be_empty=True,
    answers=CaptureAnswer,
    status=201,
    key="required",
    codes=(
        "not_found",
        "card_not_active",
        "hold_not_open",
        "capture_exceeds_hold",
        "reversed",
        "asset_mismatch",
        "location_not_allowed",
    ),
)
def capture(call: Call[CaptureRequest]) -> Any:
    """Take what is held, all of it or part; the rest is free again."""
    entry, held = holds.capture(call.uow, till_call(call), call.path["id"], money(call.body.amount))
    return {**present.transaction(entry), "hold": present.hold(held, call.uow.now)}


@api.operation(
    "POST",
    "/holds/<id>/void",
    scopes=("till",),
    takes=VoidRequest,
    may_be_empty=True,
    answers=HoldAnswer,
    key="required",
    codes=("not_found", "card_not_active", "hold_not_open", "reversed", "location_not_allowed"),
)
def void(call: Call[VoidRequest]) -> Any:
    """Let go of what is held."""
    return present.hold(holds.void(call.uow, till_call(call), call.path["id"]), call.uow.now)
