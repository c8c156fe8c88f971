"""Signed barcodes and what a forger, a printer or a cracked screen makes of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from passes.cards import signed_barcode
from passes.cards.signed_barcode import LENGTH, SignedBarcode
from passes.ids import CROCKFORD, compact, new_key_id, new_token
from passes.merchants import signing_keys
from passes.merchants.signing_keys import SigningKey

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOKEN_KEY = b"t" * 40
FIELDS = {"version": (0, 3), "key": (3, 12), "token": (12, 38), "kind": (38, 39), "asset": (39, 42)}
FIELDS |= {"signed": (42, 46), "until": (46, 50), "balance": (50, 61), "signature": (61, LENGTH)}
STRANGE = "ILOU!äß٣-_.:%$*+/ \0"


def make_key(merchant_id: str = "mer_mine", *, retired_at: datetime | None = None) -> SigningKey:
    """A key of a merchant."""
    key = SigningKey(
        id=new_key_id(),
        merchant_id=merchant_id,
        purpose=signed_barcode.PURPOSE,
        public=b"",
        created_at=NOW,
        retired_at=retired_at,
        seal=b"",
    )
    return replace(key, public=signing_keys._private(TOKEN_KEY, key).public_key().public_bytes_raw())


def signed(key: SigningKey, **said: Any) -> str:
    """A barcode signed with the key."""
    today = NOW.date()
    values: dict[str, Any] = {
        "key_id": key.id,
        "token": new_token(),
        "kind": "gift",
        "asset": "EUR",
        "signed_on": today,
        "valid_until": today + timedelta(days=90),
        "balance": 5000,
    }
    barcode = SignedBarcode(**values | said)
    signature = signing_keys.sign(TOKEN_KEY, key, barcode.statement.encode())
    return replace(barcode, signature=signature).text


@dataclass
class Till:
    """What a till does with a barcode when nobody can be asked."""

    keys: list[SigningKey]
    now: datetime = NOW

    def accepts(self, text: str) -> SignedBarcode | None:
        """What the barcode says, if the till may go by it."""
        barcode = signed_barcode.parse(text)
        if barcode is None or barcode.valid_until < self.now.date():
            return None
        key = next((k for k in self.keys if k.id == barcode.key_id), None)
        if key is None or not signed_barcode.is_good(key, self.now):
            return None
        return barcode if barcode.is_signed(key.public) else None


class Forger:
    """Mutated barcodes without end, none of which is the one it was made from."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self.mine = make_key()
        self.theirs = make_key("mer_theirs")
        self.unknown = make_key()
        self.retired = make_key(retired_at=NOW - signed_barcode.GRACE)
        self.good = [signed(self.mine, balance=n, kind="gift") for n in range(64)]
        self.good += [signed(self.mine, kind=kind, asset=None) for kind in ("stamp", "points", "coupon")] * 8
        self.till = Till([self.mine, self.retired])

    def mutations(self) -> Iterator[str]:
        """One after the other, each kind in turn."""
        kinds = [self._character, self._characters, self._bit, self._cut, self._grow, self._swap]
        kinds += [self._splice, self._shift, self._field, self._other_key, self._signature_number]
        kinds.append(self._strange)
        genuine = set(self.good)
        while True:
            for kind in kinds:
                text = self._dice.choice(self.good)
                changed = kind(text)
                if compact(changed) not in genuine:
                    yield changed

    def _letter(self) -> str:
        return self._dice.choice(CROCKFORD)

    def _character(self, text: str) -> str:
        at = self._dice.randrange(LENGTH)
        return text[:at] + self._letter() + text[at + 1 :]

    def _characters(self, text: str) -> str:
        for _ in range(self._dice.randrange(2, 6)):
            text = self._character(text)
        return text

    def _bit(self, text: str) -> str:
        at = self._dice.randrange(LENGTH)
        flipped = CROCKFORD.find(text[at]) ^ 1 << self._dice.randrange(5)
        return text[:at] + CROCKFORD[flipped] + text[at + 1 :]

    def _cut(self, text: str) -> str:
        start, end = sorted(self._dice.sample(range(LENGTH + 1), 2))
        return self._dice.choice((text[:end], text[start:], text[:start] + text[end:]))

    def _grow(self, text: str) -> str:
        at = self._dice.randrange(LENGTH + 1)
        return text[:at] + "".join(self._letter() for _ in range(self._dice.randrange(1, 20))) + text[at:]

    def _swap(self, text: str) -> str:
        one, two = self._dice.sample(range(LENGTH), 2)
        letters = list(text)
        letters[one], letters[two] = letters[two], letters[one]
        return "".join(letters)

    def _splice(self, text: str) -> str:
        at, other = self._dice.randrange(LENGTH), self._dice.choice(self.good)
        return text[:at] + other[at:]

    def _shift(self, text: str) -> str:
        by = self._dice.randrange(1, LENGTH)
        return text[by:] + text[:by]

    def _field(self, text: str) -> str:
        start, end = self._dice.choice(list(FIELDS.values()))
        other = self._dice.choice((self._dice.choice(self.good)[start:end], "0" * (end - start)))
        fresh = "".join(self._letter() for _ in range(end - start))
        return text[:start] + self._dice.choice((other, fresh)) + text[end:]

    def _other_key(self, text: str) -> str:
        """Signed well, with a key that does not count; also under the name of the one that does."""
        barcode = signed_barcode.parse(text)
        assert barcode is not None
        key = self._dice.choice((self.theirs, self.unknown, self.retired))
        claimed = self._dice.choice((key.id, self.mine.id))
        said = replace(barcode, key_id=claimed)
        return replace(said, signature=signing_keys.sign(TOKEN_KEY, key, said.statement.encode())).text

    def _signature_number(self, text: str) -> str:
        """The same signature modulo the order of the curve, or with more bits than there are."""
        barcode = signed_barcode.parse(text)
        assert barcode is not None
        point, scalar = barcode.signature[:32], int.from_bytes(barcode.signature[32:], "little")
        order = 2**252 + 27742317777372353535851937790883648493
        scalar = (scalar + order * self._dice.randrange(1, 9)) % 2**256
        return replace(barcode, signature=point + scalar.to_bytes(32, "little")).text

    def _strange(self, text: str) -> str:
        at = self._dice.randrange(LENGTH)
        return text[:at] + self._dice.choice(STRANGE) + text[at + 1 :]
