"""`/c/{token}`: the card as it looks, what is on it, and the way into a wallet.

The token in the address is all that lets somebody see a card, so nothing here may leak the address.
"""

import re

import structlog
from flask import Blueprint, Response, abort, make_response, redirect, request, url_for

from passes.cards import faces
from passes.cards import queries as cards
from passes.cards.face import CardFace
from passes.cards.rules import CardView
from passes.clock import real_now
from passes.db.engine import UnitOfWork
from passes.errors import Busy, ConfigurationError, Refusal
from passes.members import queries as members
from passes.members import service as member_service
from passes.members.rules import ConsentDraft, may_speak
from passes.merchants import queries as merchants
from passes.wallets.apple.bundle import PKPASS_TYPE
from passes.wallets.google.errors import GoogleError
from passes.wallets.signing.expiry import require_usable
from passes.wallets.web.picture import render_card
from passes.wallets.web.qr import qr_code
from passes.web import assets, pages, previews
from passes.web.enrol.visitor import visitor_of
from passes.web.enrol.voucher import can_be_printed
from passes.web.files import as_file
from passes.web.history import recent
from passes.web.texts import say
from passes.wiring import Services

log = structlog.get_logger(__name__)

GOOGLE_PATIENCE_S = 3.0
"""How long a customer waits for Google before the page says that it is slow."""
ACTOR = "card page"
_YES_OR_NO = {"yes": True, "no": False}
_CAN_BE_SAID: dict[tuple[str, bool], str] = {
    ("wallet", True): "consent",
    ("wallet", False): "consent_withdrawn",
    ("email", False): "consent_email_withdrawn",
}
"""What may be said on the page, by channel, and the words of it."""


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the card's page and what hangs below it."""

    @blueprint.get("/c/<token>")
    def card(token: str) -> Response:
        with services.database.read() as uow:
            return _card_page(uow, services, _card_or_404(uow, token))

    @blueprint.get("/c/<token>/card.pkpass")
    def apple_pass(token: str) -> Response:
        with services.database.read() as uow:
            found = _card_or_404(uow, token)
            slug = faces.face_for(uow, services.base_url, found).program_slug
            try:
                content = services.build_pass(uow, found.id)
            except Refusal as refusal:
                log.warning("pass_not_signed", card_id=found.id, reason=refusal.detail)
                return pages.error_page(503, key="pass_off", link=_address(token))
        return _pass_file(content, slug)

    @blueprint.get("/c/<token>/google")
    def google_pass(token: str) -> Response:
        with services.database.read() as uow:
            found = _card_or_404(uow, token)
        if services.google is None:
            return pages.error_page(404, key="google_off", link=_address(token))
        try:
            link = services.save_link(found.id, GOOGLE_PATIENCE_S)
        except (GoogleError, Busy) as error:
            log.warning("google_not_ready", card_id=found.id, reason=str(error))
            return pages.error_page(503, key="google_slow", link=_address(token))
        response = make_response(redirect(link.save_url, 303))
        response.headers["Cache-Control"] = "no-store"
        return response

    @blueprint.post("/c/<token>/consent")
    def consent(token: str) -> Response:
        granted = _YES_OR_NO.get(request.form.get("granted", ""))
        channel = request.form.get("channel", "wallet")
        # A word that is neither must not become a no in somebody's name; a yes to mails takes a mail.
        if granted is None or (channel, granted) not in _CAN_BE_SAID:
            abort(400)
        with services.database.write() as uow:
            found = _card_or_404(uow, token)
            if found.member_id is not None:
                _record_consent(uow, found, channel, granted=granted)
        return pages.see_other("enrol.card", token=token)


def _address(token: str) -> str:
    return url_for("enrol.card", token=token)


def _card_or_404(uow: UnitOfWork, token: str) -> CardView:
    found = cards.by_page_token(uow, token)
    if found is None:
        abort(404)
    pages.at_home(merchants.merchant(uow, found.merchant_id))
    return found


def _card_page(uow: UnitOfWork, services: Services, card: CardView) -> Response:
    spoken = pages.language()
    face = faces.face_for(uow, services.base_url, card, services.token_key)
    picture = render_card(face, spoken)
    zone = merchants.merchant(uow, card.merchant_id).time_zone
    visitor = visitor_of(request.headers.get("User-Agent", ""))
    return pages.page(
        "card_page.html",
        brand=picture.brand,
        card=picture,
        face=face,
        state_key=_state_key(face),
        history=recent(uow, card, zone, spoken),
        visitor=visitor,
        wallets=[
            (name, _is_on(services, face, name), assets.artwork(name, spoken)) for name in visitor.wallets
        ],
        token=card.page_token.lower(),
        page_qr=qr_code(face.page_url),
        # Most of the page's bytes, and hardly anybody looks: drawn for whoever unfolds them.
        previews=previews.sides(face, spoken, zone) if "wallets" in request.args else (),
        printable=can_be_printed(face),
        consent=_consent(uow, card),
        consent_email=bool(_consent(uow, card, "email")),
        mail_note=_mail_note(),
        is_new="new" in request.args,
    )


def _state_key(face: CardFace) -> str | None:
    """The key of the text that has to be said about how the card stands, if any."""
    if face.state != "active":
        return f"state_{face.state}"
    return "state_used" if face.spent else None


def _is_on(services: Services, face: CardFace, wallet: str) -> bool:
    """Whether a tap on the wallet's button would lead to a pass."""
    if wallet == "google":
        return services.google is not None
    try:
        identity = services.signing_identity(face.merchant_slug)
        require_usable(identity, real_now())
    except (Refusal, ConfigurationError):
        return False
    return identity.development or services.settings.is_https


def _pass_file(content: bytes, slug: str) -> Response:
    """The pass as Safari wants it; https://developer.apple.com/documentation/walletpasses/distributing-and-updating-a-pass."""
    name = re.sub(r"[^a-z0-9-]", "", slug) or "card"
    response = as_file(content, PKPASS_TYPE, f"{name}.pkpass", opened=True)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _mail_note() -> str | None:
    """The key of what is to be said about a mail, right after it was asked for or confirmed."""
    if "confirmed" in request.args:
        return "address_confirmed"
    return "mail_on_its_way" if "mail" in request.args else None


def _consent(uow: UnitOfWork, card: CardView, channel: str = "wallet") -> bool | None:
    """Whether news may come onto the card, or by mail; None where nobody is known who could say so."""
    if card.member_id is None:
        return None
    return may_speak(members.get(uow, card.merchant_id, card.member_id).consents, "marketing", channel)


def _record_consent(uow: UnitOfWork, card: CardView, channel: str, *, granted: bool) -> None:
    spoken = pages.language()
    assert card.member_id is not None
    organization = merchants.merchant(uow, card.merchant_id).name
    draft = ConsentDraft(
        purpose="marketing",
        channel="email" if channel == "email" else "wallet",
        granted=granted,
        wording=say(_CAN_BE_SAID[channel, granted], spoken, organization=organization),
        source="the card's page",
    )
    member_service.record_consent(uow, card.merchant_id, card.member_id, draft, ACTOR)
