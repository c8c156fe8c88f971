"""`/scanner/card`: type a code, see the card, stamp or redeem."""

from flask import Blueprint, Response, request
from flask_wtf.csrf import CSRFError

from passes.cards import queries as cards
from passes.cards.errors import BarcodeStale
from passes.errors import CardNotFound, RateLimited
from passes.web import pages
from passes.web.scanner import approving, session, sign_in
from passes.web.scanner.acting import Sent, carry_out, what_was_done
from passes.web.scanner.desk import NotSignedIn, open_desk, signed_in
from passes.web.scanner.wishes import WrongInput, wish
from passes.wiring import Services

_LONGEST_CODE = 60
_NOT_SHOWN = {
    "card_not_found": (404, "unknown_code"),
    "barcode_stale": (409, "refused_barcode_stale"),
    "rate_limited": (429, "too_many_codes"),
}


def create_blueprint(services: Services) -> Blueprint:
    """The scanner's addresses."""
    blueprint = Blueprint("scanner", __name__, url_prefix=session.PATH)
    blueprint.before_request(pages.refuse_nul)
    sign_in.add_routes(blueprint, services)

    @blueprint.post("/card")
    def look_up() -> Response:
        code = request.form.get("code", "").strip()
        with services.database.read() as uow:
            caller = signed_in(uow)
            if not code:
                return sign_in.till_page(uow, caller, error="no_code", status=422)
            try:
                found = cards.by_code(uow, caller.merchant_id, code)
                return pages.see_other("scanner.card", card_id=found.id)
            except (CardNotFound, BarcodeStale, RateLimited) as refusal:
                status, error = _NOT_SHOWN[refusal.code]
                return sign_in.till_page(uow, caller, code=code[:_LONGEST_CODE], error=error, status=status)

    @blueprint.get("/card/<card_id>")
    def card(card_id: str) -> Response:
        with services.database.read() as uow:
            desk = open_desk(uow, services, card_id)
            return desk.page(said=what_was_done(desk, request.args.get("did", "")))

    @blueprint.post("/card/<card_id>/<action>")
    def act(card_id: str, action: str) -> Response:
        sent = Sent.of(card_id, action, request.form.to_dict())
        with services.database.read() as uow:
            desk = open_desk(uow, services, card_id)
            try:
                wanted = wish(action, sent.fields, desk.program)
            except WrongInput as error:
                return desk.page(errors={error.field: error.key}, sent=sent.to_fill_in(), status=422)
        if wanted is None or not sent.has_our_key:
            return pages.error_page(404)
        return carry_out(services, sent, wanted)

    approving.add_routes(blueprint, services)

    @blueprint.errorhandler(CSRFError)
    @blueprint.errorhandler(NotSignedIn)
    def start_again(error: CSRFError | NotSignedIn) -> Response:
        return pages.see_other("scanner.start", **({"stale": 1} if isinstance(error, CSRFError) else {}))

    @blueprint.errorhandler(CardNotFound)
    def unknown(_error: CardNotFound) -> Response:
        return pages.error_page(404)

    return blueprint
