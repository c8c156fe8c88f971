"""A second person at a phone: what they are shown can be read and hit, and their PIN books it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.site import VIEWPORTS, Site, hard_to_hit, hard_to_read, juts_out

pytestmark = pytest.mark.needs_chromium


@pytest.mark.parametrize("scheme, euros", [("light", "150"), ("dark", "160")])
def test_a_second_person_approves_on_the_phone(
    site: Site, open_page: OpenPage, scheme: str, euros: str
) -> None:
    cafe = site.cafe
    assert cafe.shop.name == "Mitte"
    cafe.limit(call="load", within="transaction", amount={"amount": 10_000, "asset": "EUR"}, action="approve")
    pin = f"{euros}{euros}"
    cafe.person(pin, "manage")
    page = open_page("/scanner", scheme=scheme)
    page.get_by_role("textbox", name="Schlüssel").fill(site.key)
    page.keyboard.press("Enter")
    page.get_by_label("Code der Karte").fill(site.cards["gift"].code)
    page.keyboard.press("Enter")
    page.locator("#load").fill(euros)
    page.get_by_role("button", name="Aufladen").click()
    expect(page.get_by_role("heading", name="Eine zweite Person, bitte")).to_be_visible()
    asked = page.url
    for path in (asked, "/scanner"):
        page.goto(path)
        assert hard_to_read(page) == []
        assert hard_to_hit(page) == []
        for size in VIEWPORTS.values():
            page.set_viewport_size(size)
            assert not juts_out(page), size
    page.goto(asked)
    page.get_by_label("PIN der zweiten Person").fill(pin)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Aufgeladen: {euros},00")).to_be_visible()
