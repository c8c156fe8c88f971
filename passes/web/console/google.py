"""`/console/google`: whether Google shows the cards as they were meant, compared at the press of a button."""

from flask import Blueprint, Response, request, url_for

from passes.audit import service as audit
from passes.cards import wording
from passes.cards.face import Text
from passes.db.engine import UnitOfWork
from passes.installs import google_checks as checks
from passes.installs.google_checks import CheckView
from passes.merchants import queries as merchants
from passes.merchants import staff
from passes.merchants.access import Caller
from passes.web import pages
from passes.web.console.session import MANAGES, require_manage, signed_in
from passes.wiring import Services

_AT_THE_SERVER = Text("auf dem Server", "on the server")
_SOMEBODY = Text("jemand, der hier nicht mehr arbeitet", "somebody who no longer works here")


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the page and the button."""

    @blueprint.get("/google")
    @signed_in(services)
    def google(caller: Caller) -> Response:
        return _page(services, caller)

    @blueprint.post("/google")
    @signed_in(services)
    def google_compare(caller: Caller) -> Response:
        require_manage(caller)
        if services.google is None:
            return _page(services, caller, status=409)
        with services.database.write() as uow:
            repair = request.form.get("repair") == "yes"
            # Pressed twice, the second finds the first one open: that is what was asked for.
            if checks.want(uow, caller.merchant_id, caller.actor, repair=repair):
                slug = merchants.merchant(uow, caller.merchant_id).slug
                audit.record(uow, caller.merchant_id, caller.actor, "google.compare", slug, repair=repair)
        return pages.see_other("console.google")


def _page(services: Services, caller: Caller, *, status: int = 200) -> Response:
    with services.database.read() as uow:
        merchant = merchants.merchant(uow, caller.merchant_id)
        running, last = checks.latest(uow, caller.merchant_id)
        who = {check.id: _who(uow, check) for check in (running, last) if check is not None}
    return pages.page(
        "console/google.html",
        status=status,
        address=url_for("console.google"),
        merchant=merchant,
        is_on=services.google is not None,
        running=running,
        last=last,
        who=who,
        at=wording.moment(last.finished_at, merchant.time_zone) if last and last.finished_at else None,
        may_compare=MANAGES in caller.scopes,
    )


def _who(uow: UnitOfWork, check: CheckView) -> Text:
    name = staff.name_of(uow, check.merchant_id, check.actor)
    if name is not None:
        return Text.same(name)
    return _AT_THE_SERVER if check.actor == "cli" else _SOMEBODY
