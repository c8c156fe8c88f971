"""Who is signed in to the console: a name in the signed cookie, checked against the database each time."""

from collections.abc import Callable
from functools import wraps

from flask import Response, abort, g, session
from sqlalchemy import select

from passes.clock import real_now
from passes.db.engine import UnitOfWork
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.merchants.models import Staff
from passes.web import pages
from passes.wiring import Services

KEY = "console"
SCOPE = "marketing"
"""What most of the console is for."""
MANAGES = "manage"
"""What a second person needs, and whoever changes how cards are made.

Changing a card reaches everybody who has it, so looking at campaigns is not enough."""
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


def may_enter(caller: Caller) -> bool:
    """Whether there is any page here for them."""
    return not caller.scopes.isdisjoint((SCOPE, MANAGES))


def require_manage(caller: Caller) -> None:
    """403 for somebody who may look but not change anything."""
    if MANAGES not in caller.scopes:
        abort(403)


def of_this_page() -> Caller | None:
    """Whom the page being answered was let through for, without asking the database again."""
    caller: Caller | None = g.get("console_caller")
    return caller


def first_page(caller: Caller) -> str:
    """Where they begin."""
    return "console.campaigns" if SCOPE in caller.scopes else "console.approvals_page"


def signed_in(
    services: Services, scope: str = SCOPE
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Guard a view: it gets the caller and what its address names.

    Everybody else gets the sign-in page, and who is in but lacks the `scope` the page that is theirs.
    """

    def guard(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def guarded(**named: str) -> Response:
            with services.database.read() as uow:
                caller = current(uow)
                if caller is not None:
                    pages.at_home(merchants.merchant(uow, caller.merchant_id))
            if caller is None or not may_enter(caller):
                return pages.see_other("console.sign_in_page")
            if scope not in caller.scopes:
                return pages.see_other(first_page(caller))
            g.console_caller = caller
            return view(caller, **named)

        return guarded

    return guard
