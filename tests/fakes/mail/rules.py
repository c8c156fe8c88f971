"""What a strict mail server asks of a message: RFC 5321 for its bytes, RFC 5322 for its head.

Written from the specifications and not from our code, so that a mistake shared by both ends cannot hide.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

LONGEST_LINE = 998
"""Octets without the line end (RFC 5322, 2.1.1); more than 78 is allowed and frowned upon."""
ONCE = ("from", "date", "message-id", "subject", "to")

_HEADER = re.compile(rb"[!-9;-~]+:[ \t]?.*")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
_ENCODED_WORD = re.compile(rb"=\?[^?\s]+\?[^?\s]+\?[^?\s]*\?=")


class Refused(Exception):
    """A message nobody has to take; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was taken: from whom, to whom, its bytes and what they say."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, read by the standard library."""
        read = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(read, EmailMessage)
        return read

    @property
    def id(self) -> str:
        """Its Message-ID."""
        return str(self.message["Message-ID"])

    def part(self, kind: str) -> str:
        """What its `plain` or `html` part says."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


def check(content: bytes, *, utf8: bool) -> None:
    """Raise `Refused` unless this is a message as the standards have it; `utf8` allows eight bits."""
    if re.search(rb"(?<!\r)\n|\r(?!\n)", content):
        raise Refused("5.6.0 a bare line feed or carriage return")
    if b"\0" in content:
        raise Refused("5.6.0 a NUL")
    lines = content.split(b"\r\n")
    if max(map(len, lines)) > LONGEST_LINE:
        raise Refused("5.6.0 a line that is too long")
    if not utf8 and not content.isascii():
        raise Refused("5.6.7 eight bits without SMTPUTF8")
    head = _unfolded(lines)
    for name in ONCE:
        if len(found := [value for key, value in head if key == name]) != 1:
            raise Refused(f"5.6.0 {len(found)} headers {name}")
    said = dict(head)
    if not _MESSAGE_ID.fullmatch(said["message-id"]):
        raise Refused("5.6.0 the Message-ID is none")
    if parsedate_to_datetime(said["date"]).tzinfo is None:
        raise Refused("5.6.0 the date has no zone")
    _check_parts(content)


def _unfolded(lines: list[bytes]) -> list[tuple[str, str]]:
    """The headers by name, in lower case; raises `Refused` for a line that is none."""
    end = lines.index(b"") if b"" in lines else len(lines)
    headers: list[bytes] = []
    for line in lines[:end]:
        if any(len(word) > 75 for word in _ENCODED_WORD.findall(line)):
            raise Refused("5.6.0 an encoded word that is too long")
        if line.startswith((b" ", b"\t")) and headers:
            if not line.strip():
                raise Refused("5.6.0 a header line of nothing")
            headers[-1] += line
        elif _HEADER.fullmatch(line):
            headers.append(line)
        else:
            raise Refused("5.6.0 a header that is none")
    pairs = [header.decode("utf-8").split(":", 1) for header in headers]
    return [(name.lower(), value.strip()) for name, value in pairs]


def _check_parts(content: bytes) -> None:
    read = message_from_bytes(content, policy=policy.default)
    faults = [fault for part in read.walk() for fault in part.defects]
    if faults:
        raise Refused(f"5.6.0 {type(faults[0]).__name__}")
    kinds = [part.get_content_type() for part in read.walk()]
    if kinds != ["multipart/alternative", "text/plain", "text/html"]:
        raise Refused(f"5.6.0 parts {kinds}")
