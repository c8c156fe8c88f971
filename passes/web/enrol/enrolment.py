"""`/e/{slug}`: see the offer, tap once, have the card."""

from flask import Blueprint, Response, request, url_for
from flask_wtf.csrf import CSRFError

from passes.cards import queries as cards
from passes.cards import wording
from passes.cards.face import CardFace
from passes.db.engine import UnitOfWork
from passes.errors import FieldError
from passes.programs.queries import ProgramView
from passes.wallets.web.picture import render_card
from passes.web import pages
from passes.web.attempts import Turnstile
from passes.web.enrol import contact, device
from passes.web.enrol.form import EnrolForm, text_about
from passes.web.enrol.material import program_or_404, sample
from passes.web.enrol.take import take_card
from passes.web.texts import say
from passes.wiring import Services

CARDS_PER_ADDRESS = "120 per 10 minutes"
"""Generous, because a whole shop full of phones may share one address."""


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the enrolment page."""
    turnstile = Turnstile(CARDS_PER_ADDRESS)

    @blueprint.get("/e/<slug>")
    def offer(slug: str) -> Response:
        browser = device.device_id()
        with services.database.read() as uow:
            program = program_or_404(uow, slug)
            card = cards.enrolled(uow, program.id, device.mark(browser, program.id))
            if card is not None:
                return pages.see_other("enrol.card", token=card.page_token.lower())
            page = _offer_page(sample(uow, services, program))
        return device.remember(page, browser)

    @blueprint.post("/e/<slug>")
    def get_card(slug: str) -> Response:
        if not turnstile.admits(request.remote_addr or ""):
            return pages.error_page(429)
        if request.form.get("website"):
            # Only a machine fills in what no person sees; it may believe that it worked.
            return pages.see_other("enrol.offer", slug=slug)
        form = EnrolForm.read(request.form)
        errors = form.errors()
        with services.database.write() as uow:
            program = program_or_404(uow, slug)
            face = sample(uow, services, program)
            try:
                if not errors and program.kind != "gift":
                    return _take(uow, services, program, face, form)
            except FieldError as error:
                errors = {wrong["field"]: text_about(wrong["field"]) for wrong in error.errors}
        return _offer_page(face, form, errors, status=422 if errors else 200)

    @blueprint.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> Response:
        slug = (request.view_args or {}).get("slug")
        if slug is None:
            return pages.error_page(400)
        with services.database.read() as uow:
            face = sample(uow, services, program_or_404(uow, slug))
        page = _offer_page(face, EnrolForm.read(request.form), status=400, stale=True)
        return device.remember(page, device.device_id())


def _take(
    uow: UnitOfWork, services: Services, program: ProgramView, face: CardFace, form: EnrolForm
) -> Response:
    browser, spoken = device.device_id(), pages.language()
    source = url_for("enrol.offer", slug=program.slug)
    draft = form.draft(spoken, _wording(face, spoken), source)
    card = take_card(uow, program, device.mark(browser, program.id), draft)
    shown = {"token": card.page_token.lower(), "new": 1}
    if form.address is not None:
        contact.ask(
            uow,
            services.token_key,
            card,
            email=form.address,
            language=spoken,
            source=source,
            wording=_wording_by_email(face, spoken) if form.by_email else None,
            address=request.remote_addr or "",
        )
        shown["mail"] = 1
    return device.remember(pages.see_other("enrol.card", **shown), browser)


def _offer_page(
    face: CardFace,
    form: EnrolForm | None = None,
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
    stale: bool = False,
) -> Response:
    spoken = pages.language()
    picture = render_card(face, spoken)
    return pages.page(
        "gift.html" if face.kind == "gift" else "enrol.html",
        status=status,
        brand=picture.brand,
        indexed=True,
        card=picture,
        amount=wording.amount(face.balance).in_language(spoken),
        sentence=face.description.in_language(spoken),
        wording=_wording(face, spoken),
        wording_by_email=_wording_by_email(face, spoken),
        link_picture=f"{face.enrol_url}/{face.design_id}/banner-{spoken}.png",
        form=form or EnrolForm(),
        errors=errors or {},
        stale=stale,
    )


def _wording(face: CardFace, spoken: str) -> str:
    """What the box to tick says, word for word as it is kept with the consent."""
    return say("consent", spoken, organization=face.organization)


def _wording_by_email(face: CardFace, spoken: str) -> str:
    """The same for the box beside the address."""
    return say("consent_by_email", spoken, organization=face.organization)
