"""The primitives of Google's ECv2SigningOnly scheme: what is signed, by which keys, until when."""

import base64
import json
import struct
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from passes.errors import StempelError

PROTOCOL = "ECv2SigningOnly"
SENDER = "GooglePayPasses"


class CallbackRefused(StempelError):
    """A callback that is not Google's, not for us, or too old; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The callback is refused: {reason}.")
        self.reason = reason


def pack(*parts: str) -> bytes:
    """What the scheme signs: each part in UTF-8 after its length in bytes, 32 bits little-endian."""
    encoded = [part.encode() for part in parts]
    return b"".join(struct.pack("<I", len(part)) + part for part in encoded)


def public_key(text: str) -> EllipticCurvePublicKey:
    """A P-256 key from base64 over its DER SubjectPublicKeyInfo; `CallbackRefused` for anything else."""
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except ValueError:
        raise CallbackRefused("keyValue is no public key") from None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise CallbackRefused("keyValue is no P-256 key")
    return key


def moment(fields: dict[str, Any], name: str) -> datetime:
    """A time in milliseconds since 1970, which Google writes as a string in keys, a number in messages."""
    value = fields.get(name)
    try:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(name)
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise CallbackRefused(f"{name} is no time in milliseconds") from None


def is_signed(key: EllipticCurvePublicKey, signature: bytes, packed: bytes) -> bool:
    """Whether `signature` (ECDSA with SHA-256, DER) is `key`'s over `packed`."""
    try:
        key.verify(signature, packed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def json_object(text: str, what: str) -> dict[str, Any]:
    """The JSON object in `text`; `CallbackRefused` naming `what` when it holds none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise CallbackRefused(f"{what} is no JSON object")
    return value


def text(fields: dict[str, Any], name: str) -> str:
    """The string under `name`; `CallbackRefused` naming it when there is none."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise CallbackRefused(f"{name} is missing or no text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise CallbackRefused(f"{name} holds half a character") from None
    return value


def signature(value: Any) -> bytes:
    """The bytes of a base64 signature; `CallbackRefused` when it is no such thing."""
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, TypeError):
        raise CallbackRefused("a signature is no base64") from None
