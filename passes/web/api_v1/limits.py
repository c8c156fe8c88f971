"""Limits against fraud: what a manager sets, what happened at them, and what waits for a second person."""

from datetime import datetime
from typing import Any, Literal

from passes.clock import format_rfc3339
from passes.errors import NotFound
from passes.limits import approvals, queries, service
from passes.limits.approvals import ApprovalView
from passes.limits.queries import Incident
from passes.limits.rules import Action, Each, LimitDraft, LimitView, Within
from passes.limits.rules import Call as LimitedCall
from passes.merchants import keys, staff
from passes.merchants import queries as merchants
from passes.programs import queries as programs
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import AmountAnswer, Answered, ListQuery, page_of

api = Api("Limits")


class LimitAnswer(Answered):
    """A limit in force."""

    id: str
    name: str
    call: LimitedCall
    within: Within
    each: Each | None
    count: int | None
    amount: AmountAnswer | None
    action: Action
    program_id: str | None
    location_id: str | None
    actor_id: str | None
    created_at: datetime


class LimitIncidentAnswer(Answered):
    """What happened at a limit; `done` is the transaction or hold that went through all the same.

    `scope` is who was locked out: a key, an address, the beginning of a code, everybody, a shop's PIN pad,
    the PINs that are bound to no shop, or a person's password.
    """

    id: str
    type: Literal["refused", "flagged", "asked", "locked_out"]
    limit: str | None
    limit_id: str | None
    approval_id: str | None
    call: LimitedCall | Literal["remove_limit"] | None
    card_id: str | None
    amount: AmountAnswer | None
    done: str | None
    scope: Literal["key", "address", "prefix", "everybody", "pin", "pins", "password"] | None
    location_id: str | None
    actor: str
    created_at: datetime


class ApprovalAnswer(Answered):
    """What somebody wants to do that takes a second person, and what became of it.

    To `remove_limit` names no card, amount or direction, and is done with the yes.
    """

    id: str
    status: Literal["pending", "approved", "rejected", "used", "expired"]
    limit_id: str
    call: LimitedCall | Literal["remove_limit"]
    card_id: str | None
    program_id: str | None
    amount: AmountAnswer | None
    direction: Literal["increase", "decrease"] | None
    asked_by: str
    decided_by: str | None
    expires_at: datetime
    created_at: datetime


@api.operation(
    "POST",
    "/limits",
    scopes=("manage",),
    takes=LimitDraft,
    answers=LimitAnswer,
    status=201,
    key="optional",
    codes=("not_found",),
)
def create_limit(call: Call[LimitDraft]) -> Any:
    """Set a limit: how often, or how much, of a call within a transaction, an hour or a day.

    It holds from now on. What exceeds it is refused, flagged, or has to wait for a second person.
    """
    body, uow = call.body, call.uow
    if body.program_id is not None:
        programs.get(uow, call.merchant_id, body.program_id)
    if body.location_id is not None:
        merchants.location(uow, call.merchant_id, body.location_id)
    if body.actor_id is not None:
        _require_actor(call, body.actor_id)
    return _limit(service.create(uow, call.merchant_id, body, call.caller.actor))


def _require_actor(call: Call[LimitDraft], actor_id: str) -> None:
    if actor_id.startswith("staff_"):
        staff.get_staff(call.uow, call.merchant_id, actor_id)
    elif keys.find_key(call.uow, actor_id).merchant_id != call.merchant_id:
        raise NotFound("There is no such key.")


@api.operation("GET", "/limits", scopes=("manage",), takes=ListQuery, answers=page_of(LimitAnswer))
def list_limits(call: Call[ListQuery]) -> Any:
    """The limits in force, newest first."""
    found = queries.listing(call.uow, call.merchant_id, call.body.limit, call.body.cursor)
    return present.page(found, _limit)


@api.operation("GET", "/limits/<id>", scopes=("manage",), answers=LimitAnswer, codes=("not_found",))
def get_limit(call: Call[Nothing]) -> Any:
    """One limit."""
    return _limit(queries.get(call.uow, call.merchant_id, call.path["id"]))


@api.operation("DELETE", "/limits/<id>", scopes=("manage",), status=204, codes=("not_found", "program_limit"))
def delete_limit(call: Call[Nothing]) -> Any:
    """Let a limit hold no more. One that asks for a second person goes once a second person says so."""
    limit = queries.get(call.uow, call.merchant_id, call.path["id"])
    if limit.action == "approve":
        raise approvals.refuse_removal(call.uow, limit, call.caller.actor)
    service.remove(call.uow, call.merchant_id, call.path["id"], call.caller.actor)
    return None


@api.operation(
    "GET", "/limit-incidents", scopes=("manage",), takes=ListQuery, answers=page_of(LimitIncidentAnswer)
)
def list_limit_incidents(call: Call[ListQuery]) -> Any:
    """What was refused, flagged, handed to a second person or locked out, the latest first."""
    found = queries.incidents(call.uow, call.merchant_id, call.body.limit, call.body.cursor)
    return present.page(found, _incident)


@api.operation("GET", "/approvals", scopes=("manage",), takes=ListQuery, answers=page_of(ApprovalAnswer))
def list_approvals(call: Call[ListQuery]) -> Any:
    """What waits, or waited, for a second person, newest first."""
    found = approvals.listing(call.uow, call.merchant_id, call.body.limit, call.body.cursor)
    return present.page(found, lambda view: _approval(call, view))


@api.operation("GET", "/approvals/<id>", scopes=("manage",), answers=ApprovalAnswer, codes=("not_found",))
def get_approval(call: Call[Nothing]) -> Any:
    """One approval."""
    return _approval(call, approvals.get(call.uow, call.merchant_id, call.path["id"]))


@api.operation(
    "POST",
    "/approvals/<id>/approve",
    scopes=("manage",),
    answers=ApprovalAnswer,
    key="optional",
    codes=("not_found", "approval_state", "second_person_required"),
)
def approve(call: Call[Nothing]) -> Any:
    """Say yes to what somebody else asked; it may then be sent again, once, within a day of asking."""
    view = approvals.decide(call.uow, call.merchant_id, call.path["id"], "approved", call.caller.actor)
    return _approval(call, view)


@api.operation(
    "POST",
    "/approvals/<id>/reject",
    scopes=("manage",),
    answers=ApprovalAnswer,
    key="optional",
    codes=("not_found", "approval_state", "second_person_required"),
)
def reject(call: Call[Nothing]) -> Any:
    """Say no to what somebody else asked."""
    view = approvals.decide(call.uow, call.merchant_id, call.path["id"], "rejected", call.caller.actor)
    return _approval(call, view)


def _limit(view: LimitView) -> present.Json:
    return {
        "id": view.id,
        "name": view.name,
        "call": view.call,
        "within": view.within,
        "each": None if view.within == "transaction" else view.each,
        "count": view.at_most if view.asset is None else None,
        "amount": None if view.asset is None else {"amount": view.at_most, "asset": view.asset},
        "action": view.action,
        "program_id": view.program_id,
        "location_id": view.location_id,
        "actor_id": view.actor,
        "created_at": format_rfc3339(view.created_at),
    }


def _incident(view: Incident) -> present.Json:
    said = ("limit", "limit_id", "approval_id", "call", "card_id", "amount", "done", "scope", "location_id")
    return {
        "id": view.id,
        "type": view.type,
        **{name: view.details.get(name) for name in said},
        "actor": view.actor,
        "created_at": format_rfc3339(view.created_at),
    }


def _approval(call: Call[Any], view: ApprovalView) -> present.Json:
    return {
        "id": view.id,
        "status": view.status_at(call.uow.now),
        "limit_id": view.limit_id,
        **view.request,
        "asked_by": view.asked_by,
        "decided_by": view.decided_by,
        "expires_at": format_rfc3339(view.expires_at),
        "created_at": format_rfc3339(view.created_at),
    }
