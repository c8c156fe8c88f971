"""Reading what a phone sends: its token, its ids and its JSON, all of it untrusted."""

import re
from typing import Any

import orjson
from flask import Request

from passes.cards.apple_token import is_token

MAX_BODY_BYTES = 64 * 1024
_SCHEME = "applepass"
# Type and device together are the name of a delivery, which has room for 300 characters.
_NAME = re.compile(r"[\x21-\x7e]{1,140}")


def is_name(text: str) -> bool:
    """Whether `text` can be a device, a pass type or a serial number: printable ASCII without spaces."""
    return _NAME.fullmatch(text) is not None


def shows_token(request: Request, key: bytes, pass_type: str, serial: str) -> bool:
    """Whether the request carries `Authorization: ApplePass` and the token of that pass."""
    scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
    known = scheme.lower() == _SCHEME and is_name(pass_type) and is_name(serial)
    return known and is_token(presented.strip(), key, pass_type, serial)


def json_object(request: Request) -> dict[str, Any] | None:
    """The object in the body, None where there is none; raises `RequestEntityTooLarge`."""
    request.max_content_length = MAX_BODY_BYTES
    try:
        value = orjson.loads(request.get_data(cache=False))
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
