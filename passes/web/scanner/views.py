"""`/scanner/card`: type a code, see the card, stamp or redeem. Every form has its effect once.

A form carries an idempotency key of its own, so a double tap, a reload and a slow network come down to one
effect; what happened is read back under that key, so a reload still says so.
"""

from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, Response, request
from flask_wtf.csrf import CSRFError

from passes.cards import queries as cards
from passes.cards.errors import BarcodeStale
from passes.db.engine import UnitOfWork
from passes.errors import CardNotFound, RateLimited
from passes.ledger import queries as books
from passes.redemption.service import TillCall
from passes.web import keyed, pages
from passes.web.api_v1 import present
from passes.web.keyed import Answer
from passes.web.problems import NOT_REMEMBERED
from passes.web.scanner import session, sign_in
from passes.web.scanner.desk import KEY_PREFIX, Desk, NotSignedIn, open_desk, signed_in
from passes.web.scanner.outcome import refusal_in_words, success_in_words
from passes.web.scanner.wishes import Wish, WrongInput, wish
from passes.wiring import Services

_LONGEST_KEY = 64
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
            return desk.page(said=_what_was_done(desk, request.args.get("did", "")))

    @blueprint.post("/card/<card_id>/<action>")
    def act(card_id: str, action: str) -> Response:
        with services.database.read() as uow:
            desk = open_desk(uow, services, card_id)
            try:
                wanted = wish(action, request.form, desk.program)
            except WrongInput as error:
                return desk.page(errors={error.field: error.key}, sent=_sent(action), status=422)
        if wanted is None or not _is_our_key(_key()):
            return pages.error_page(404)
        answer = _perform(services, card_id, wanted)
        if not answer.is_problem:
            return pages.see_other("scanner.card", card_id=card_id, did=_key())
        with services.database.read() as uow:
            return _refused(open_desk(uow, services, card_id), action, answer)

    @blueprint.errorhandler(CSRFError)
    @blueprint.errorhandler(NotSignedIn)
    def start_again(error: CSRFError | NotSignedIn) -> Response:
        return pages.see_other("scanner.start", **({"stale": 1} if isinstance(error, CSRFError) else {}))

    @blueprint.errorhandler(CardNotFound)
    def unknown(_error: CardNotFound) -> Response:
        return pages.error_page(404)

    return blueprint


def _key() -> str:
    return request.form.get("key", "")


def _is_our_key(key: str) -> bool:
    return key.startswith(KEY_PREFIX) and len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()


def _sent(action: str) -> dict[str, str]:
    """The form as sent, with the action it was for."""
    return {**request.form.to_dict(), "action": action}


def _perform(services: Services, card_id: str, wanted: Wish) -> Answer:
    """Carry the wish out once, as the till API would."""

    def prepare(uow: UnitOfWork) -> tuple[str, Callable[[], Any]]:
        caller = signed_in(uow)
        call = TillCall(caller.merchant_id, caller.actor, card_id=card_id, location_id=caller.location_id)
        return caller.merchant_id, lambda: present.transaction(wanted(uow, call))

    asked = {name: value for name, value in request.form.items() if name not in ("csrf_token", "key")}
    request_hash = keyed.fingerprint(request.method, request.path, asked)
    return keyed.perform(services.database, prepare, status=201, key=_key(), request_hash=request_hash)


def _refused(desk: Desk, action: str, answer: Answer) -> Response:
    problem = orjson.loads(answer.body)
    sent = _sent(action)
    if problem["code"] not in NOT_REMEMBERED:
        # A definite no is kept under the key, so another try needs another key.
        del sent["key"]
    words = refusal_in_words(problem, pages.language())
    return desk.page(refused=words, sent=sent, status=answer.status)


def _what_was_done(desk: Desk, key: str) -> str | None:
    if not _is_our_key(key):
        return None
    answered = books.answered(desk.uow, desk.caller.merchant_id, key)
    if answered is None or answered.body is None or answered.status >= 400:
        return None
    done = orjson.loads(answered.body)
    return success_in_words(done, pages.language()) if done["card_id"] == desk.card.id else None
