"""The barcode that changes every half minute, so that a picture of it is worth nothing a minute later.

`ST2`, the card's id and eight digits that follow from the time (TOTP, RFC 6238, over SHA-1): 37 upper-case
characters, digits and letters only, which a QR code stores in its dense mode. The id unlocks nothing and the
digits end, so whoever photographs the screen has neither the token nor the typed code. The secret follows
from the card's token: who knows that can pay with it anyway, and a card that is replaced gets another.
`docs/google.md` says the same to whoever writes a till.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from passes.cards import signed_barcode
from passes.ids import CROCKFORD, TOKEN_LENGTH, compact

PREFIX = "ST2"
PERIOD_S = 30
DIGITS = 8
LENGTH = len(PREFIX) + TOKEN_LENGTH + DIGITS
STEPS_BEHIND = 2
"""A code counts for a minute after its own half minute: for clocks that are slow and hands that are."""

STEPS_AHEAD = 1
_ID_PREFIX = "card_"
_PURPOSE = b"rotating barcode"


@dataclass(frozen=True, slots=True)
class RotatingBarcode:
    """What was scanned: whose barcode it is, and the digits it showed."""

    card_id: str
    digits: str

    def is_of(self, token: str, at: datetime) -> bool:
        """Whether the card with this token showed these digits at `at` (real time), give or take a little."""
        now = int(at.timestamp()) // PERIOD_S
        key = secret(token)
        steps = range(now - STEPS_BEHIND, now + STEPS_AHEAD + 1)
        # All are compared, and each in constant time, so that the answer's speed says nothing.
        return sum(hmac.compare_digest(totp(key, step), self.digits) for step in steps) > 0


def pattern(card_id: str) -> str:
    """What the barcode says, with Google's word for the digits in their place."""
    return f"{PREFIX}{card_id.removeprefix(_ID_PREFIX).upper()}{{totp_value_0}}"


def value(card_id: str, token: str, at: datetime) -> str:
    """What the barcode says at a moment (real time)."""
    digits = totp(secret(token), int(at.timestamp()) // PERIOD_S)
    return pattern(card_id).replace("{totp_value_0}", digits)


def secret(token: str) -> bytes:
    """The twenty bytes from which the card's digits follow, for the phone and for us."""
    return hmac.digest(token.encode(), _PURPOSE, hashlib.sha256)[:20]


def totp(key: bytes, step: int) -> str:
    """The digits of one period (RFC 6238 over the truncation of RFC 4226, section 5.3)."""
    mac = hmac.digest(key, step.to_bytes(8), hashlib.sha1)
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def token_of(barcode: str) -> str | None:
    """The card's token in what its still barcode says, be that signed or not; None for anything else."""
    if len(barcode) == TOKEN_LENGTH:
        return barcode
    signed = signed_barcode.parse(barcode)
    return None if signed is None else signed.token


def parse(text: str) -> RotatingBarcode | None:
    """What a scanned text says, when it has the form of a rotating barcode; case and spaces aside."""
    code = compact(text)
    if len(code) != LENGTH or not code.startswith(PREFIX):
        return None
    name, digits = code[len(PREFIX) : -DIGITS], code[-DIGITS:]
    if not all(c in CROCKFORD for c in name) or not (digits.isascii() and digits.isdigit()):
        return None
    return RotatingBarcode(_ID_PREFIX + name.lower(), digits)
