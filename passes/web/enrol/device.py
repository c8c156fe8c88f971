"""Which browser this is: a random, signed, long-lived cookie, so that one phone gets one card of a program.

The books keep a hash of it together with the program, so two programs cannot tell that they share a customer.
"""

import hashlib
import secrets

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from passes.web import pages

COOKIE = "device"
_PATH = "/e/"


def device_id() -> str:
    """The browser's id: the one in its cookie, or a new one where it has none that is ours."""
    try:
        return str(_signer().loads(request.cookies.get(COOKIE, "")))
    except BadSignature:
        return secrets.token_urlsafe(16)


def remember(response: Response, device: str) -> Response:
    """Let the browser keep `device`; every visit renews it."""
    pages.remember(response, COOKIE, str(_signer().dumps(device)), path=_PATH)
    return response


def mark(device: str, program_id: str) -> str:
    """What the books keep of the two: 64 hexadecimal digits, as many as `cards.enrolled_by` holds."""
    return hashlib.sha256(f"{device}\0{program_id}".encode()).hexdigest()


def _signer() -> URLSafeSerializer:
    assert current_app.secret_key is not None
    return URLSafeSerializer(current_app.secret_key, salt="device")
