"""What an answer of Apple's push service means for the registration that was pushed.

One table, so that the sender decides by verdict and never by status code. The statuses and reasons are
Apple's ("Handling notification responses from APNs").
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

RETRY_AFTER_THROTTLED_S = 60
# Apple asks for fifteen minutes before a server error is tried again.
RETRY_AFTER_SERVER_ERROR_S = 900
RETRY_AFTER_NO_ANSWER_S = 30


class Verdict(Enum):
    """What to do about one push."""

    ACCEPTED = auto()
    """Apple took it; that is no proof that the phone got it."""
    GONE = auto()
    """Delete the registration, unless the phone registered again after `timestamp`."""
    BAD_TOKEN = auto()
    """Delete the registration and never push to this token again."""
    RETRY = auto()
    """Push again, not before `retry_after_s`."""
    FIX = auto()
    """Our request is wrong: raise an alarm, and do not send the same again."""
    ALARM = auto()
    """Our identity is not accepted: pause this merchant's pushes, keep them, and call somebody."""


@dataclass(frozen=True, slots=True)
class PushResult:
    """How one push ended.

    `status` is Apple's, or None where no answer came. `reason` is Apple's word, or ours in a few words.
    `timestamp` is set where the verdict is GONE: since when the token is dead. `retry_after_s` is set
    where it is RETRY.
    """

    token: str
    verdict: Verdict
    status: int | None = None
    reason: str = ""
    timestamp: datetime | None = None
    retry_after_s: int | None = None


_BY_STATUS = {
    200: Verdict.ACCEPTED,
    400: Verdict.FIX,
    403: Verdict.ALARM,
    404: Verdict.FIX,
    405: Verdict.FIX,
    410: Verdict.GONE,
    413: Verdict.FIX,
    429: Verdict.RETRY,
    500: Verdict.RETRY,
    503: Verdict.RETRY,
}
# An idle connection is nobody's mistake: the same push works over the next one.
_BY_REASON_OF_400 = {
    "BadDeviceToken": Verdict.BAD_TOKEN,
    "DeviceTokenNotForTopic": Verdict.BAD_TOKEN,
    "IdleTimeout": Verdict.RETRY,
}


def judge(status: int, body: bytes) -> Verdict:
    """The verdict on an answer; a status outside Apple's table is RETRY from 500 on, else FIX."""
    if status == 400:
        return _BY_REASON_OF_400.get(read_reason(body)[0], Verdict.FIX)
    return _BY_STATUS.get(status, Verdict.RETRY if status >= 500 else Verdict.FIX)


def answered(token: str, status: int, body: bytes, sent_at: datetime) -> PushResult:
    """The result of a push that got an answer.

    A 410 without a usable timestamp counts from `sent_at`, so that a phone which registered again while
    the push was under way keeps its registration.
    """
    verdict = judge(status, body)
    reason, timestamp = read_reason(body)
    gone_since = (timestamp or sent_at) if verdict is Verdict.GONE else None
    wait_s = _wait_s(status) if verdict is Verdict.RETRY else None
    return PushResult(token, verdict, status, reason, gone_since, wait_s)


def unanswered(token: str, reason: str) -> PushResult:
    """The result of a push that got no answer: safe to repeat, since a pass push only says "fetch"."""
    return PushResult(token, Verdict.RETRY, reason=reason, retry_after_s=RETRY_AFTER_NO_ANSWER_S)


def read_reason(body: bytes) -> tuple[str, datetime | None]:
    """Reason and timestamp of an error body; empty and None where there are none to be read."""
    try:
        said = json.loads(body)
    except ValueError:
        return "", None
    if not isinstance(said, dict):
        return "", None
    reason = said.get("reason")
    return (reason if isinstance(reason, str) else ""), _moment(said.get("timestamp"))


def _moment(milliseconds: object) -> datetime | None:
    if type(milliseconds) is not int:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _wait_s(status: int) -> int:
    if status == 429:
        return RETRY_AFTER_THROTTLED_S
    return RETRY_AFTER_SERVER_ERROR_S if status >= 500 else RETRY_AFTER_NO_ANSWER_S
