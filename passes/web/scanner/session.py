"""Who stands at the till: a key or person named in a signed cookie, checked against the books each time.

The cookie is the scanner's own rather than the console's session, so that a till signed in all day signs
nobody in to anything else; and it is never sent along from another site.
"""

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from passes.db.engine import UnitOfWork
from passes.errors import NotFound
from passes.merchants import keys, staff
from passes.merchants.access import Caller

COOKIE = "scanner"
PATH = "/scanner"
LIFETIME_S = 14 * 3600
"""A long day in a shop; whoever opens it again signs in again."""
SCOPE = "till"


def sign_in(response: Response, caller: Caller, *, by_pin: bool) -> Response:
    """Let `caller` stay signed in on this device."""
    value = {"merchant": caller.merchant_id, "staff" if by_pin else "key": caller.actor}
    if by_pin:
        value["location"] = caller.location_id or ""
    response.set_cookie(
        COOKIE,
        str(_signer().dumps(value)),
        path=PATH,
        max_age=LIFETIME_S,
        httponly=True,
        samesite="Strict",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def sign_out(response: Response) -> Response:
    """End it."""
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="Strict")
    return response


def current(uow: UnitOfWork) -> Caller | None:
    """Whoever is signed in and still may be; a revoked key and a disabled person are nobody."""
    try:
        value = _signer().loads(request.cookies.get(COOKIE, ""), max_age=LIFETIME_S)
        caller = _by_key(uow, value) if "key" in value else _by_pin(uow, value)
    except (BadSignature, NotFound):
        return None
    return caller if caller is not None and SCOPE in caller.scopes else None


def _by_key(uow: UnitOfWork, value: dict[str, str]) -> Caller | None:
    key = keys.find_key(uow, value["key"])
    if key.revoked_at is not None:
        return None
    return Caller(key.merchant_id, key.id, frozenset(key.scopes), key.location_id)


def _by_pin(uow: UnitOfWork, value: dict[str, str]) -> Caller | None:
    person = staff.get_staff(uow, value["merchant"], value["staff"])
    if person.disabled_at is not None or not person.has_pin:
        return None
    return Caller(person.merchant_id, person.id, frozenset(person.scopes), value["location"])


def _signer() -> URLSafeTimedSerializer:
    assert current_app.secret_key is not None
    return URLSafeTimedSerializer(current_app.secret_key, salt="scanner")
