"""Signing a webhook: HMAC-SHA256 over id, time and the very bytes that are sent (Standard Webhooks 1.0.0)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from secrets import token_bytes

SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_secret() -> bytes:
    """A secret for one endpoint."""
    return token_bytes(SECRET_BYTES)


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
