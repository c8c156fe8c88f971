"""The barcode that a till checks without the network: a statement about a card, signed by its merchant.

164 upper-case characters, digits and letters only, so that a QR code stores them in its dense mode (ISO/IEC
18004) and no scanner changes their case. Everything up to the signature is what is signed, as it stands;
the signature is Ed25519 (RFC 8032). `docs/offline-tills.md` says the same to whoever writes a till.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from passes.cards.rules import CardView
from passes.ids import TOKEN_LENGTH, compact, crockford, from_crockford
from passes.merchants import signing_keys
from passes.merchants.signing_keys import SigningKey
from passes.money import MAX_AMOUNT

PURPOSE = "barcode"
PREFIX = "ST1"
VALID = timedelta(days=90)
"""How long a till may trust a barcode it cannot ask about."""

GRACE = timedelta(days=365)
"""How long what a retired key has signed is still good."""

KINDS = {"coupon": "C", "gift": "G", "points": "P", "stamp": "S"}
NO_CURRENCY = "000"
LENGTH = 164
_KEY, _DAY, _BALANCE, _SIGNATURE = 9, 4, 11, 103
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBarcode:
    """What a barcode says, and the signature under it; whether that is good is for `is_signed` to say.

    `balance` is what was there to be spent when it was signed, in minor units; a till may use it as an
    upper bound. Days are UTC; `valid_until` is the last on which a till may trust it.
    """

    key_id: str
    token: str
    kind: str
    asset: str | None
    signed_on: date
    valid_until: date
    balance: int
    signature: bytes = b""

    @property
    def statement(self) -> str:
        """What is signed, as the barcode shows it."""
        return "".join(
            (
                PREFIX,
                self.key_id.removeprefix("k").upper(),
                self.token,
                KINDS[self.kind],
                NO_CURRENCY if self.asset is None else crockford(_of_letters(self.asset), 3),
                crockford((self.signed_on - _EPOCH).days, _DAY),
                crockford((self.valid_until - _EPOCH).days, _DAY),
                crockford(self.balance, _BALANCE),
            )
        )

    @property
    def text(self) -> str:
        """The whole barcode."""
        return self.statement + crockford(int.from_bytes(self.signature), _SIGNATURE)

    def is_signed(self, public: bytes) -> bool:
        """Whether the signature is that of the key with these 32 public bytes."""
        return signing_keys.is_signed(public, self.statement.encode(), self.signature)


def is_good(key: SigningKey, now: datetime) -> bool:
    """Whether what the key has signed still counts."""
    until = good_until(key)
    return until is None or now < until


def good_until(key: SigningKey) -> datetime | None:
    """When what the key has signed stops counting; None while it is the one that signs."""
    return None if key.retired_at is None else key.retired_at + GRACE


def fingerprint(token: str) -> str:
    """A name of a card's token that does not give it away: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def sign(card: CardView, key: SigningKey, token_key: bytes, now: datetime) -> str:
    """The barcode of a card as it stands, good from today on."""
    today = now.astimezone(UTC).date()
    said = SignedBarcode(
        key_id=key.id,
        token=card.barcode,
        kind=card.kind,
        asset=card.asset if card.kind == "gift" else None,
        signed_on=today,
        valid_until=today + VALID,
        balance=max(0, card.available.amount),
    )
    signature = signing_keys.sign(token_key, key, said.statement.encode())
    return said.statement + crockford(int.from_bytes(signature), _SIGNATURE)


def parse(text: str) -> SignedBarcode | None:
    """What a scanned text says, when it has the form of a signed barcode; case, spaces and hyphens aside.

    There is one text for each statement and signature, so that nothing else passes for it.
    """
    code = compact(text)
    if len(code) != LENGTH or not code.startswith(PREFIX):
        return None
    rest = iter((_KEY, TOKEN_LENGTH, 1, 3, _DAY, _DAY, _BALANCE, _SIGNATURE))
    at, parts = len(PREFIX), []
    for length in rest:
        parts.append(code[at : at + length])
        at += length
    key, token, kind_letter, asset_letters, *number_texts = parts
    kind = next((name for name, letter in KINDS.items() if letter == kind_letter), None)
    numbers = [from_crockford(text) for text in (key, token, asset_letters, *number_texts)]
    if kind is None or None in numbers:
        return None
    _, _, letters, signed_on, valid_until, balance, signature = (number or 0 for number in numbers)
    if balance > MAX_AMOUNT or signature >> 512 or letters >= 26**3:
        return None
    parsed = SignedBarcode(
        key_id=f"k{key.lower()}",
        token=token,
        kind=kind,
        asset=None if asset_letters == NO_CURRENCY else _letters(letters),
        signed_on=_EPOCH + timedelta(days=signed_on),
        valid_until=_EPOCH + timedelta(days=valid_until),
        balance=balance,
        signature=signature.to_bytes(64),
    )
    return parsed if parsed.text == code else None


def _of_letters(currency: str) -> int:
    """A currency as a number: its letters are digits to the base of 26."""
    value = 0
    for letter in currency:
        value = value * 26 + ord(letter) - ord("A")
    return value


def _letters(value: int) -> str:
    found = ""
    for _ in range(3):
        value, letter = divmod(value, 26)
        found = chr(ord("A") + letter) + found
    return found
