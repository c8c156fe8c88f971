"""`/console`: sign in, pick an audience and a text, see the count and both previews, launch."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for

from passes.campaigns import audience, run, service
from passes.campaigns.queries import CampaignView
from passes.campaigns.rules import CampaignDraft
from passes.campaigns.text import Values, render
from passes.db.engine import UnitOfWork
from passes.limits import sign_ins
from passes.merchants import queries as merchants
from passes.merchants import staff
from passes.merchants.access import Caller
from passes.money import STAMP, Money, is_currency
from passes.programs import queries as programs
from passes.web import keyed, pages
from passes.web.attempts import Turnstile
from passes.web.console import (
    approvals,
    audit,
    cards,
    design_edit,
    designs,
    drafts,
    google,
    session,
    signing,
    webhooks,
)
from passes.web.console.form import CampaignForm, check
from passes.web.console.listing import LIST_LENGTH, as_csv, listed
from passes.web.console.session import signed_in
from passes.wiring import Services

SIGN_INS_PER_PERSON = "10 per 10 minutes"
SIGN_INS_PER_ADDRESS = "60 per 10 minutes"
_LONGEST_EMAIL = 320
_KEY = re.compile(r"console-[0-9a-f-]{36}")


def create_blueprint(services: Services) -> Blueprint:
    """The console's addresses."""
    blueprint = Blueprint("console", __name__, url_prefix="/console")
    blueprint.before_request(pages.refuse_nul)
    by_person, by_address = Turnstile(SIGN_INS_PER_PERSON), Turnstile(SIGN_INS_PER_ADDRESS)

    @blueprint.get("/sign-in")
    def sign_in_page() -> Response:
        return _sign_in_page()

    @blueprint.post("/sign-in")
    def sign_in() -> Response:
        email, address = request.form.get("email", "").strip()[:_LONGEST_EMAIL], request.remote_addr or ""
        if not (by_address.admits(address) and by_person.admits(address, email.lower())):
            return _sign_in_page("console_slow_down", email, status=429)
        return _sign_in(services, email)

    @blueprint.post("/sign-out")
    def sign_out() -> Response:
        session.sign_out()
        return pages.see_other("console.sign_in_page")

    @blueprint.get("")
    @signed_in(services)
    def campaigns(caller: Caller) -> Response:
        return _campaigns_page(services, caller, CampaignForm())

    @blueprint.post("/preview")
    @signed_in(services)
    def preview(caller: Caller) -> Response:
        return _preview(services, caller, CampaignForm.of(request.form))

    @blueprint.post("/launch")
    @signed_in(services)
    def launch(caller: Caller) -> Response:
        return _launch(services, caller, CampaignForm.of(request.form))

    @blueprint.get("/campaigns.csv")
    @signed_in(services)
    def export(caller: Caller) -> Response:
        with services.database.read() as uow:
            merchant = merchants.merchant(uow, caller.merchant_id)
            return as_csv(listed(uow, merchant, request.args.get("q", "")))

    approvals.add_routes(blueprint, services)
    audit.add_routes(blueprint, services)
    cards.add_routes(blueprint, services)
    signing.add_routes(blueprint, services)
    designs.add_routes(blueprint, services)
    design_edit.add_routes(blueprint, services)
    drafts.add_routes(blueprint, services)
    google.add_routes(blueprint, services)
    webhooks.add_routes(blueprint, services)
    return blueprint


def _sign_in(services: Services, email: str) -> Response:
    address = request.remote_addr or ""
    with services.database.read() as uow:
        if sign_ins.password_wait_s(uow, email, address):
            return _sign_in_page("console_slow_down", email, status=429)
        caller = staff.authenticate_staff(uow, email, request.form.get("password", ""))
    if caller is None:
        with services.database.write() as uow:
            sign_ins.wrong_password(uow, email, address)
        return _sign_in_page("console_wrong", email, status=403)
    if not session.may_enter(caller):
        return _sign_in_page("console_no_marketing", email, status=403)
    with services.database.write() as uow:
        staff.note_sign_in(uow, caller, "console")
    session.sign_in(caller)
    return pages.see_other(session.first_page(caller))


def _sign_in_page(error: str | None = None, email: str = "", *, status: int = 200) -> Response:
    address = url_for("console.sign_in_page")
    return pages.page("console/sign_in.html", status=status, address=address, error=error, email=email)


def _preview(services: Services, caller: Caller, form: CampaignForm) -> Response:
    with services.database.read() as uow:
        draft, wrong = check(uow, caller.merchant_id, form)
    return _campaigns_page(services, caller, form, draft=draft, wrong=wrong, status=422 if wrong else 200)


def _launch(services: Services, caller: Caller, form: CampaignForm) -> Response:
    """Launch what was previewed, once however often the button is pressed."""
    with services.database.read() as uow:
        draft, wrong = check(uow, caller.merchant_id, form)
    key = request.form.get("key", "")
    if draft is None or not _KEY.fullmatch(key):
        return _campaigns_page(services, caller, form, draft=draft, wrong=wrong, status=422)
    launched: list[CampaignView] = []

    def prepare(uow: UnitOfWork) -> tuple[str, Callable[[], Any]]:
        launched.clear()

        def create_and_launch() -> dict[str, str]:
            made = service.create(uow, caller.merchant_id, form.raw(), caller.actor)
            launched.append(service.launch(uow, caller.merchant_id, made.id, caller.actor).campaign)
            return {"id": made.id}

        return caller.merchant_id, create_and_launch

    request_hash = keyed.fingerprint(request.method, request.path, form.raw())
    answer = keyed.perform(services.database, prepare, status=201, key=key, request_hash=request_hash)
    if answer.is_problem:
        return _campaigns_page(services, caller, form, draft=draft, refused=True, status=answer.status)
    if not answer.replayed:
        run.plan_at_once(services.database, launched[0], launched[0].updated_at)
    return pages.see_other("console.campaigns", launched=1)


def _campaigns_page(
    services: Services,
    caller: Caller,
    form: CampaignForm,
    *,
    status: int = 200,
    draft: CampaignDraft | None = None,
    wrong: set[str] | None = None,
    refused: bool = False,
) -> Response:
    search = request.args.get("q", "")
    with services.database.read() as uow:
        merchant = merchants.merchant(uow, caller.merchant_id)
        values: dict[str, Any] = {
            "merchant": merchant,
            "programs": programs.listing(uow, caller.merchant_id, LIST_LENGTH, None).items,
            "locations": merchants.locations(uow, caller.merchant_id, limit=LIST_LENGTH).items,
            "listed": listed(uow, merchant, search),
        }
        if draft is not None:
            values["count"] = audience.preview(uow, caller.merchant_id, draft.audience)
            somebody = Values("Ada", _some_balance(uow, caller, draft), merchant.name)
            values["previews"] = render(draft.message.text, somebody)
    return pages.page(
        "console/campaigns.html",
        status=status,
        address=url_for("console.campaigns"),
        form=form,
        key=f"console-{uuid.uuid4()}",
        wrong=wrong or set(),
        refused=refused,
        search=search,
        **values,
    )


def _some_balance(uow: UnitOfWork, caller: Caller, draft: CampaignDraft) -> Money:
    """A balance as a card of the audience might have it."""
    program_id = draft.audience.program_id
    asset = STAMP if program_id is None else programs.get(uow, caller.merchant_id, program_id).asset
    return Money(1250 if is_currency(asset) else 7, asset)
