"""What all pages for people share: their language, their security headers, and how they say no.

A page loads nothing from anywhere else and runs no script. Its only inline style is the merchant's colours,
which carry a nonce made for this one answer.
"""

import secrets
from functools import partial
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from passes.cards.face import LANGUAGES
from passes.merchants.queries import MerchantView
from passes.wallets.web.brand import Brand
from passes.web import assets
from passes.web.texts import say
from passes.wiring import Services

LANGUAGE_COOKIE = "lang"
COOKIE_LIFETIME_S = 400 * 24 * 3600
"""As long as browsers keep a cookie at most (RFC 6265bis)."""

_ERROR_TEXTS = (400, 403, 404, 405, 413, 429, 500, 503)
_RETRY_AFTER_S = {429: 60, 503: 5}


def create_blueprint(services: Services) -> Blueprint:
    """The addresses every page relies on: style sheet, fonts, and a start page that says what this is."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def start() -> Response:
        return page("message.html", title=say("start_title", language()), text=say("start_text", language()))

    @blueprint.get("/assets/<tag>/<name>")
    def asset(tag: str, name: str) -> Response:
        return assets.serve(tag, name)

    @blueprint.get("/artwork/<name>")
    def artwork(name: str) -> Response:
        return assets.serve_artwork(name)

    @blueprint.get("/robots.txt")
    def robots() -> Response:
        # Not a lock, only manners; what must not be found carries noindex and cannot be guessed.
        return Response("User-agent: *\nDisallow: /c/\nDisallow: /scanner\n", content_type="text/plain")

    return blueprint


def language() -> str:
    """The language of this request: asked for by `?lang=`, chosen before, or the browser's.

    For a browser that speaks neither it is the merchant's, where the page is one's, else English.
    """
    for chosen in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if chosen in LANGUAGES:
            return chosen
    known: str = request.accept_languages.best_match(LANGUAGES) or g.get("merchants_language", "en")
    return known


def at_home(merchant: MerchantView) -> None:
    """The page is `merchant`'s: whoever speaks none of our languages reads it as people do there."""
    spoken = merchant.locale.partition("-")[0]
    if spoken in LANGUAGES:
        g.merchants_language = spoken


def page(
    template: str,
    *,
    status: int = 200,
    brand: Brand | None = None,
    indexed: bool = False,
    address: str = "",
    **values: Any,
) -> Response:
    """`template` in the visitor's language and the merchant's colours, with the headers every page has.

    Templates find `t` (a text by its key), `language`, `asset` and `nonce` besides `values`. A page that
    answers a form names the `address` at which it can be seen in the other language.
    """
    nonce = secrets.token_urlsafe(16)
    spoken = language()
    body = render_template(
        template,
        language=spoken,
        t=partial(say, language=spoken),
        asset=_asset_url,
        nonce=nonce,
        brand=brand,
        indexed=indexed,
        address=address,
        **values,
    )
    response = make_response(body, status)
    _harden(response, nonce)
    if request.args.get("lang") in LANGUAGES:
        remember(response, LANGUAGE_COOKIE, spoken)
    return response


def refuse_nul() -> None:
    """400 for a request with a NUL in it: no database keeps one, so nothing can be found or stored by it."""
    if any("\0" in text for text in (request.path, *request.values.values())):
        abort(400)


def error_page(status: int, *, key: str | None = None, link: str | None = None, **values: object) -> Response:
    """A friendly page for `status`; `key` names its texts (`key_title`, `key_text`), `link` a way on."""
    nearest = status if status in _ERROR_TEXTS else 404 if status < 500 else 500
    title, text = (say(f"{key or nearest}_{part}", language(), **values) for part in ("title", "text"))
    response = page("message.html", status=status, title=title, text=text, link=link)
    if status in _RETRY_AFTER_S:
        response.headers["Retry-After"] = str(_RETRY_AFTER_S[status])
    return response


def see_other(endpoint: str, **values: Any) -> Response:
    """303 to another page of ours, so that a reload repeats nothing."""
    response = make_response(redirect(url_for(endpoint, **values), 303))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def remember(response: Response, name: str, value: str, *, path: str = "/") -> None:
    """Set a cookie that lasts and that no script can read, for addresses below `path`."""
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_LIFETIME_S,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        path=path,
    )


def _asset_url(name: str) -> str:
    return url_for("pages.asset", tag=assets.tag(), name=name)


def _harden(response: Response, nonce: str) -> None:
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    # The address of a card is the key to it: it must stay out of caches, indexes and Referer headers.
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    response.headers["Vary"] = "Accept-Language, Cookie"
