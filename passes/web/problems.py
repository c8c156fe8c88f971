"""What HTTP makes of a refusal: the one place that maps codes to statuses.

Bodies are `application/problem+json` (RFC 9457). A refusal that depends only on the request and the books is
definite: it is stored under the request's idempotency key and replayed. The others are not remembered,
because asking again may rightly get another answer.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Response

from passes.errors import FieldError, RateLimited, Refusal

CONTENT_TYPE = "application/problem+json"

STATUS: dict[str, tuple[int, str]] = {
    "idempotency_key_required": (400, "Idempotency-Key is missing"),
    "malformed_json": (400, "The body is no JSON"),
    "unauthenticated": (401, "Who are you?"),
    "insufficient_balance": (402, "Not enough on the card"),
    "scope_missing": (403, "The key may not do that"),
    "location_not_allowed": (403, "The key belongs to another location"),
    "card_not_found": (404, "No such card"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Method not allowed"),
    "card_not_active": (409, "The card is not active"),
    "card_expired": (409, "The card has expired"),
    "barcode_stale": (409, "The barcode has changed since"),
    "already_redeemed": (409, "Already redeemed"),
    "no_reward_available": (409, "No reward is waiting"),
    "refund_exceeds_redemption": (409, "More than can be refunded"),
    "hold_not_open": (409, "The hold is not open"),
    "capture_exceeds_hold": (409, "More than is held"),
    "reversed": (409, "Reversed"),
    "program_limit": (409, "The program does not allow that"),
    "offer_not_applicable": (409, "The offer does not apply"),
    "wallet_not_configured": (409, "This wallet is not set up"),
    "idempotency_key_in_use": (409, "A request with this key is still running"),
    "approval_state": (409, "The approval cannot do that now"),
    "second_person_required": (409, "Somebody else has to do that"),
    "campaign_state": (409, "The campaign cannot do that now"),
    "too_large": (413, "The body is too large"),
    "invalid_request": (422, "Something in the request is wrong"),
    "asset_mismatch": (422, "Wrong currency or unit"),
    "wrong_kind": (422, "This kind of card cannot do that"),
    "idempotency_key_reused": (422, "The key was used for something else"),
    "rate_limited": (429, "Too many requests"),
    "internal_error": (500, "Something went wrong here"),
    "busy": (503, "Busy, try again"),
}

NOT_REMEMBERED = frozenset(
    {
        "idempotency_key_required",
        "malformed_json",
        "unauthenticated",
        "scope_missing",
        "location_not_allowed",
        "invalid_request",
        "idempotency_key_in_use",
        "idempotency_key_reused",
        "rate_limited",
        "internal_error",
        "busy",
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal on its way out."""

    code: str
    detail: str
    extra: dict[str, Any] = field(default_factory=dict)
    retry_after_s: int | None = None

    @property
    def status(self) -> int:
        """The HTTP status of the code."""
        return STATUS[self.code][0]

    def document(self) -> dict[str, Any]:
        """The problem document."""
        return {
            "type": f"/api/docs#error-{self.code}",
            "title": STATUS[self.code][1],
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.extra,
        }

    def body(self) -> bytes:
        """The problem document as it is sent."""
        return orjson.dumps(self.document())

    def response(self) -> Response:
        """The whole answer."""
        response = Response(self.body(), self.status, content_type=CONTENT_TYPE)
        if self.retry_after_s is not None:
            response.headers["Retry-After"] = str(self.retry_after_s)
        if self.status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="Stempel"'
        return response


def of_refusal(refusal: Refusal) -> Problem:
    """The problem a refusal becomes."""
    retry_after_s = refusal.retry_after_s if isinstance(refusal, RateLimited) else None
    return Problem(refusal.code, refusal.detail, refusal.extra, retry_after_s)


def of_fields(error: FieldError) -> Problem:
    """The problem that wrong fields become."""
    return invalid(error.errors)


def invalid(errors: list[dict[str, str]]) -> Problem:
    """422 naming each wrong field and what to do about it."""
    first = errors[0]
    return Problem("invalid_request", f"{first['field']}: {first['message']}", {"errors": errors})


def busy(detail: str = "The database is busy; nothing was done.") -> Problem:
    """503: nothing happened, asking again with the same key is safe."""
    return Problem("busy", detail, retry_after_s=1)
