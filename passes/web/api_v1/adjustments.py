"""Adjustments: what a manager puts right by hand, with a reason."""

from typing import Any

from passes.fields import Amount, Instant
from passes.redemption import adjustments
from passes.redemption.adjustments import Direction, Reason
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call
from passes.web.api_v1.schemas import CardTillRequest, TransactionAnswer
from passes.web.api_v1.till import CARD_CODES, till_call

api = Api("Adjustments")


class AdjustmentRequest(CardTillRequest):
    """What to put on a card or take off it, and why; `expires_at` is for a card that is to live again."""

    direction: Direction
    amount: Amount
    reason: Reason
    expires_at: Instant | None = None


@api.operation(
    "POST",
    "/adjustments",
    scopes=("manage",),
    takes=AdjustmentRequest,
    answers=TransactionAnswer,
    status=201,
    key="required",
    codes=(*CARD_CODES, "insufficient_balance", "asset_mismatch", "program_limit"),
)
def adjust(call: Call[AdjustmentRequest]) -> Any:
    """Put value on a card or take it off without a sale; an increase brings an expired card back to life."""
    body = call.body
    entry = adjustments.adjust(
        call.uow, till_call(call), body.direction, body.amount.money, body.reason, body.expires_at
    )
    return present.transaction(entry)
