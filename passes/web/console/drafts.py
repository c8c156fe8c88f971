"""`/console/cards/ID/design/draft`: a design as phones will show it, beside today's."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from passes.cards import wording
from passes.cards.face import LANGUAGES, CardFace, Text
from passes.db.engine import UnitOfWork
from passes.merchants import queries as merchants
from passes.merchants import staff
from passes.merchants.access import Caller
from passes.programs import drafts
from passes.programs.drafts import DraftMoved, DraftView
from passes.programs.queries import ProgramView
from passes.wallets.lint.judge import judge, stops
from passes.wallets.preview.scene import Scene
from passes.wallets.print.poster import poster_pdf
from passes.wallets.print.voucher import Wish, voucher_pdf
from passes.wallets.web.drawings import drawing_png
from passes.wallets.web.picture import CardPicture, render_card
from passes.web import judging, pages, previews
from passes.web.console import publishing
from passes.web.console.findings import told
from passes.web.console.session import MANAGES, require_manage, signed_in
from passes.web.enrol.material import sample
from passes.web.files import as_file
from passes.wiring import Services

LOOKS = ("today", "draft")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the card, as it is today and as the draft has it."""

    name: str
    today: Scene
    draft: Scene


@dataclass(frozen=True, slots=True)
class Looked:
    """The card in one language: the wallets' sides that change and those that stay, and the browser's."""

    changed: tuple[Side, ...]
    staying: tuple[Side, ...]
    today: CardPicture
    draft: CardPicture
    web_stays: bool


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the page of a draft, what is drawn for it, and its end."""

    @blueprint.get("/cards/<program_id>/design/draft")
    @signed_in(services)
    def design_draft(caller: Caller, program_id: str) -> Response:
        return _page(services, caller, program_id)

    @blueprint.post("/cards/<program_id>/design/draft")
    @signed_in(services)
    def design_decide(caller: Caller, program_id: str) -> Response:
        require_manage(caller)
        try:
            if request.form.get("do") == "publish":
                return _publish(services, caller, program_id)
            return _discard(services, caller, program_id)
        except DraftMoved:
            return pages.see_other("console.design_draft", program_id=program_id, moved=1)

    @blueprint.get("/cards/<program_id>/design/<look>/<name>.png")
    @signed_in(services)
    def design_drawing(caller: Caller, program_id: str, look: str, name: str) -> Response:
        content = drawing_png(_face(services, caller, program_id, look), name)
        if content is None:
            abort(404)
        return as_file(content, "image/png", "drawing.png", opened=True)

    @blueprint.get("/cards/<program_id>/design/<look>/paper-<spoken>.pdf")
    @signed_in(services)
    def design_paper(caller: Caller, program_id: str, look: str, spoken: str) -> Response:
        if spoken not in LANGUAGES:
            abort(404)
        face = _face(services, caller, program_id, look)
        is_gift = face.kind == "gift"
        content = voucher_pdf(face, Wish(), "a4", spoken) if is_gift else poster_pdf(face)
        return as_file(content, "application/pdf", f"{look}.pdf", opened=True)


def _publish(services: Services, caller: Caller, program_id: str) -> Response:
    """Publish the draft that was looked at, unless something stands in its way."""
    seen = request.form.get("seen", "")
    with services.database.read() as uow:
        program, draft = _seen(uow, caller, program_id, seen)
        subject = judging.draft_subject(services, uow, program, draft)
    if stops(judge(subject), force=request.form.get("force") == "yes"):
        return _page(services, caller, program_id, status=422)
    publishing.publish(
        services, caller, program_id, lambda uow, before: drafts.publish(uow, before, seen, caller.actor)
    )
    return pages.see_other("console.design", program_id=program_id, published=1)


def _discard(services: Services, caller: Caller, program_id: str) -> Response:
    seen = request.form.get("seen", "")
    with services.database.write() as uow:
        drafts.discard(uow, _seen(uow, caller, program_id, seen)[0], seen)
    return pages.see_other("console.design", program_id=program_id, discarded=1)


def _seen(uow: UnitOfWork, caller: Caller, program_id: str, seen: str) -> tuple[ProgramView, DraftView]:
    program = publishing.program_or_404(uow, caller, program_id)
    draft = drafts.get(uow, program)
    if draft is None or draft.state_id != seen:
        raise DraftMoved
    return program, draft


def _page(services: Services, caller: Caller, program_id: str, *, status: int = 200) -> Response:
    with services.database.read() as uow:
        merchant = merchants.merchant(uow, caller.merchant_id)
        program = publishing.program_or_404(uow, caller, program_id)
        draft = drafts.get(uow, program)
        if draft is None:
            return pages.see_other("console.design", program_id=program_id, gone=request.args.get("moved"))
        subject = judging.draft_subject(services, uow, program, draft)
        faces = {look: _face_of(services, uow, program, draft, look) for look in LOOKS}
        who = staff.name_of(uow, caller.merchant_id, draft.actor) or draft.actor
    findings = judge(subject)
    # Which language of the card is shown, whatever the page's own: it stands in the address.
    asked = request.args.get("spoken")
    spoken = asked if asked in LANGUAGES else pages.language()
    values: dict[str, Any] = {
        "merchant": merchant,
        "program": program,
        "draft": draft,
        "saved": wording.moment(draft.saved_at, merchant.time_zone),
        "who": Text.same(who),
        "told": told(findings, subject.face),
        "stopped": bool(stops(findings)),
        "may_force": not stops(findings, force=True),
        "spoken": spoken,
        "looked": _looked(faces, spoken, merchant.time_zone),
        "looks": LOOKS,
        "may_change": MANAGES in caller.scopes,
    }
    address = url_for("console.design_draft", program_id=program.id)
    return pages.page("console/draft.html", status=status, address=address, **values)


def _looked(faces: dict[str, CardFace], spoken: str, time_zone: str) -> Looked:
    today, draft = (previews.sides(faces[look], spoken, time_zone) for look in LOOKS)
    sides = [Side(one.name, one, other) for one, other in zip(today, draft, strict=True)]
    pictures = {look: render_card(faces[look], spoken) for look in LOOKS}
    drawn = [_drawn(faces[look], pictures[look]) for look in LOOKS]
    return Looked(
        tuple(side for side in sides if side.today != side.draft),
        tuple(side for side in sides if side.today == side.draft),
        **pictures,
        web_stays=drawn[0] == drawn[1],
    )


def _drawn(face: CardFace, picture: CardPicture) -> tuple[object, ...]:
    """What the browser draws of a card: the name of its design says that something changed, not what."""
    front = replace(picture, art_design="", back=(), more=(), terms=None, losses=())
    return front, *(drawing_png(face, drawing.name) for drawing in (picture.logo, picture.strip))


def _face(services: Services, caller: Caller, program_id: str, look: str) -> CardFace:
    with services.database.read() as uow:
        program = publishing.program_or_404(uow, caller, program_id)
        draft = drafts.get(uow, program)
        if look not in LOOKS or (look == "draft" and draft is None):
            abort(404)
        return _face_of(services, uow, program, draft, look)


def _face_of(
    services: Services, uow: UnitOfWork, program: ProgramView, draft: DraftView | None, look: str
) -> CardFace:
    if look == "today" or draft is None:
        return sample(uow, services, program)
    pictures = {str(name): content for name, content in drafts.pictures_of(uow, program, draft).items()}
    return sample(uow, services, drafts.applied(program, draft), pictures)
