"""What belongs to a program rather than to a person: its pictures for the page, and the poster."""

import re
from collections.abc import Mapping
from functools import partial

from flask import Blueprint, Response, abort

from passes.cards import faces
from passes.cards.face import LANGUAGES, CardFace
from passes.db.engine import UnitOfWork
from passes.errors import NotFound
from passes.merchants import queries as merchants
from passes.programs import queries as programs
from passes.programs.queries import ProgramView
from passes.programs.rules import GiftRules, Rules, StampRules
from passes.wallets.preview.png import scene_png
from passes.wallets.print.poster import poster_pdf
from passes.wallets.web.drawings import drawing_png
from passes.web import pages, previews
from passes.web.assets import IMMUTABLE
from passes.wiring import Services

_SAMPLE_STAMPS = 3
_SAMPLE_GIFT_MINOR = 5_000
"""How many stamps, or how much, the card on an enrolment page shows: enough to see what it is about."""


def _banner(face: CardFace, spoken: str) -> bytes:
    return scene_png(previews.banner(face, spoken), 3)


_BANNERS = {f"banner-{spoken}": partial(_banner, spoken=spoken) for spoken in LANGUAGES}
"""What a messenger shows beside the link to a card."""


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the addresses of drawings and poster."""

    @blueprint.get("/e/<slug>/<design>/<name>.png")
    def drawing(slug: str, design: str, name: str) -> Response:
        with services.database.read() as uow:
            face = sample(uow, services, program_or_404(uow, slug))
        content = _BANNERS[name](face) if name in _BANNERS else drawing_png(face, name)
        if content is None:
            abort(404)
        response = Response(content, content_type="image/png")
        # An address of an older design gets today's picture, but nobody may keep it under that address.
        response.headers["Cache-Control"] = IMMUTABLE if design == face.design_id else "no-cache"
        return response

    @blueprint.get("/e/<slug>/poster.pdf")
    def poster(slug: str) -> Response:
        with services.database.read() as uow:
            program = program_or_404(uow, slug)
            face = sample(uow, services, program)
        response = Response(poster_pdf(face), content_type="application/pdf")
        name = re.sub(r"[^a-z0-9-]", "", program.slug)
        response.headers["Content-Disposition"] = f"inline; filename={name}-poster.pdf"
        response.headers["Cache-Control"] = "no-cache"
        return response


def program_or_404(uow: UnitOfWork, slug: str) -> ProgramView:
    """The program behind an enrolment address, whose merchant's page this is."""
    try:
        program = programs.by_slug(uow, slug)
    except NotFound:
        abort(404)
    pages.at_home(merchants.merchant(uow, program.merchant_id))
    return program


def sample(
    uow: UnitOfWork,
    services: Services,
    program: ProgramView,
    pictures: Mapping[str, bytes] | None = None,
) -> CardFace:
    """The card as it could look after a few visits; with `pictures` where those are not stored."""
    return faces.sample_face(uow, services.base_url, program, _filled(program.rules), pictures=pictures)


def _filled(rules: Rules) -> int:
    if isinstance(rules, StampRules):
        return max(0, min(_SAMPLE_STAMPS, rules.stamps_required - 1))
    if isinstance(rules, GiftRules):
        most = rules.maximum_balance
        return _SAMPLE_GIFT_MINOR if most is None else min(_SAMPLE_GIFT_MINOR, most.amount)
    return 0
