"""Signing a webhook: HMAC-SHA256 over id, time and the very bytes that are sent (Standard Webhooks 1.0.0).

What is stored of a secret is a seed: the secret itself is derived (HKDF-SHA256, RFC 5869) from it and the
installation's TOKEN_KEY, so a copy of the database signs nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from secrets import token_bytes

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_BYTES = 32
"""The specification asks for 24 to 64."""
_SEED = b"\x01"
_PURPOSE = b"stempel webhook secret"


def new_seed() -> bytes:
    """What is stored of a secret for one endpoint."""
    return _SEED + token_bytes(SECRET_BYTES)


def secret_of(token_key: bytes, stored: bytes) -> bytes:
    """The secret that `stored` stands for; what was stored before there were seeds is one itself."""
    if len(stored) == SECRET_BYTES:
        return stored
    return HKDF(SHA256(), SECRET_BYTES, salt=None, info=_PURPOSE + stored).derive(token_key)


def shown(secret: bytes) -> str:
    """A secret as its owner keeps it: `whsec_` and base64."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def headers(secrets: Sequence[bytes], event_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of an attempt made at `at` (real time); the id stays the same over all attempts.

    Each of `secrets` signs: during a rotation there are two, and a receiver believes whichever it knows.
    """
    timestamp = str(int(at.timestamp()))
    signed = b".".join([event_id.encode(), timestamp.encode(), body])
    digests = [hmac.digest(secret, signed, hashlib.sha256) for secret in secrets]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests),
    }
