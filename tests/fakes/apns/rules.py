"""What Apple's push service refuses, in the order it looks: one small check per reason.

Statuses, reasons and limits are those of Apple's "Sending notification requests to APNs" and "Handling
notification responses from APNs". Where Apple lets the certificate stand in for the topic, this one wants
it said.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

PATH = "/3/device/"
MAX_PAYLOAD_BYTES = 4096
PUSH_TYPES = {
    "alert", "background", "complication", "controls", "fileprovider", "liveactivity", "location", "mdm",
    "pushtotalk", "voip", "widgets",
}  # fmt: skip

_TOKEN = re.compile(r"(?:[0-9a-fA-F]{2}){8,100}")
_TOPIC = re.compile(r"pass\.[A-Za-z0-9.-]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_STATUS = {
    "BadPath": 404,
    "MethodNotAllowed": 405,
    "PayloadTooLarge": 413,
    "BadCertificate": 403,
    "MissingProviderToken": 403,
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came, and the pass type its client certificate stands for.

    `pass_type` is None where there was no certificate, and empty where it is not for passes.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    pass_type: str | None

    @property
    def token(self) -> str:
        """The device token in the path."""
        return self.path.removeprefix(PATH)

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return dict(reversed(self.headers)).get(name)


def refusal(request: Request) -> tuple[int, str] | None:
    """Status and reason Apple would refuse this request with, or None where it would accept it."""
    for reason, applies in _CHECKS.items():
        if applies(request):
            return _STATUS.get(reason, 400), reason
    return None


def _repeats_a_header(request: Request) -> bool:
    counts = Counter(name for name, _ in request.headers if name.startswith("apns-"))
    return any(count > 1 for count in counts.values())


def _has_bad_priority(request: Request) -> bool:
    priority = request.header("apns-priority")
    if request.header("apns-push-type") == "background":
        return priority not in ("1", "5")
    return priority not in (None, "1", "5", "10")


def _has_no_payload(request: Request) -> bool:
    try:
        return not isinstance(json.loads(request.body), dict)
    except ValueError:
        return True


def _is_present_but_not(name: str, pattern: re.Pattern[str]) -> Callable[[Request], bool]:
    def applies(request: Request) -> bool:
        value = request.header(name)
        return value is not None and not pattern.fullmatch(value)

    return applies


_CHECKS: Mapping[str, Callable[[Request], bool]] = {
    "BadPath": lambda r: not r.path.startswith(PATH) or "/" in r.token or "?" in r.token,
    "MethodNotAllowed": lambda r: r.method != "POST",
    "MissingDeviceToken": lambda r: not r.token,
    "MissingProviderToken": lambda r: r.pass_type is None,
    "BadCertificate": lambda r: r.pass_type == "",
    "DuplicateHeaders": _repeats_a_header,
    "MissingTopic": lambda r: not r.header("apns-topic"),
    "BadTopic": _is_present_but_not("apns-topic", _TOPIC),
    "TopicDisallowed": lambda r: r.header("apns-topic") != r.pass_type,
    "InvalidPushType": lambda r: r.header("apns-push-type") not in (None, *PUSH_TYPES),
    "BadPriority": _has_bad_priority,
    "BadMessageId": _is_present_but_not("apns-id", _UUID),
    "BadExpirationDate": _is_present_but_not("apns-expiration", re.compile(r"\d{1,12}")),
    "BadCollapseId": lambda r: len((r.header("apns-collapse-id") or "").encode()) > 64,
    "PayloadTooLarge": lambda r: len(r.body) > MAX_PAYLOAD_BYTES,
    "PayloadEmpty": _has_no_payload,
    "BadDeviceToken": lambda r: not _TOKEN.fullmatch(r.token),
}
