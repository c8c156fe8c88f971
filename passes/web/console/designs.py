"""`/console/cards/ID/design`: take a card's design along, put another in, and go back to an earlier one."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from passes.cards import publishing, signed_barcode, wording
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, NotFound
from passes.merchants import queries as merchants
from passes.merchants import signing_keys
from passes.merchants.access import Caller
from passes.programs import designs, queries, versions
from passes.programs.bundles import MAX_ARCHIVE_BYTES, bundle_of, files_in_zip, zip_of
from passes.programs.queries import ProgramView
from passes.wallets.lint.findings import Finding
from passes.wallets.lint.judge import judge, stops
from passes.web import judging, pages
from passes.web.console.session import signed_in
from passes.web.files import as_file
from passes.wiring import Services

SCOPE = "manage"
"""Changing a card reaches everybody who has it, so looking at campaigns is not enough."""
LISTED = 20

Change = Callable[[UnitOfWork, ProgramView], ProgramView]


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
            program = _program_or_404(uow, caller, program_id)
            content = zip_of(designs.export(uow, program))
        return as_file(content, "application/zip", f"{program.slug}-design.zip")

    @blueprint.post("/cards/<program_id>/design")
    @signed_in(services)
    def design_upload(caller: Caller, program_id: str) -> Response:
        _require_manage(caller)
        return _upload(services, caller, program_id)

    @blueprint.post("/cards/<program_id>/versions/<version>/restore")
    @signed_in(services)
    def design_restore(caller: Caller, program_id: str, version: str) -> Response:
        _require_manage(caller)
        if not (version.isascii() and version.isdecimal() and len(version) < 10):
            abort(404)
        _publish(
            services,
            caller,
            program_id,
            lambda uow, before: designs.restore(uow, before, int(version), caller.actor),
        )
        return pages.see_other("console.design", program_id=program_id, published=1)


def _upload(services: Services, caller: Caller, program_id: str) -> Response:
    """Look at what was sent, and publish it where that was asked for and nothing stands in its way."""
    data = _sent_file()
    try:
        bundle = bundle_of(files_in_zip(data))
        with services.database.read() as uow:
            subject = judging.subject(services, uow, _program_or_404(uow, caller, program_id), bundle)
        findings = judge(subject)
    except FieldError as error:
        return _page(services, caller, program_id, wrong=error.errors, status=422)
    force = request.form.get("force") == "yes"
    if request.form.get("do") != "publish":
        return _page(services, caller, program_id, findings=findings)
    if stops(findings, force=force):
        return _page(services, caller, program_id, findings=findings, status=422)
    _publish(
        services, caller, program_id, lambda uow, before: designs.replace(uow, before, bundle, caller.actor)
    )
    return pages.see_other("console.design", program_id=program_id, published=1)


def _sent_file() -> bytes:
    sent = request.files.get("design")
    if sent is None:
        return b""
    try:
        content: bytes = sent.read(MAX_ARCHIVE_BYTES + 1)
        return content
    finally:
        sent.close()


def _publish(services: Services, caller: Caller, program_id: str, change: Change) -> None:
    with services.database.write() as uow:
        try:
            after = change(uow, queries.lock(uow, caller.merchant_id, program_id))
        except NotFound:
            abort(404)
        if after.barcode == "signed":
            signing_keys.current_or_first(uow, services.token_key, caller.merchant_id, signed_barcode.PURPOSE)
        publishing.publish(uow, after)


def _page(
    services: Services,
    caller: Caller,
    program_id: str,
    *,
    status: int = 200,
    findings: Sequence[Finding] | None = None,
    wrong: Sequence[dict[str, str]] = (),
) -> Response:
    """The page; `findings` are of a design that was sent, and of the program's own where none was."""
    with services.database.read() as uow:
        merchant = merchants.merchant(uow, caller.merchant_id)
        program = _program_or_404(uow, caller, program_id)
        listed = versions.listing(uow, program, LISTED, None).items
        progress = publishing.progress(uow, caller.merchant_id, program.id)
        own = judging.subject(services, uow, program, None) if findings is None and not wrong else None
    values: dict[str, Any] = {
        "merchant": merchant,
        "program": program,
        "listed": [(v, wording.day(v.created_at, merchant.time_zone)) for v in listed],
        "progress": progress,
        "is_sent": own is None,
        "findings": judge(own) if own is not None else findings or (),
        "wrong": wrong,
        "may_change": SCOPE in caller.scopes,
    }
    address = url_for("console.design", program_id=program.id)
    return pages.page("console/design.html", status=status, address=address, **values)


def _require_manage(caller: Caller) -> None:
    if SCOPE not in caller.scopes:
        abort(403)


def _program_or_404(uow: UnitOfWork, caller: Caller, program_id: str) -> ProgramView:
    try:
        return queries.get(uow, caller.merchant_id, program_id)
    except NotFound:
        abort(404)
