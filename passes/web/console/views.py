"""`/console`: sign in, pick an audience and a text, see the count and both previews, launch."""

import csv
import io
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from passes.campaigns import audience, queries, run, service
from passes.campaigns.queries import CampaignView, Results
from passes.campaigns.rules import CampaignDraft
from passes.campaigns.text import Values, render
from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.merchants.staff import authenticate_staff
from passes.money import STAMP, Money
from passes.programs import queries as programs
from passes.web import pages
from passes.web.attempts import Turnstile
from passes.web.console import session
from passes.web.console.form import CampaignForm, check
from passes.web.console.session import signed_in
from passes.wiring import Services

LIST_LENGTH = 100
SIGN_IN_RATE = "10 per 10 minutes"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ListedCampaign:
    """A campaign in the list, with what became of it."""

    campaign: CampaignView
    results: Results


def create_blueprint(services: Services) -> Blueprint:
    """The console's addresses."""
    blueprint = Blueprint("console", __name__, url_prefix="/console")
    turnstile = Turnstile(SIGN_IN_RATE)

    @blueprint.get("/sign-in")
    def sign_in_page() -> Response:
        return pages.page("console/sign_in.html", error=None, email="")

    @blueprint.post("/sign-in")
    def sign_in() -> Response:
        return _sign_in(services, turnstile)

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
            return _csv(_listed(uow, caller, request.args.get("q", "")))

    return blueprint


def _sign_in(services: Services, turnstile: Turnstile) -> Response:
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    if not turnstile.admits(request.remote_addr or "", email.lower()):
        return pages.page("console/sign_in.html", status=429, error="console_slow_down", email=email)
    with services.database.read() as uow:
        caller = authenticate_staff(uow, email, password)
    if caller is None:
        return pages.page("console/sign_in.html", status=403, error="console_wrong", email=email)
    if "marketing" not in caller.scopes:
        return pages.page("console/sign_in.html", status=403, error="console_no_marketing", email=email)
    session.sign_in(caller)
    return pages.see_other("console.campaigns")


def _preview(services: Services, caller: Caller, form: CampaignForm) -> Response:
    draft, errors = check(form)
    if draft is None:
        return _campaigns_page(services, caller, form, status=422, errors=errors)
    return _campaigns_page(services, caller, form, draft=draft)


def _launch(services: Services, caller: Caller, form: CampaignForm) -> Response:
    draft, errors = check(form)
    if draft is None:
        return _campaigns_page(services, caller, form, status=422, errors=errors)
    with services.database.write() as uow:
        campaign = service.create(uow, caller.merchant_id, form.raw(), caller.actor)
        launched = service.launch(uow, caller.merchant_id, campaign.id, caller.actor)
        now = uow.now
    run.plan(services.database, launched.campaign, now)
    return pages.see_other("console.campaigns", launched=1)


def _campaigns_page(
    services: Services,
    caller: Caller,
    form: CampaignForm,
    *,
    status: int = 200,
    draft: CampaignDraft | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    search = request.args.get("q", "")
    with services.database.read() as uow:
        values: dict[str, Any] = {
            "merchant": merchants.merchant(uow, caller.merchant_id),
            "programs": programs.listing(uow, caller.merchant_id, LIST_LENGTH, None).items,
            "locations": merchants.locations(uow, caller.merchant_id, limit=LIST_LENGTH).items,
            "listed": _listed(uow, caller, search),
        }
        if draft is not None:
            values["count"] = audience.preview(uow, caller.merchant_id, draft.audience)
            somebody = Values("Ada", Money(7, STAMP), values["merchant"].name)
            values["previews"] = render(draft.message.text, somebody)
    return pages.page(
        "console/campaigns.html", status=status, form=form, errors=errors or {}, search=search, **values
    )


def _listed(uow: UnitOfWork, caller: Caller, search: str) -> list[ListedCampaign]:
    found = queries.listing(uow, caller.merchant_id, LIST_LENGTH, None).items
    named = [c for c in found if search.lower() in c.draft.name.lower()]
    return [ListedCampaign(c, queries.results(uow, caller.merchant_id, c.id)) for c in named]


def _csv(listed: list[ListedCampaign]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["id", "name", "state", "launched_at", "planned", "sent", "suppressed", "redemptions", "purchases"]
    )
    for entry in listed:
        campaign, results = entry.campaign, entry.results
        name = campaign.draft.name
        # A spreadsheet would run a cell that begins like a formula.
        safe = f"'{name}" if name.startswith(_FORMULA_STARTS) else name
        launched = format_rfc3339(campaign.launched_at) if campaign.launched_at else ""
        counts = (results.planned, results.sent, sum(results.suppressed.values()))
        writer.writerow(
            [campaign.id, safe, campaign.state, launched, *counts, results.redemptions, results.purchases]
        )
    response = Response(out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=campaigns.csv"
    response.headers["Cache-Control"] = "no-store"
    return response
