"""`/c/{token}/voucher`: a gift card on paper, with words of the giver's own that are kept nowhere."""

import re
from typing import cast

from flask import Blueprint, Response, abort, request

from passes.cards import faces
from passes.cards import queries as cards
from passes.cards.face import CardFace
from passes.merchants import queries as merchants
from passes.wallets.print.voucher import LONGEST_MESSAGE, LONGEST_NAME, Paper, Wish, voucher_pdf
from passes.web import pages
from passes.web.files import as_file
from passes.wiring import Services

_PAPERS = ("a4", "folded")
_CONTROL = re.compile(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f]")


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the voucher as it is, and with a wish on it."""

    @blueprint.get("/c/<token>/voucher.pdf")
    def voucher(token: str) -> Response:
        return _printed(_gift_or_404(services, token), Wish(), request.args.get("paper", "a4"))

    @blueprint.post("/c/<token>/voucher.pdf")
    def voucher_with_wish(token: str) -> Response:
        typed = request.form
        wish = Wish(
            recipient=_one_line(typed.get("recipient", "")),
            sender=_one_line(typed.get("sender", "")),
            message=_clean(typed.get("message", ""))[:LONGEST_MESSAGE],
        )
        return _printed(_gift_or_404(services, token), wish, typed.get("paper", "a4"))


def can_be_printed(face: CardFace) -> bool:
    """Whether there is something to give away: a gift card that can be used."""
    return face.kind == "gift" and face.state in ("active", "pending")


def _gift_or_404(services: Services, token: str) -> CardFace:
    with services.database.read() as uow:
        card = cards.by_page_token(uow, token)
        if card is None:
            abort(404)
        pages.at_home(merchants.merchant(uow, card.merchant_id))
        face = faces.face_for(uow, services.base_url, card, services.token_key)
    return face if can_be_printed(face) else abort(404)


def _printed(face: CardFace, wish: Wish, paper: str) -> Response:
    if paper not in _PAPERS:
        abort(400)
    content = voucher_pdf(face, wish, cast("Paper", paper), pages.language())
    name = re.sub(r"[^a-z0-9-]", "", face.program_slug)
    response = as_file(content, "application/pdf", f"{name}.pdf", opened=True)
    # The address of a card is the key to it, and so is the paper.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())[:LONGEST_NAME]
