"""`/images/...` and `/pictures/...`: public, and named so that they never change under their name."""

from flask import Blueprint, Response, abort

from passes.cards import faces
from passes.cards.face import CardFace
from passes.db.engine import UnitOfWork
from passes.errors import NotFound
from passes.programs import queries as programs
from passes.programs.rules import StampRules
from passes.wallets.art.pictures import hero_png, square_logo_png
from passes.wiring import Services

LOGO_SIZE = 660
"""Google's smallest square logo, in pixels."""


def create_blueprint(services: Services) -> Blueprint:
    """The addresses of pictures."""
    blueprint = Blueprint("pictures", __name__)

    @blueprint.get("/images/<sha256>.png")
    def upload(sha256: str) -> Response:
        with services.database.read() as uow:
            content = programs.image(uow, sha256)
        return abort(404) if content is None else _picture(content)

    @blueprint.get("/pictures/<slug>/<design_id>/logo.png")
    def logo(slug: str, design_id: str) -> Response:
        with services.database.read() as uow:
            return _picture(square_logo_png(_sample(uow, services, slug, 0, 0), LOGO_SIZE))

    @blueprint.get("/pictures/<slug>/<design_id>/hero-<int:filled>-<int:rewards>.png")
    def hero(slug: str, design_id: str, filled: int, rewards: int) -> Response:
        with services.database.read() as uow:
            return _picture(hero_png(_sample(uow, services, slug, filled, rewards)))

    return blueprint


def _sample(uow: UnitOfWork, services: Services, slug: str, filled: int, rewards: int) -> CardFace:
    """A card of the program in that state. The design in the address only tells caches apart."""
    try:
        program = programs.by_slug(uow, slug)
    except NotFound:
        abort(404)
    most = program.rules.stamps_required if isinstance(program.rules, StampRules) else 0
    return faces.sample_face(uow, services.base_url, program, min(filled, most), min(rewards, 1))


def _picture(content: bytes) -> Response:
    response = Response(content, content_type="image/png")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
