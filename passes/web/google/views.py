"""`/google/callback`: verified to the letter, acted on once."""

import structlog
from flask import Blueprint, Response, request

from passes.clock import real_now
from passes.errors import Refusal
from passes.installs import google as installs
from passes.wallets.google.ecv2 import CallbackRefused
from passes.wallets.google.errors import GoogleBusy
from passes.web import problems
from passes.wiring import Services

log = structlog.get_logger(__name__)
MAX_CALLBACK_BYTES = 64 * 1024


def create_blueprint(services: Services) -> Blueprint:
    """The one address."""
    blueprint = Blueprint("google", __name__, url_prefix="/google")

    @blueprint.post("/callback")
    def callback() -> Response:
        if services.callbacks is None:
            return problems.of_refusal(Refusal("not_found", "Google Wallet is off.")).response()
        if (request.content_length or 0) > MAX_CALLBACK_BYTES:
            return problems.Problem("too_large", "A callback is far smaller than this.").response()
        try:
            message = services.callbacks.verify(request.get_data(cache=False), real_now())
        except CallbackRefused as error:
            log.warning("google_callback_refused", reason=str(error))
            return problems.invalid(
                [{"field": "body", "message": f"is no callback of Google: {error}"}]
            ).response()
        except GoogleBusy as error:
            return problems.busy(str(error)).response()
        with services.database.write() as uow:
            saved = message.event == "save"
            installs.record_callback(uow, message.nonce, message.object_id, saved=saved, at=real_now())
        return Response(status=200)

    return blueprint
