"""`/console/cards/ID/design`: take a card's design along, put another in, and go back to an earlier one."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from passes.cards import publishing, wording
from passes.errors import FieldError
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.programs import designs, drafts, versions
from passes.programs.bundles import MAX_ARCHIVE_BYTES, bundle_of, files_in_zip, zip_of
from passes.programs.drafts import DraftMoved
from passes.wallets.lint.judge import judge
from passes.web import judging, pages
from passes.web.console.findings import told
from passes.web.console.publishing import program_or_404, publish
from passes.web.console.session import MANAGES, require_manage, signed_in
from passes.web.files import as_file, sent_file
from passes.web.texts.uploads import refused
from passes.wiring import Services

LISTED = 20


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the page of a design, its file, and what changes it."""

    @blueprint.get("/cards/<program_id>/design")
    @signed_in(services)
    def design(caller: Caller, program_id: str) -> Response:
        return _page(services, caller, program_id)

    @blueprint.get("/cards/<program_id>/design.zip")
    @signed_in(services)
    def design_file(caller: Caller, program_id: str) -> Response:
        with services.database.read() as uow:
            program = program_or_404(uow, caller, program_id)
            content = zip_of(designs.export(uow, program))
        return as_file(content, "application/zip", f"{program.slug}-design.zip")

    @blueprint.post("/cards/<program_id>/design")
    @signed_in(services)
    def design_upload(caller: Caller, program_id: str) -> Response:
        require_manage(caller)
        return _upload(services, caller, program_id)

    @blueprint.post("/cards/<program_id>/versions/<version>/restore")
    @signed_in(services)
    def design_restore(caller: Caller, program_id: str, version: str) -> Response:
        require_manage(caller)
        if not (version.isascii() and version.isdecimal() and len(version) < 10):
            abort(404)
        publish(
            services,
            caller,
            program_id,
            lambda uow, before: designs.restore(uow, before, int(version), caller.actor),
        )
        return pages.see_other("console.design", program_id=program_id, published=1)


def _upload(services: Services, caller: Caller, program_id: str) -> Response:
    """Keep the design that was sent as the draft, to be looked at before anybody else sees it."""
    data = sent_file("design", MAX_ARCHIVE_BYTES + 1)
    with services.database.read() as uow:
        program = program_or_404(uow, caller, program_id)
    try:
        bundle = bundle_of(files_in_zip(data))
        with services.database.write() as uow:
            drafts.save_bundle(uow, program, bundle, request.form.get("seen") or None, caller.actor)
    except FieldError as error:
        wrong = [{**one, "message": refused(one["message"], pages.language())} for one in error.errors]
        return _page(services, caller, program_id, wrong=wrong, status=422)
    except DraftMoved:
        return pages.see_other("console.design", program_id=program_id, moved=1)
    return pages.see_other("console.design_draft", program_id=program_id)


def _page(
    services: Services,
    caller: Caller,
    program_id: str,
    *,
    status: int = 200,
    wrong: Sequence[dict[str, str]] = (),
) -> Response:
    """The page; `wrong` names what stands in the way of a file that was sent."""
    with services.database.read() as uow:
        merchant = merchants.merchant(uow, caller.merchant_id)
        program = program_or_404(uow, caller, program_id)
        draft = drafts.get(uow, program)
        listed = versions.listing(uow, program, LISTED, None).items
        progress = publishing.progress(uow, caller.merchant_id, program.id)
        own = judging.subject(services, uow, program, None)
    values: dict[str, Any] = {
        "merchant": merchant,
        "program": program,
        "draft": draft,
        "listed": [(v, wording.day(v.created_at, merchant.time_zone)) for v in listed],
        "progress": progress,
        "told": told(judge(own), own.face),
        "wrong": wrong,
        "may_change": MANAGES in caller.scopes,
    }
    address = url_for("console.design", program_id=program.id)
    return pages.page("console/design.html", status=status, address=address, **values)
