"""Every page there is: nothing to tap or click is smaller than WCAG 2.2 asks, on a phone and on a desk."""

from collections.abc import Callable, Iterable

import pytest
from playwright.sync_api import Page, expect

from passes.programs import queries as programs
from tests.browser.conftest import OpenPage
from tests.browser.site import VIEWPORTS, Site
from tests.browser.targets import too_small
from tests.sweep.pages import PAGES

pytestmark = pytest.mark.needs_chromium

FILES = """
    pages.robots pages.asset pages.artwork api_v1.openapi_document enrol.drawing enrol.poster enrol.apple_pass
    enrol.google_pass enrol.voucher enrol.voucher_with_wish console.export console.cards_export
    console.audit_export console.webhooks_export console.card_picture console.design_file
    console.design_drawing console.design_paper apple.register apple.unregister
    apple.fetch apple.updated apple.log google.callback pictures.upload pictures.logo
    pictures.wide_logo pictures.hero ops.healthz ops.readyz ops.metrics
""".split()
"""Addresses of files, of pictures, and of what only machines read."""
SENT = """
    enrol.get_card enrol.confirm enrol.consent console.sign_in console.sign_out console.approve console.reject
    console.webhook_replay console.webhook_replay_all console.webhook_enable
    console.signing_import console.google_compare console.design_upload console.design_save
    console.design_decide console.design_restore console.preview console.launch scanner.by_key scanner.by_pin
    scanner.sign_out scanner.look_up scanner.act scanner.approve_here
""".split()
"""Addresses of forms: they show a page that is looked at here, or lead to one."""


Paths = Callable[[Site], list[str]]
KINDS = ("stamp", "coupon", "gift", "points")


def design(site: Site, rest: str = "") -> list[str]:
    """The page of the stamp card in the console, or one below it."""
    with site.services.database.read() as uow:
        return [f"/console/cards/{programs.by_slug(uow, 'kaffee').id}{rest}"]


PUBLIC: dict[str, Paths] = {
    "pages.start": lambda _site: ["/"],
    "api_docs.docs": lambda _site: ["/api/docs"],
    "enrol.offer": lambda site: [site.path("enrol")],
    "enrol.confirm_page": lambda site: [site.path("confirm")],
    "enrol.card": lambda site: [f"{site.path(kind)}?wallets" for kind in KINDS],
    "console.sign_in_page": lambda _site: ["/console/sign-in"],
    "scanner.start": lambda _site: ["/scanner", "/nowhere"],
}
CONSOLE: dict[str, Paths] = {
    "console.campaigns": lambda _site: ["/console"],
    "console.cards": lambda _site: ["/console/cards"],
    "console.card": design,
    "console.approvals_page": lambda _site: ["/console/approvals"],
    "console.audit_page": lambda _site: ["/console/audit"],
    "console.webhooks_page": lambda _site: ["/console/webhooks"],
    "console.signing": lambda _site: ["/console/signing"],
    "console.google": lambda _site: ["/console/google"],
    "console.design": lambda site: design(site, "/design"),
    "console.design_edit": lambda site: design(site, "/design/edit"),
    "console.design_draft": lambda site: design(site, "/design/draft"),
}
AT_THE_TILL = ("scanner.card", "scanner.approval")


def test_every_page_is_looked_at(site: Site) -> None:
    looked_at = [*PUBLIC, *CONSOLE, *AT_THE_TILL]
    assert sorted([*looked_at, *FILES, *SENT]) == sorted(PAGES)


def measured(page: Page, paths: Iterable[str]) -> dict[str, list[str]]:
    """What is too small, by page and screen."""
    found = {}
    for path in paths:
        page.goto(path)
        for screen in ("phone", "desktop"):
            page.set_viewport_size(VIEWPORTS[screen])
            found[f"{path} {screen}"] = too_small(page)
    return {where: small for where, small in found.items() if small}


def test_public_pages_have_targets_of_24_pixels(site: Site, open_page: OpenPage) -> None:
    page = open_page("/")
    assert measured(page, [path for paths in PUBLIC.values() for path in paths(site)]) == {}


def test_the_console_has_targets_of_24_pixels(site: Site, open_page: OpenPage) -> None:
    email = "357911@example.com"
    site.cafe.person("357911", "marketing", "manage")
    page = open_page("/console/sign-in")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill("correct horse")
    page.locator("form[action='/console/sign-in'] button").click()
    page.goto(CONSOLE["console.design_edit"](site)[0])
    page.locator("[id='colors.background']").fill("#7a1f3d")
    page.locator("[id='texts.de.title']").fill("Kaffee und Kuchen")
    page.locator("form[action$='/edit'] .button").click()
    expect(page.get_by_role("button", name="Entwurf verwerfen")).to_be_visible()
    try:
        assert measured(page, [path for paths in CONSOLE.values() for path in paths(site)]) == {}
    finally:
        page.goto(CONSOLE["console.design_draft"](site)[0])
        page.get_by_role("button", name="Entwurf verwerfen").click()


def test_the_scanner_has_targets_of_24_pixels(site: Site, open_page: OpenPage) -> None:
    cafe = site.cafe
    assert cafe.shop.name == "Mitte"
    cafe.limit(call="load", within="transaction", amount={"amount": 10_000, "asset": "EUR"}, action="approve")
    page = open_page("/scanner")
    page.get_by_role("textbox", name="Schlüssel").fill(site.key)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code der Karte")).to_be_visible()
    cards = [f"/scanner/card/{card.id}" for card in site.cards.values()]
    assert measured(page, ["/scanner", *cards]) == {}
    page.goto(f"/scanner/card/{site.cards['gift'].id}")
    page.locator("#load").fill("170")
    page.get_by_role("button", name="Aufladen").click()
    expect(page.get_by_role("heading", name="Eine zweite Person, bitte")).to_be_visible()
    assert measured(page, [page.url]) == {}


def test_what_is_too_small_would_be_noticed(site: Site, open_page: OpenPage) -> None:
    page = open_page("/")
    page.evaluate(
        """document.querySelector('main').innerHTML = `
          <p><a href="/a">alone</a></p>
          <p>A sentence with <a href="/b">a link</a> in it.</p>
          <p><label class="tick"><input type="checkbox"> said beside it</label></p>
          <p><input type="checkbox" name="small"></p>`"""
    )
    assert too_small(page) == ["A alone", "INPUT small"]
