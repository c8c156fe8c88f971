"""`/e/{slug}/confirm/{token}`: where the link in a mail leads. Looking changes nothing; the button confirms.

Mail programs and scanners open every link they see, so opening one must not be a yes. The address lies
below `/e/` because the browser shows who it is only there.
"""

from flask import Blueprint, Response, abort, request, url_for

from passes.cards import queries as cards
from passes.cards.face import CardFace
from passes.db.engine import UnitOfWork
from passes.members import confirmations
from passes.members.confirmations import ConfirmationView
from passes.wallets.web.picture import render_card
from passes.web import pages
from passes.web.attempts import Turnstile
from passes.web.enrol import contact, device
from passes.web.enrol.material import program_or_404, sample
from passes.web.texts import say
from passes.wiring import Services

LINKS_PER_ADDRESS = "120 per 10 minutes"


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the page behind the link, and what its button does."""
    turnstile = Turnstile(LINKS_PER_ADDRESS)

    @blueprint.get("/e/<slug>/confirm/<token>")
    def confirm_page(slug: str, token: str) -> Response:
        if not turnstile.admits(request.remote_addr or ""):
            return pages.error_page(429)
        with services.database.read() as uow:
            face = sample(uow, services, program_or_404(uow, slug))
            asked = _asked_or_404(uow, slug, token)
        return _page(face, asked, token) if asked.is_open() else _closed(face, asked)

    @blueprint.post("/e/<slug>/confirm/<token>")
    def confirm(slug: str, token: str) -> Response:
        if not turnstile.admits(request.remote_addr or ""):
            return pages.error_page(429)
        with services.database.write() as uow:
            program = program_or_404(uow, slug)
            face = sample(uow, services, program)
            asked = _asked_or_404(uow, slug, token)
            mark = device.mark(device.device_id(), program.id)
            card = contact.confirm(uow, asked, _wording(face, asked), mark)
            if card is None:
                return _closed(face, confirmations.get(uow, asked.merchant_id, asked.id) or asked)
            return pages.see_other("enrol.card", token=card.page_token.lower(), confirmed=1)


def _asked_or_404(uow: UnitOfWork, slug: str, token: str) -> ConfirmationView:
    asked = confirmations.by_token(uow, token)
    if asked is None:
        abort(404)
    card = cards.get(uow, asked.merchant_id, asked.card_id)
    return asked if program_or_404(uow, slug).id == card.program_id else abort(404)


def _page(face: CardFace, asked: ConfirmationView, token: str) -> Response:
    picture = render_card(face, pages.language())
    wording = _wording(face, asked)
    return pages.page(
        "confirm.html", brand=picture.brand, card=picture, asked=asked, wording=wording, token=token
    )


def _closed(face: CardFace, asked: ConfirmationView) -> Response:
    """The link is used up, or came too late."""
    key = "confirm_late" if asked.member_id is None else "confirm_used"
    spoken = pages.language()
    return pages.page(
        "message.html",
        status=410,
        title=say(f"{key}_title", spoken),
        text=say(f"{key}_text", spoken),
        link=url_for("enrol.offer", slug=face.program_slug),
    )


def _wording(face: CardFace, asked: ConfirmationView) -> str:
    """What the button agrees to, word for word as it is kept."""
    spoken = pages.language()
    said = say("confirm_agree", spoken, email=asked.email, organization=face.organization)
    return said if asked.wording is None else f"{said} {say('confirm_agree_news', spoken)} {asked.wording}"
