"""`/scanner/approvals/ID`: what the person at the till may not do alone, and the second person who says yes.

The second person looks at the same page and types a PIN of their own: it approves this one act and signs
nobody in. Or they decide in the console, and the page here tells.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from passes.db.engine import UnitOfWork
from passes.errors import NotFound, Refusal
from passes.limits import approvals
from passes.limits.approvals import ApprovalView
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.web import pages
from passes.web.approvals import told
from passes.web.attempts import Turnstile
from passes.web.scanner import acting, pins
from passes.web.scanner.desk import Desk, new_key, open_desk, signed_in
from passes.web.scanner.wishes import Wish, WrongInput, wish
from passes.wiring import Services

SCOPE = "manage"
"""What a second person must be allowed, here as over the API."""
_GONE_THROUGH = ("approved", "used")


@dataclass(frozen=True, slots=True)
class _Asked:
    """Something the person at the till has asked for, the card it is about, and what it comes to."""

    view: ApprovalView
    desk: Desk
    sent: acting.Sent
    wanted: Wish


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the page and the form of the second person."""
    turnstile = Turnstile(pins.ATTEMPTS_PER_ADDRESS)

    @blueprint.get("/approvals/<approval_id>")
    def approval(approval_id: str) -> Response:
        with services.database.read() as uow:
            return _page(_asked(uow, services, approval_id))

    @blueprint.post("/approvals/<approval_id>")
    def approve_here(approval_id: str) -> Response:
        if not turnstile.admits(request.remote_addr or ""):
            return pages.error_page(429)
        with services.database.write() as uow:
            asked = _asked(uow, services, approval_id)
            if not asked.sent.has_our_key:
                return pages.error_page(404)
            if error := _second_person_says_yes(uow, asked):
                return _page(asked, error=error, status=429 if error in pins.TOO_OFTEN else 403)
        return acting.carry_out(services, asked.sent, asked.wanted)


def _asked(uow: UnitOfWork, services: Services, approval_id: str) -> _Asked:
    """What was asked for here by whoever is at the till; 404 for anybody else's."""
    caller = signed_in(uow)
    try:
        view = approvals.get(uow, caller.merchant_id, approval_id)
    except NotFound:
        abort(404)
    card_id = view.request["card_id"]
    if view.asked_by != caller.actor or view.form is None or card_id is None:
        abort(404)
    desk = open_desk(uow, services, card_id)
    form = {**view.form, "key": request.form.get("key", ""), "approval_id": view.id}
    action = form.pop("action")
    sent = acting.Sent.of(card_id, action, form)
    try:
        wanted = wish(action, sent.fields, desk.program)
    except WrongInput:
        abort(404)
    if wanted is None:
        abort(404)
    return _Asked(view, desk, sent, wanted)


def _second_person_says_yes(uow: UnitOfWork, asked: _Asked) -> str | None:
    """Approve it for whoever has the PIN in this form; the key of the text that says why not."""
    person, error = pins.person_with_pin(uow, _shop(uow, asked.desk.caller), request.form.get("pin", ""))
    if person is None:
        return error
    if SCOPE not in person.scopes:
        return "no_approving_pin"
    try:
        approvals.decide(uow, person.merchant_id, asked.view.id, "approved", person.actor)
    except Refusal as refusal:
        if refusal.code == "second_person_required":
            return "own_pin"
        # Pressed twice, or decided in the console at the same moment: what was decided holds.
        return None if refusal.extra.get("state") in _GONE_THROUGH else "approval_too_late"
    return None


def _shop(uow: UnitOfWork, caller: Caller) -> pins.Shop:
    """The shop whose people may approve: where the till stands, or the one that was chosen."""
    location_id = caller.location_id or request.form.get("location", "")
    return pins.Shop(caller.merchant_id, location_id)


def _page(asked: _Asked, *, error: str | None = None, status: int = 200) -> Response:
    uow, caller, view = asked.desk.uow, asked.desk.caller, asked.view
    shops = [] if caller.location_id else pins.shops(uow, caller.merchant_id)
    values: dict[str, Any] = {
        "told": told(uow, approvals.get(uow, view.merchant_id, view.id), pages.language()),
        "merchant": merchants.merchant(uow, caller.merchant_id),
        "has_shop": bool(caller.location_id),
        "shops": shops,
        "fields": {**asked.sent.fields, "approval_id": view.id},
        "act_address": url_for("scanner.act", card_id=asked.sent.card_id, action=asked.sent.action),
        "key": asked.sent.key or new_key(),
        "error": error,
    }
    address = url_for("scanner.approval", approval_id=view.id)
    return pages.page("scanner/approval.html", status=status, address=address, **values)
