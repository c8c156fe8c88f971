"""The save page: what happens when a customer opens "Add to Google Wallet"."""

import time
from typing import Any

from tests.fakes.google.answers import Answer
from tests.fakes.google.keys import EMAIL, ServiceKey
from tests.fakes.google.store import PASS_TYPES, Store

SAFE_LENGTH = 1800
SLACK_S = 300


class UnsavableError(Exception):
    """A link Google would not turn into a saved card."""


def save(token: str, key: ServiceKey, store: Store) -> list[tuple[str, str]]:
    """The (class id, object id) pairs the link saves; raises `UnsavableError` saying what is wrong."""
    if len(token) > SAFE_LENGTH:
        raise UnsavableError(f"The token has {len(token)} characters, more than {SAFE_LENGTH}.")
    try:
        claims = key.verified_claims(token)
    except ValueError as error:
        raise UnsavableError(f"The token is not valid: {error}.") from None
    _check_claims(claims)
    saved = [
        _existing(store, name.removesuffix("Objects"), reference)
        for name, references in claims["payload"].items()
        for reference in references
    ]
    if not saved:
        raise UnsavableError("The payload names no object.")
    store.users.update(object_id for _, object_id in saved)
    return saved


def _check_claims(claims: dict[str, Any]) -> None:
    if (claims.get("iss"), claims.get("aud"), claims.get("typ")) != (EMAIL, "google", "savetowallet"):
        raise UnsavableError("iss, aud or typ is wrong.")
    issued = claims.get("iat")
    if type(issued) is not int or issued > time.time() + SLACK_S:
        raise UnsavableError("iat has to be integer seconds, not in the future.")
    if not isinstance(claims.get("origins"), list):
        raise UnsavableError("origins has to be a list.")
    payload = claims.get("payload")
    known = {f"{name}Objects" for name in PASS_TYPES}
    if not isinstance(payload, dict) or not set(payload) <= known:
        raise UnsavableError(f"The payload may hold {sorted(known)}.")


def _existing(store: Store, pass_type: str, reference: dict[str, Any]) -> tuple[str, str]:
    if not set(reference) <= {"id", "classId"}:
        raise UnsavableError("Here the token only names what was inserted before.")
    stored = store.item(f"{pass_type}Object", reference["id"])
    if stored is None or reference.get("classId", stored["classId"]) != stored["classId"]:
        raise UnsavableError(f"There is no object {reference['id']} of that class.")
    return stored["classId"], stored["id"]


def refused(error: UnsavableError) -> Answer:
    """What the customer would see instead of a card."""
    return 400, {"error": {"code": 400, "message": str(error)}}
