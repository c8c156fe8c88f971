"""Apple's pass web service from the phone's side: the calls, and what a phone accepts as an answer."""

import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from tests.fakes.phone.bundle import InstalledPass
from tests.fakes.phone.refusal import insist
from tests.fakes.phone.transport import Answer, Transport

PASS_TYPE = "application/vnd.apple.pkpass"

_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d:\d\d GMT"
)


@dataclass(frozen=True, slots=True)
class Listing:
    """What changed: serial numbers, and the tag to ask with next time."""

    serials: tuple[str, ...]
    tag: str


@dataclass(frozen=True, slots=True)
class WebService:
    """One device's way to the service at `base`, to which `/v1/...` is appended."""

    base: str
    device_id: str
    send: Transport

    def register(self, card: InstalledPass, push_token: str) -> bool:
        """Register for updates of `card`; whether the service calls that new."""
        body = json.dumps({"pushToken": push_token}).encode()
        answer = self._call("POST", self._registration(card), card, body)
        insist(answer.status in (200, 201), f"Registering was answered with {answer.status}.")
        return answer.status == 201

    def unregister(self, card: InstalledPass) -> None:
        """End the registration."""
        answer = self._call("DELETE", self._registration(card), card)
        insist(answer.status == 200, f"Unregistering was answered with {answer.status}.")

    def updated(self, pass_type: str, tag: str | None) -> Listing | None:
        """What changed since `tag`; None where nothing did."""
        path = f"devices/{quote(self.device_id)}/registrations/{quote(pass_type)}"
        if tag is not None:
            path += f"?passesUpdatedSince={quote(tag, safe='')}"
        answer = self._call("GET", path)
        if answer.status == 204:
            insist(answer.body == b"", "The list is 204 and has a body.")
            return None
        insist(answer.status == 200, f"The list was answered with {answer.status}.")
        return _read_listing(answer)

    def fetch(self, card: InstalledPass, last_modified: str | None) -> Answer | None:
        """The current pass as it was answered; None where it has not changed since `last_modified`."""
        conditions = {"If-Modified-Since": last_modified} if last_modified else {}
        path = f"passes/{quote(card.pass_type)}/{quote(card.serial)}"
        answer = self._call("GET", path, card, conditions=conditions)
        if answer.status == 304:
            insist(last_modified is not None, "The pass is 304 though nothing was asked about its age.")
            insist(answer.body == b"", "The pass is 304 and has a body.")
            return None
        insist(answer.status == 200, f"Fetching the pass was answered with {answer.status}.")
        insist(answer.media_type == PASS_TYPE, f"The pass came as {answer.media_type or 'nothing'}.")
        _check_age(answer)
        return answer

    def log(self, messages: list[str]) -> None:
        """Tell the service what went wrong here."""
        answer = self._call("POST", "log", body=json.dumps({"logs": messages}).encode())
        insist(answer.status == 200, f"The log was answered with {answer.status}.")

    def _registration(self, card: InstalledPass) -> str:
        return f"devices/{quote(self.device_id)}/registrations/{quote(card.pass_type)}/{quote(card.serial)}"

    def _call(
        self,
        method: str,
        path: str,
        card: InstalledPass | None = None,
        body: bytes | None = None,
        conditions: dict[str, str] | None = None,
    ) -> Answer:
        headers = dict(conditions or {})
        if card is not None:
            headers["Authorization"] = f"ApplePass {card.token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self.send(method, f"{self.base.rstrip('/')}/v1/{path}", headers, body)


def _read_listing(answer: Answer) -> Listing:
    insist(answer.media_type == "application/json", f"The list came as {answer.media_type or 'nothing'}.")
    try:
        said = json.loads(answer.body)
        serials, tag = said["serialNumbers"], said["lastUpdated"]
    except (ValueError, KeyError, TypeError):
        insist(False, "The list has no serialNumbers or no lastUpdated.")
        raise
    insist(isinstance(tag, str) and tag != "", f"lastUpdated: {tag!r} is not a string; a phone stops here.")
    good = isinstance(serials, list) and all(isinstance(serial, str) for serial in serials)
    insist(good, "serialNumbers is not a list of strings.")
    insist(bool(serials), "The list is empty; that is said with 204.")
    insist(len(set(serials)) == len(serials), "The list names a serial number twice.")
    return Listing(tuple(serials), tag)


def _check_age(answer: Answer) -> None:
    for name in ("last-modified", "date"):
        value = answer.headers.get(name)
        insist(value is not None, f"The pass came without {name}.")
        insist(_HTTP_DATE.fullmatch(value or "") is not None, f"{name}: {value} is no HTTP date.")
    modified, date = (parsedate_to_datetime(answer.headers[n]) for n in ("last-modified", "date"))
    insist(modified <= date, f"Last-Modified ({modified}) is later than Date ({date}).")
