"""`/scanner`: sign in with a till key or a PIN; once signed in, the field a code is typed into."""

from flask import Blueprint, Response, request, url_for

from passes.db.engine import UnitOfWork
from passes.errors import NotFound
from passes.merchants import keys, staff
from passes.merchants import queries as merchants
from passes.merchants.access import Caller
from passes.merchants.queries import LocationView, MerchantView
from passes.web import pages
from passes.web.approvals import open_of
from passes.web.attempts import Turnstile
from passes.web.scanner import pins, session
from passes.wiring import Services


def add_routes(blueprint: Blueprint, services: Services) -> None:
    """Add signing in and out."""
    turnstile = Turnstile(pins.ATTEMPTS_PER_ADDRESS)

    @blueprint.get("")
    def start() -> Response:
        with services.database.read() as uow:
            caller = session.current(uow)
            if caller is not None:
                pages.at_home(merchants.merchant(uow, caller.merchant_id))
                return till_page(uow, caller)
            return _sign_in_page(uow, error="stale_form" if "stale" in request.args else None)

    @blueprint.post("/key")
    def by_key() -> Response:
        if not turnstile.admits(request.remote_addr or ""):
            return pages.error_page(429)
        with services.database.read() as uow:
            caller = keys.authenticate(uow, request.form.get("key", "").strip())
            if caller is None or session.SCOPE not in caller.scopes:
                return _sign_in_page(uow, error="no_till_key" if caller else "wrong_key", status=403)
        with services.database.write() as uow:
            staff.note_sign_in(uow, caller, "scanner")
        return session.sign_in(pages.see_other("scanner.start"), caller, by_pin=False)

    @blueprint.post("/pin")
    def by_pin() -> Response:
        if not turnstile.admits(request.remote_addr or ""):
            return pages.error_page(429)
        with services.database.write() as uow:
            caller, error = _check_pin(uow)
            if caller is None:
                return _sign_in_page(uow, error=error, status=429 if error in pins.TOO_OFTEN else 403)
            staff.note_sign_in(uow, caller, "scanner")
        return session.sign_in(pages.see_other("scanner.start"), caller, by_pin=True)

    @blueprint.post("/sign-out")
    def sign_out() -> Response:
        return session.sign_out(pages.see_other("scanner.start"))


def till_page(
    uow: UnitOfWork, caller: Caller, *, code: str = "", error: str | None = None, status: int = 200
) -> Response:
    """The page of somebody signed in: the field for a card's code."""
    merchant = merchants.merchant(uow, caller.merchant_id)
    shop = merchants.location(uow, merchant.id, caller.location_id) if caller.location_id else None
    return pages.page(
        "scanner/till.html",
        status=status,
        address=url_for("scanner.start"),
        merchant=merchant,
        shop=shop,
        approvals=open_of(uow, caller, pages.language()),
        code=code,
        error=error,
    )


def _sign_in_page(uow: UnitOfWork, *, error: str | None, status: int = 200) -> Response:
    slug = request.values.get("merchant", "").strip().lower()
    merchant, shops = _shops(uow, slug)
    if slug and merchant is None:
        error = error or "unknown_merchant"
    return pages.page(
        "scanner/sign_in.html",
        status=status,
        address=url_for("scanner.start"),
        slug=slug,
        merchant=merchant,
        shops=shops,
        error=error,
    )


def _shops(uow: UnitOfWork, slug: str) -> tuple[MerchantView | None, list[LocationView]]:
    try:
        merchant = merchants.merchant_by_slug(uow, slug)
    except NotFound:
        return None, []
    pages.at_home(merchant)
    return merchant, pins.shops(uow, merchant.id)


def _check_pin(uow: UnitOfWork) -> tuple[Caller | None, str]:
    """Whoever has the PIN in this form, or the key of the text that says why nobody."""
    try:
        merchant = merchants.merchant_by_slug(uow, request.form.get("merchant", ""))
    except NotFound:
        return None, "unknown_merchant"
    shop = pins.Shop(merchant.id, request.form.get("location", ""))
    caller, error = pins.person_with_pin(uow, shop, request.form.get("pin", ""))
    if caller is not None and session.SCOPE not in caller.scopes:
        return None, "no_till_pin"
    return caller, error
