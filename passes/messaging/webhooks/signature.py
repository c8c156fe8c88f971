"""Signing a webhook: HMAC-SHA256 over id, time and the very bytes that are sent (Standard Webhooks 1.0.0)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_secret() -> bytes:
    """A secret for one endpoint."""
    return secrets.token_bytes(SECRET_BYTES)


def shown(secret: bytes) -> str:
    """A secret as its owner keeps it: `whsec_` and base64."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def headers(secret: bytes, event_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of an attempt made at `at` (real time); the id stays the same over all attempts."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join([event_id.encode(), timestamp.encode(), body])
    signature = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
