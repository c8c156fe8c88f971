"""Who is signed in to the console: a name in the signed cookie, checked against the database each time."""

from collections.abc import Callable
from functools import wraps

from flask import Response, session
from sqlalchemy import select

from passes.clock import real_now
from passes.db.engine import UnitOfWork
from passes.merchants.access import Caller
from passes.merchants.models import Staff
from passes.web import pages
from passes.wiring import Services

KEY = "console"
SCOPE = "marketing"
LIFETIME_S = 14 * 3600
"""A long working day. A signed cookie cannot be called back, so one that was copied must at least end."""


def sign_in(caller: Caller) -> None:
    """Start a session of its own: nothing from before the sign-in survives it."""
    session.clear()
    session[KEY] = {"staff": caller.actor, "since": int(real_now().timestamp())}


def sign_out() -> None:
    """End the session."""
    session.clear()


def current(uow: UnitOfWork) -> Caller | None:
    """Whoever is signed in and still may be; somebody disabled in the meantime is nobody."""
    known = session.get(KEY)
    if not isinstance(known, dict) or real_now().timestamp() - known["since"] > LIFETIME_S:
        return None
    row = uow.conn.execute(select(Staff.__table__).where(Staff.id == known["staff"])).first()
    if row is None or row.disabled_at is not None:
        return None
    return Caller(row.merchant_id, row.id, frozenset(row.scopes), row.location_id)


def signed_in(services: Services) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Guard a view: it gets the caller and what its address names, everybody else the sign-in page."""

    def guard(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def guarded(**named: str) -> Response:
            with services.database.read() as uow:
                caller = current(uow)
            if caller is None or SCOPE not in caller.scopes:
                return pages.see_other("console.sign_in_page")
            return view(caller, **named)

        return guarded

    return guard
