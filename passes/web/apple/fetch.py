"""Handing out a pass as it stands, or saying that the phone has it already.

HTTP dates have seconds, so two versions within one second would look the same to a phone. Hence
`cards.modified_s` starts one second back and grows by at least one with every version. Where that runs
ahead of the clock the answer is dated now, as a date must not lie in the future, and the phone asks again.
"""

import structlog
from flask import Response, request
from sqlalchemy import select
from werkzeug.http import http_date, parse_date

from passes.cards.models import Card
from passes.clock import real_now
from passes.errors import ConfigurationError, Refusal
from passes.wallets.apple.bundle import PKPASS_TYPE
from passes.web.apple.answers import unauthenticated, unavailable
from passes.web.apple.services import AppleServices

SIGNING_RETRY_S = 300

log = structlog.get_logger(__name__)


def fetch(services: AppleServices, pass_type: str, serial: str) -> Response:
    """200 with the pass, 304 unless it changed since `If-Modified-Since`, 503 while none can be signed."""
    with services.database.read() as uow:
        # Read before the pass is built: a change in between makes the pass newer than its date, and the
        # phone asks again; the other way round it would never learn of the change.
        modified_s = uow.conn.execute(select(Card.modified_s).where(Card.id == serial)).scalar()
        if modified_s is None:
            return unauthenticated()
        headers = {
            "Cache-Control": "private, no-store",
            "Last-Modified": http_date(min(modified_s, int(real_now().timestamp()))),
        }
        seen_s = seconds_of(request.headers.get("If-Modified-Since"))
        if seen_s is not None and seen_s >= modified_s:
            return Response(status=304, headers=headers)
        try:
            content = services.build_pass(uow, serial, pass_type)
        except (ConfigurationError, Refusal) as error:
            log.error("pass_not_signed", card_id=serial, pass_type=pass_type, reason=str(error))
            return unavailable(
                "This pass cannot be signed at the moment. The card is valid; please ask again later.",
                SIGNING_RETRY_S,
            )
    return Response(content, 200, headers, content_type=PKPASS_TYPE)


def seconds_of(http_time: str | None) -> int | None:
    """Unix seconds of an HTTP date; None for anything else, which counts as not sent (RFC 9110, 13.1.3)."""
    try:
        at = parse_date(http_time)
    except OverflowError:
        return None
    return None if at is None else int(at.timestamp())
