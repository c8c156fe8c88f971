"""`/console/approvals`: what waits for a second person, and that person's yes or no."""

from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from passes.errors import NotFound, Refusal
from passes.limits import approvals
from passes.limits.approvals import Decision
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.web import pages
from passes.web.approvals import told
from passes.web.console import session
from passes.web.console.session import signed_in
from passes.wiring import Services

SHOWN = 50
_DONE: tuple[Decision, ...] = ("approved", "rejected")


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the page, both buttons, and what every page of the console says of approvals."""

    @blueprint.get("/approvals")
    @signed_in(services, session.MANAGES)
    def approvals_page(caller: Caller) -> Response:
        return _page(services, caller)

    @blueprint.post("/approvals/<approval_id>/approve")
    @signed_in(services, session.MANAGES)
    def approve(caller: Caller, approval_id: str) -> Response:
        return _decide(services, caller, approval_id, "approved")

    @blueprint.post("/approvals/<approval_id>/reject")
    @signed_in(services, session.MANAGES)
    def reject(caller: Caller, approval_id: str) -> Response:
        return _decide(services, caller, approval_id, "rejected")

    @blueprint.context_processor
    def on_every_page() -> dict[str, object]:
        return {
            "approvals_waiting": lambda: _waiting(services),
            "may_market": _may_market,
        }


def _decide(services: Services, caller: Caller, approval_id: str, decision: Decision) -> Response:
    try:
        with services.database.write() as uow:
            approvals.decide(uow, caller.merchant_id, approval_id, decision, caller.actor)
    except NotFound:
        abort(404)
    except Refusal as refusal:
        if not _is_theirs(services, caller, approval_id, decision):
            return _page(services, caller, refused=refusal.code, status=409)
    return pages.see_other("console.approvals_page", done=decision)


def _is_theirs(services: Services, caller: Caller, approval_id: str, decision: Decision) -> bool:
    """Whether the button was only pressed twice."""
    with services.database.read() as uow:
        stands = approvals.get(uow, caller.merchant_id, approval_id)
    return stands.decided_by == caller.actor and stands.status == decision


def _page(services: Services, caller: Caller, *, refused: str | None = None, status: int = 200) -> Response:
    spoken, done = pages.language(), request.args.get("done")
    with services.database.read() as uow:
        newest = approvals.listing(uow, caller.merchant_id, SHOWN, None).items
        waiting = approvals.waiting(uow, caller.merchant_id)
        values: dict[str, Any] = {
            "merchant": merchants.merchant(uow, caller.merchant_id),
            "waiting": [(told(uow, view, spoken), view.asked_by == caller.actor) for view in waiting],
            "past": [told(uow, view, spoken) for view in newest if view.status_at(uow.now) != "pending"],
        }
    return pages.page(
        "console/approvals.html",
        status=status,
        address=url_for("console.approvals_page"),
        refused=refused,
        done=done if done in _DONE else None,
        **values,
    )


def _may_market() -> bool:
    caller = session.of_this_page()
    return caller is not None and session.SCOPE in caller.scopes


def _waiting(services: Services) -> int | None:
    """How much waits for whom the page is for; None for somebody who decides nothing."""
    caller = session.of_this_page()
    if caller is None or session.MANAGES not in caller.scopes:
        return None
    with services.database.read() as uow:
        return approvals.how_many_wait(uow, caller.merchant_id)
