"""Moving value: what tills do all day."""

from typing import Any

from passes.limits import approvals
from passes.merchants import queries as merchants
from passes.merchants.access import location_for
from passes.money import Money
from passes.redemption import service
from passes.redemption.reversals import refuse_reversed
from passes.redemption.service import TillCall
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call
from passes.web.api_v1.schemas import (
    CardTillRequest,
    LoadRequest,
    RedemptionRequest,
    RefundRequest,
    ReverseRequest,
    StampRequest,
    TillRequest,
    TransactionAnswer,
)

api = Api("Till")
CARD_CODES = (
    "card_not_found",
    "not_found",
    "card_not_active",
    "card_expired",
    "barcode_stale",
    "location_not_allowed",
    "reversed",
)


@api.operation(
    "POST",
    "/stamps",
    scopes=("till",),
    takes=StampRequest,
    answers=TransactionAnswer,
    status=201,
    key="required",
    codes=(*CARD_CODES, "wrong_kind", "asset_mismatch", "program_limit"),
)
def add_stamps(call: Call[StampRequest]) -> Any:
    """Stamps or points, by count or for a purchase; a full stamp card turns into a reward."""
    body = call.body
    entry = service.stamp(call.uow, till_call(call), count=body.count, purchase=money(body.purchase))
    return present.transaction(entry)


@api.operation(
    "POST",
    "/stamps/<id>/reverse",
    scopes=("till",),
    takes=ReverseRequest,
    may_be_empty=True,
    answers=TransactionAnswer,
    status=201,
    key="required",
    codes=("not_found", "card_not_active", "reversed", "location_not_allowed"),
)
def reverse_stamps(call: Call[ReverseRequest]) -> Any:
    """Undo a sale: what it earned is taken back, and owed where it is already spent."""
    return present.transaction(service.reverse_stamps(call.uow, till_call(call), call.path["id"]))


@api.operation(
    "POST",
    "/loads",
    scopes=("till",),
    takes=LoadRequest,
    answers=TransactionAnswer,
    status=201,
    key="required",
    codes=(*CARD_CODES, "wrong_kind", "asset_mismatch", "program_limit"),
)
def load(call: Call[LoadRequest]) -> Any:
    """Money onto a gift card."""
    return present.transaction(service.load(call.uow, till_call(call), call.body.amount.money))


@api.operation(
    "POST",
    "/redemptions",
    scopes=("till",),
    takes=RedemptionRequest,
    answers=TransactionAnswer,
    status=201,
    key="required",
    codes=(
        *CARD_CODES,
        "insufficient_balance",
        "program_limit",
        "already_redeemed",
        "no_reward_available",
        "offer_not_applicable",
        "wrong_kind",
        "asset_mismatch",
    ),
)
def redeem(call: Call[RedemptionRequest]) -> Any:
    """Spend what the card holds: money, points, a reward, a coupon."""
    body = call.body
    entry = service.redeem(
        call.uow,
        till_call(call),
        amount=money(body.amount),
        allow_partial=body.allow_partial,
        reward=bool(body.reward),
        reward_id=body.reward_id,
        order_total=money(body.order_total),
    )
    return present.transaction(entry)


@api.operation(
    "POST",
    "/redemptions/<id>/refund",
    scopes=("till",),
    takes=RefundRequest,
    may_be_empty=True,
    answers=TransactionAnswer,
    status=201,
    key="required",
    codes=(
        "not_found",
        "card_not_active",
        "refund_exceeds_redemption",
        "program_limit",
        "reversed",
        "asset_mismatch",
        "location_not_allowed",
    ),
)
def refund(call: Call[RefundRequest]) -> Any:
    """Give back what a redemption took, all that is left of it or part."""
    entry = service.refund(call.uow, till_call(call), call.path["id"], money(call.body.amount))
    return present.transaction(entry)


def till_call(call: Call[Any]) -> TillCall:
    """Who asks, where, and about which card; raises when the place is unknown or not the caller's."""
    body: TillRequest = call.body
    location_id = location_for(call.caller, body.location_id)
    if body.location_id is not None and location_id is not None:
        merchants.location(call.uow, call.merchant_id, location_id)
    if body.reference is not None and call.arrival is None:
        refuse_reversed(call.uow, call.merchant_id, body.reference, location_id)
    if body.approval_id is not None:
        approvals.get(call.uow, call.merchant_id, body.approval_id)
    named = body if isinstance(body, CardTillRequest) else None
    return TillCall(
        merchant_id=call.merchant_id,
        actor=call.caller.actor,
        card_id=named.card_id if named else None,
        code=named.code if named else None,
        location_id=location_id,
        reference=body.reference,
        note=body.note,
        occurred_at=call.occurred_at,
        approval_id=body.approval_id,
        card=call.arrival.card if call.arrival else None,
    )


def money(amount: Any) -> Money | None:
    """A request's amount as a plain value, if it has one."""
    return None if amount is None else amount.money
