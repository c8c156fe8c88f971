"""Numbers as hands type them at a till."""

import re

from passes.money import MAX_AMOUNT, Money, decimals

_AMOUNT = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,4}))?")
_SIGNS = re.compile(r"[\s€$£]|CHF|EUR")


def read_amount(text: str, asset: str) -> Money | None:
    """`12,50`, `12.5` or `12 €` as an amount of `asset`; None for anything else, zero and `1.250` included.

    With one separator only there is no telling thousands from decimals, so a third digit behind it is
    refused rather than guessed at.
    """
    match = _AMOUNT.fullmatch(_SIGNS.sub("", text))
    places = decimals(asset)
    if match is None or len(match[2] or "") > places:
        return None
    minor = int(match[1]) * 10**places + int((match[2] or "").ljust(places, "0") or 0)
    return Money(minor, asset) if 0 < minor <= MAX_AMOUNT else None


def read_count(text: str, most: int = 100) -> int | None:
    """A whole number from 1 to `most`; None for anything else."""
    stripped = text.strip()
    if not re.fullmatch(r"[0-9]{1,6}", stripped) or not 1 <= int(stripped) <= most:
        return None
    return int(stripped)
