"""Reversals, for a till that never heard an answer."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from passes.errors import FieldError
from passes.fields import Line, Reference, Strict, WrongTogether
from passes.merchants import queries as merchants
from passes.merchants.access import location_for
from passes.redemption import reversals
from passes.redemption.service import TillCall
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call
from passes.web.api_v1.schemas import Answered, AnyId, TransactionAnswer

api = Api("Reversals")


class ReversalRequest(Strict):
    """What to undo: exactly one of the key it was sent with and the till's own receipt."""

    idempotency_key: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,255}$")] | None = None
    reference: Reference | None = None
    location_id: AnyId | None = None
    note: Annotated[Line, Field(max_length=500)] | None = None

    @model_validator(mode="after")
    def _one_name(self) -> "ReversalRequest":
        if (self.idempotency_key is None) == (self.reference is None):
            raise WrongTogether("reference", "give exactly one of idempotency_key and reference")
        return self


class ReversalAnswer(Answered):
    """What became of it, and the entries that undid it."""

    id: str
    outcome: Literal["reversed", "tombstoned", "nothing_to_reverse", "already_reversed"]
    transactions: list[TransactionAnswer]


@api.operation(
    "POST",
    "/reversals",
    scopes=("till",),
    takes=ReversalRequest,
    answers=ReversalAnswer,
    status=201,
    key="required",
    codes=("insufficient_balance", "card_not_active", "program_limit", "not_found", "location_not_allowed"),
)
def reverse(call: Call[ReversalRequest]) -> Any:
    """Undo a request whose answer was never heard; if it never arrived, refuse it should it still come.

    What was reversed never happened: a refund takes again what it gave back (402 where that is spent), a sale
    whose undoing is reversed stands again, a basket comes back as a whole. Undoing an adjustment also needs
    the scope `manage`. Replacing a card is not undone.
    """
    body = call.body
    location_id = location_for(call.caller, body.location_id)
    if body.location_id is not None:
        merchants.location(call.uow, call.merchant_id, body.location_id)
    till = TillCall(
        call.merchant_id,
        call.caller.actor,
        location_id=location_id,
        note=body.note,
        occurred_at=call.occurred_at,
    )
    may = "manage" in call.caller.scopes
    if body.reference is not None:
        bound_to = call.caller.location_id
        done = reversals.reverse_reference(call.uow, till, body.reference, bound_to, may_adjust=may)
    elif body.idempotency_key == call.key:
        raise FieldError("idempotency_key", "is this request's own; a reversal needs a key of its own")
    else:
        done = reversals.reverse_key(call.uow, till, body.idempotency_key or "", may_adjust=may)
    transactions = [present.transaction(entry) for entry in done.entries]
    return {"id": done.id, "outcome": done.outcome, "transactions": transactions}
