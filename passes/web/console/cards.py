"""`/console/cards`: the cards a merchant offers, and how each looks in either wallet and language."""

from flask import Blueprint, Response, abort, request, url_for

from passes.cards.face import LANGUAGES
from passes.cells import plain_cell
from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.errors import NotFound
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.programs import queries as programs
from passes.programs.queries import ProgramView
from passes.wallets.preview.png import scene_png
from passes.web import pages, previews
from passes.web.console.listing import LIST_LENGTH, table
from passes.web.console.session import signed_in
from passes.web.enrol.material import sample
from passes.web.files import as_file
from passes.wiring import Services

_COLUMNS = ("id", "kind", "name", "version", "updated_at")
_DOWNLOAD_SCALE = 3.0


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add the list of cards, its export, and the page and pictures of each."""

    @blueprint.get("/cards")
    @signed_in(services)
    def cards(caller: Caller) -> Response:
        search = request.args.get("q", "")
        with services.database.read() as uow:
            merchant = merchants.merchant(uow, caller.merchant_id)
            found = [
                (program, previews.thumbnail(sample(uow, services, program), pages.language()))
                for program in _listed(uow, caller, search)
            ]
        address = url_for("console.cards")
        return pages.page(
            "console/cards.html", merchant=merchant, found=found, search=search, address=address
        )

    @blueprint.get("/cards.csv")
    @signed_in(services)
    def cards_export(caller: Caller) -> Response:
        with services.database.read() as uow:
            listed = _listed(uow, caller, request.args.get("q", ""))
        return table("cards", _COLUMNS, (_row(program) for program in listed))

    @blueprint.get("/cards/<program_id>")
    @signed_in(services)
    def card(caller: Caller, program_id: str) -> Response:
        with services.database.read() as uow:
            merchant = merchants.merchant(uow, caller.merchant_id)
            program = _program_or_404(uow, caller, program_id)
            face = sample(uow, services, program)
        shown = previews.in_both_languages(face, merchant.time_zone)
        address = url_for("console.card", program_id=program.id)
        return pages.page(
            "console/card.html", merchant=merchant, program=program, shown=shown, address=address
        )

    @blueprint.get("/cards/<program_id>/<name>-<spoken>.png")
    @signed_in(services)
    def card_picture(caller: Caller, program_id: str, name: str, spoken: str) -> Response:
        with services.database.read() as uow:
            zone = merchants.merchant(uow, caller.merchant_id).time_zone
            face = sample(uow, services, _program_or_404(uow, caller, program_id))
        scene = previews.side(face, name, spoken, zone) if spoken in LANGUAGES else None
        if scene is None:
            abort(404)
        return as_file(scene_png(scene, _DOWNLOAD_SCALE), "image/png", f"{name}-{spoken}.png")


def _listed(uow: UnitOfWork, caller: Caller, search: str) -> list[ProgramView]:
    found = programs.listing(uow, caller.merchant_id, LIST_LENGTH, None).items
    return [program for program in found if search.lower() in program.name.lower()]


def _program_or_404(uow: UnitOfWork, caller: Caller, program_id: str) -> ProgramView:
    try:
        return programs.get(uow, caller.merchant_id, program_id)
    except NotFound:
        abort(404)


def _row(program: ProgramView) -> tuple[str | int, ...]:
    changed = format_rfc3339(program.updated_at)
    return program.id, program.kind, plain_cell(program.name), program.version, changed
