"""The console in a real browser without script: a design is changed, looked at and thrown away."""

import pytest
from playwright.sync_api import Page, expect

from passes.programs import queries as programs
from tests.browser.conftest import OpenPage
from tests.browser.site import VIEWPORTS, Site, broken_pictures, hard_to_hit, hard_to_read, juts_out

pytestmark = pytest.mark.needs_chromium


@pytest.fixture(scope="module")
def design(site: Site) -> str:
    """Where the stamp card's design is changed, by a login that may."""
    site.cafe.person("246810", "marketing", "manage")
    with site.services.database.read() as uow:
        return f"/console/cards/{programs.by_slug(uow, 'kaffee').id}/design"


def sign_in(open_page: OpenPage, **how: str) -> Page:
    page = open_page("/console/sign-in", **how)
    page.locator("input[name=email]").fill("246810@example.com")
    page.locator("input[name=password]").fill("correct horse")
    page.locator("form[action='/console/sign-in'] button").click()
    return page


def is_well_made(page: Page) -> None:
    """It fits every screen, loads whole, and can be read and hit."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert hard_to_read(page) == []
    assert hard_to_hit(page) == []
    assert broken_pictures(page) == []
    for size in VIEWPORTS.values():
        page.set_viewport_size(size)
        assert not juts_out(page), size


@pytest.mark.parametrize("language, scheme", [("de", "dark"), ("en", "light")])
def test_a_design_is_changed_and_looked_at(
    site: Site, open_page: OpenPage, design: str, language: str, scheme: str
) -> None:
    page = sign_in(open_page, screen="desktop", language=language, scheme=scheme)
    for path in (design, f"{design}/edit", "/console/google", "/console/signing"):
        page.goto(path)
        is_well_made(page)
    page.goto(f"{design}/edit")
    page.locator("[id='colors.background']").fill("#7a1f3d")
    page.locator("[id='texts.de.title']").fill("Kaffee & Kuchen")
    page.locator("[id='stamp_shape']").select_option("heart")
    page.locator("form[action$='/edit'] .button").click()
    card_in = page.locator("main").get_by_role("link", name={"de": "Deutsch", "en": "German"}[language])
    card_in.focus()
    page.keyboard.press("Enter")
    expect(card_in).to_have_attribute("aria-current", "true")
    expect(page.get_by_text("Kaffee & Kuchen").first).to_be_visible()
    expect(page.get_by_text("Kaffeekarte").first).to_be_visible()
    is_well_made(page)
    page.get_by_role("button", name={"de": "Entwurf verwerfen", "en": "Discard the draft"}[language]).click()
    expect(page.locator(".say--good")).to_be_visible()
