"""What phones have to say about our answers: the only hint from the other side when something is wrong.

Nobody authenticates here, so it is held small: few messages, short ones, no secrets, a limited number per
second. What is over the limit is counted and not kept; the phone is told 200 either way.
"""

import re
import threading
import time
from collections.abc import Callable

import structlog
from flask import Response, request

from passes.web.apple.answers import invalid
from passes.web.apple.requests import json_object
from passes.web.apple.services import AppleServices

MAX_MESSAGES = 20
MAX_LENGTH = 500
PER_S = 5
BURST = 50

_CARD_ID = r"card_[0-9a-z]{26}\b"
# Tokens and device ids are long runs of letters and digits; a card's id is one too, but no secret.
_SECRET = re.compile(rf"(?!{_CARD_ID})(?<![\w+-])[\w+-]{{16,}}=*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

log = structlog.get_logger(__name__)


class Budget:
    """Lets `per_s` calls through each second, and `burst` after a pause; safe to share by threads."""

    def __init__(
        self, per_s: float = PER_S, burst: int = BURST, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_s, self._burst, self._monotonic = per_s, burst, monotonic
        self._lock = threading.Lock()
        self._left, self._at = float(burst), monotonic()
        self._refused = 0

    def spend(self) -> int | None:
        """None when nothing is left; else how many calls were refused since the last that was not."""
        with self._lock:
            now = self._monotonic()
            self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
            self._at = now
            if self._left < 1:
                self._refused += 1
                return None
            self._left -= 1
            refused, self._refused = self._refused, 0
            return refused


_budget = Budget()


def write(services: AppleServices) -> Response:
    """Log what the phone reports, redacted; always 200 for a well-formed report."""
    messages = (json_object(request) or {}).get("logs")
    if not isinstance(messages, list) or not all(isinstance(m, str) for m in messages):
        return invalid("logs", "must be a list of texts")
    refused = _budget.spend()
    if refused is not None:
        kept = [redact(m) for m in messages[:MAX_MESSAGES]]
        log.warning("device_log", messages=kept, more=len(messages) - len(kept), unheard=refused)
    return Response(status=200)


def redact(message: str) -> str:
    """The message on one line, cut to a length, with whatever might be a secret left out."""
    return _SECRET.sub("[...]", _CONTROL.sub(" ", message[: 4 * MAX_LENGTH]))[:MAX_LENGTH]
