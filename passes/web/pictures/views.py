"""`/images/...` and `/pictures/...`: public, and named so that they never change under their name.

Only pictures that a card can show are drawn: an address with other numbers in it is an address of nothing,
or asking for them would be a way to keep us drawing.
"""

import re

from flask import Blueprint, Response, abort

from passes.cards import faces
from passes.cards.face import CardFace
from passes.errors import NotFound
from passes.programs import queries as programs
from passes.programs.rules import StampRules
from passes.wallets.art.picture_id import picture_id, wide_logo_id
from passes.wallets.art.pictures import hero_png, square_logo_png, wide_logo_png
from passes.web import pages
from passes.web.assets import IMMUTABLE
from passes.wiring import Services

LOGO_SIZE = 660
"""Google's smallest square logo, in pixels."""
_STATE = re.compile(r"(0|[1-9][0-9]{0,2})-([01])")
"""How many stamps, and whether a reward waits."""


def create_blueprint(services: Services) -> Blueprint:
    """The addresses of pictures."""
    blueprint = Blueprint("pictures", __name__)
    blueprint.before_request(pages.refuse_nul)

    @blueprint.get("/images/<sha256>.png")
    def upload(sha256: str) -> Response:
        with services.database.read() as uow:
            content = programs.image(uow, sha256)
        return abort(404) if content is None else _picture(content, may_be_kept=True)

    @blueprint.get("/pictures/<slug>/<name>/logo.png")
    def logo(slug: str, name: str) -> Response:
        face = _sample(services, slug)
        return _picture(square_logo_png(face, LOGO_SIZE), may_be_kept=name == picture_id(face))

    @blueprint.get("/pictures/<slug>/<name>/wide-logo.png")
    def wide_logo(slug: str, name: str) -> Response:
        face = _sample(services, slug)
        return _picture(wide_logo_png(face), may_be_kept=name == wide_logo_id(face))

    @blueprint.get("/pictures/<slug>/<name>/hero-<state>.png")
    def hero(slug: str, name: str, state: str) -> Response:
        counts = _STATE.fullmatch(state) or abort(404)
        face = _sample(services, slug, int(counts[1]), int(counts[2]))
        return _picture(hero_png(face), may_be_kept=name == picture_id(face))

    return blueprint


def _sample(services: Services, slug: str, filled: int = 0, rewards: int = 0) -> CardFace:
    """A card of the program in that state; 404 where there is no such program or state."""
    with services.database.read() as uow:
        try:
            program = programs.by_slug(uow, slug)
        except NotFound:
            abort(404)
        most = (program.rules.stamps_required, 1) if isinstance(program.rules, StampRules) else (0, 0)
        if filled > most[0] or rewards > most[1]:
            abort(404)
        return faces.sample_face(uow, services.base_url, program, filled, rewards)


def _picture(content: bytes, *, may_be_kept: bool) -> Response:
    response = Response(content, content_type="image/png")
    # An address of another design gets today's picture, but nobody may keep it under that address.
    response.headers["Cache-Control"] = IMMUTABLE if may_be_kept else "no-cache"
    return response
