"""`/console/cards/ID/design/edit`: the common things of a design, changed without a zip."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from passes.cards.face import LANGUAGES
from passes.errors import FieldError
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.programs import drafts, service
from passes.programs.design import Design, ImageName
from passes.programs.drafts import DraftMoved, DraftView
from passes.programs.pictures import MAX_UPLOAD_BYTES, Picture, clean_picture
from passes.programs.queries import ProgramView
from passes.web import pages
from passes.web.console import design_form, publishing
from passes.web.console.design_form import DesignForm
from passes.web.console.session import MANAGES, require_manage, signed_in
from passes.web.files import sent_file
from passes.wiring import Services


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the form and what it sends."""

    @blueprint.get("/cards/<program_id>/design/edit")
    @signed_in(services)
    def design_edit(caller: Caller, program_id: str) -> Response:
        with services.database.read() as uow:
            program = publishing.program_or_404(uow, caller, program_id)
            draft = drafts.get(uow, program)
        design, texts = _basis(program, draft)
        form = DesignForm.of_design(program.kind, design, texts)
        return _page(services, caller, program, draft, form)

    @blueprint.post("/cards/<program_id>/design/edit")
    @signed_in(services)
    def design_save(caller: Caller, program_id: str) -> Response:
        require_manage(caller)
        with services.database.read() as uow:
            program = publishing.program_or_404(uow, caller, program_id)
            draft = drafts.get(uow, program)
        form = DesignForm.of_request(program.kind, request.form)
        if request.form.get("seen", "") != (draft.state_id if draft else ""):
            return _page(services, caller, program, draft, form, moved=True, status=409)
        try:
            _save(services, caller, program, draft, form)
        except FieldError as error:
            return _page(services, caller, program, draft, form, wrong=error.errors, status=422)
        except DraftMoved:
            return _page(services, caller, program, draft, form, moved=True, status=409)
        return pages.see_other("console.design_draft", program_id=program_id)


def _basis(program: ProgramView, draft: DraftView | None) -> tuple[Design, dict[str, dict[str, str]]]:
    """What the form changes: the draft, or the design in force where there is none."""
    return (program.design, program.texts) if draft is None else (draft.design, draft.texts)


def _save(
    services: Services, caller: Caller, program: ProgramView, draft: DraftView | None, form: DesignForm
) -> None:
    """Keep what was typed as the draft; raises `FieldError` naming what is wrong, and `DraftMoved`."""
    design, texts = _basis(program, draft)
    document = form.document(program, design, texts)
    pictures = _sent_pictures()
    kept = {name: sha for name, sha in design.images.items() if name not in form.removed}
    with services.database.write() as uow:
        named = service.names_of(uow, program.merchant_id, pictures)
        drafts.save(
            uow,
            program,
            document.design({**kept, **named}),
            document.texts.model_dump(),
            pictures=pictures,
            seen=draft.state_id if draft else None,
            actor=caller.actor,
        )


def _sent_pictures() -> dict[ImageName, Picture]:
    """The pictures that were chosen, cleaned; before anybody is kept from writing."""
    pictures: dict[ImageName, Picture] = {}
    for name in design_form.IMAGES:
        field = f"images.{name}"
        if data := sent_file(field, MAX_UPLOAD_BYTES + 1):
            pictures[name] = clean_picture(field, data)
    return pictures


def _page(
    services: Services,
    caller: Caller,
    program: ProgramView,
    draft: DraftView | None,
    form: DesignForm,
    *,
    wrong: list[dict[str, str]] | None = None,
    moved: bool = False,
    status: int = 200,
) -> Response:
    with services.database.read() as uow:
        merchant = merchants.merchant(uow, caller.merchant_id)
    values: dict[str, Any] = {
        "merchant": merchant,
        "program": program,
        "form": form,
        "seen": draft.state_id if draft else "",
        "has_draft": draft is not None,
        "images": [(name, name in _basis(program, draft)[0].images) for name in design_form.IMAGES],
        "wrong": {error["field"]: error["message"] for error in wrong or ()},
        "moved": moved,
        "shapes": design_form.SHAPES,
        "colors": design_form.COLORS,
        "text_names": design_form.text_names(program.kind),
        "longest": design_form.LONGEST,
        "languages": LANGUAGES,
        "may_change": MANAGES in caller.scopes,
    }
    address = url_for("console.design_edit", program_id=program.id)
    return pages.page("console/design_edit.html", status=status, address=address, **values)
