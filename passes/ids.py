"""Names for things: ids for machines, codes for hands, tokens for scanners.

Ids sort by the moment they were made, which keeps database indexes local; they identify and never
authorise. Codes and tokens authorise, so every bit of them comes from the operating system.
"""

import re
import secrets
import time

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# Thirty-one characters nobody confuses, and 31 is prime: with weights 1 to 16 a check symbol over them
# catches every single wrong character and every swap of two (ISO 7064 reasons likewise for mod 37).
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 16
TOKEN_LENGTH = 26

_PAIRS = [first + second for first in CROCKFORD for second in CROCKFORD]
_VALUE = {c: i for i, c in enumerate(CODE_ALPHABET)}
_SEPARATORS = re.compile(r"[\s\-]+")
_LOOKALIKES = str.maketrans("OIL", "011")


def crockford(value: int, length: int) -> str:
    """`value` in `length` upper-case characters, five bits each."""
    even = length + length % 2
    pairs = "".join([_PAIRS[value >> shift & 1023] for shift in range(5 * even - 10, -1, -10)])
    return pairs[even - length :]


def from_crockford(text: str) -> int | None:
    """The number that `crockford` wrote; None for anything it cannot have written."""
    value = 0
    for c in text:
        digit = CROCKFORD.find(c)
        if digit < 0:
            return None
        value = value << 5 | digit
    return value


def new_id(prefix: str) -> str:
    """`card_` and 26 characters: 48 bits of milliseconds, 12 of a millisecond's 4,096 parts, 68 random bits.

    The parts keep in order what one process makes within a millisecond, as lists sorted by id show it.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    value = milliseconds << 80 | rest * 4096 // 1_000_000 << 68 | secrets.randbits(68)
    return f"{prefix}_{crockford(value, 26).lower()}"


def new_key_id() -> str:
    """The name of a signing key: `k` and nine characters (45 random bits), short because barcodes bear it."""
    return f"k{crockford(secrets.randbits(45), 9).lower()}"


def new_token() -> str:
    """128 random bits in 26 upper-case characters, which a QR code stores in its dense mode."""
    return crockford(secrets.randbits(128), TOKEN_LENGTH)


def new_code() -> str:
    """A code a person can type: 15 random characters (74 bits) and a check symbol."""
    body = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH - 1))
    return body + _check_symbol(body)


def _check_symbol(body: str) -> str:
    # The check symbol c has weight 1 and the body weights 2..16, so that the weighted sum is 0 mod 31.
    total = sum(weight * _VALUE[c] for weight, c in enumerate(reversed(body), start=2))
    return CODE_ALPHABET[-total % 31]


def format_code(code: str) -> str:
    """`ABCDEFGHJKMNPQRS` as `ABCD-EFGH-JKMN-PQRS`, the form people read."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def typed_form(text: str) -> str | None:
    """The sixteen characters of what looks like a typed code, right or wrong; None for anything else."""
    code = compact(text)
    return code if len(code) == CODE_LENGTH and code.isalnum() else None


def compact(text: str) -> str:
    """A code as it was scanned or typed, without what does not count: case, spaces and hyphens."""
    return _SEPARATORS.sub("", text).upper()


def normalise_code(text: str) -> str | None:
    """The stored form of a typed code or barcode token; None when no card can have it.

    Case, spaces and hyphens do not count. A typed code with a wrong check symbol is a slip of the
    fingers and is refused here, before any look-up.
    """
    code = compact(text)
    if len(code) == CODE_LENGTH:
        known = all(c in _VALUE for c in code)
        return code if known and _check_symbol(code[:-1]) == code[-1] else None
    if len(code) == TOKEN_LENGTH:
        code = code.translate(_LOOKALIKES)
        return code if all(c in CROCKFORD for c in code) else None
    return None
