"""Pages in a real browser without script: they fit, load whole, and can be read, hit and typed into."""

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.site import VIEWPORTS, Site, broken_pictures, hard_to_hit, hard_to_read, juts_out

pytestmark = pytest.mark.needs_chromium

PAGES = ["enrol", "confirm", "stamp", "coupon", "gift", "points"]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_every_screen_and_loads_whole(
    site: Site, open_page: OpenPage, name: str, language: str
) -> None:
    page = open_page(site.path(name), language=language)
    assert broken_pictures(page) == []
    assert page.locator("html").get_attribute("lang") == language
    for size in VIEWPORTS.values():
        page.set_viewport_size(size)
        assert not juts_out(page), size


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_every_word_can_be_read_and_every_button_hit(
    site: Site, open_page: OpenPage, name: str, scheme: str
) -> None:
    page = open_page(
        site.path(name) if name in ("enrol", "confirm") else f"{site.path(name)}?wallets", scheme=scheme
    )
    closed = page.locator("details:not([open]) > summary")
    while closed.count():  # one that was opened is among them no longer
        closed.first.click()
    assert hard_to_read(page) == []
    assert hard_to_hit(page) == []


def test_what_is_hard_to_read_or_to_hit_would_be_noticed(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.path("enrol"))
    page.evaluate("document.querySelector('.lead').style.color = '#bbb'")
    page.evaluate("document.querySelector('form .button').style.cssText = 'min-height: 0; padding: 0'")
    page.evaluate("document.querySelector('h1').style.marginRight = '-40rem'")
    page.evaluate("document.querySelector('h1').style.width = '100rem'")
    assert len(hard_to_read(page)) == 1
    assert len(hard_to_hit(page)) == 1
    assert juts_out(page)


def test_text_may_be_twice_as_large(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.path("stamp"))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert not juts_out(page)


def test_a_customer_has_a_card_after_two_taps(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.path("enrol"))
    page.get_by_role("button", name="Karte holen").click()
    expect(page.get_by_role("heading", name="Da ist sie!")).to_be_visible()
    expect(page.get_by_text("0 / 10").first).to_be_visible()
    page.goto(site.path("enrol"))
    assert "/c/" in page.url


def test_the_form_works_by_keyboard_and_shows_where_one_is(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.path("enrol"), screen="desktop", language="en")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert _outline(page) >= 2
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Ada")
    page.keyboard.press("Tab")
    page.keyboard.type("ada@")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Please enter an address such as")).to_be_visible()
    expect(page.get_by_label("First name")).to_have_value("Ada")
    assert hard_to_read(page) == []
    page.get_by_role("textbox", name="Email").fill("ada@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Here it is!")).to_be_visible()


def _outline(page: Page) -> float:
    """How many pixels wide the outline of what has the focus is."""
    return float(
        page.evaluate(
            """() => { const style = getComputedStyle(document.activeElement);
                       return style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth); }"""
        )
    )


def test_the_code_on_the_screen_is_read_by_a_scanner(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.path("stamp"), scheme="dark")
    with Image.open(io.BytesIO(page.screenshot())) as screen:
        assert [code.text for code in zxingcpp.read_barcodes(screen)] == [site.cards["stamp"].barcode]


def test_the_language_is_switched_by_hand_and_stays(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.path("enrol"))
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Coffee card")).to_be_visible()
    page.goto(site.path("enrol"))
    expect(page.get_by_role("button", name="Get the card")).to_be_visible()


def test_nothing_breaks_the_pages_own_policy(site: Site, open_page: OpenPage) -> None:
    complaints: list[str] = []
    page = open_page(site.path("enrol"))
    page.on("console", lambda message: complaints.append(message.text))
    strangers: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith((site.base_url, "data:")) else strangers.append(r.url)
    )
    for name in PAGES:
        page.goto(site.path(name))
    assert complaints == []
    assert strangers == []


def test_a_shop_stamps_by_keyboard_alone(site: Site, open_page: OpenPage) -> None:
    card = site.cards["stamp"]
    page = open_page("/scanner", screen="desktop")
    page.get_by_role("textbox", name="Schlüssel").fill(site.key)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code der Karte")).to_be_focused()
    page.keyboard.type(card.code)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="+1", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Gestempelt: 1.")).to_be_visible()
    assert hard_to_read(page) == []
    assert hard_to_hit(page) == []
    assert not juts_out(page)
    page.reload()
    expect(page.get_by_text("Gestempelt: 1.")).to_be_visible()
    page.get_by_role("button", name="Rückgängig machen").click()
    expect(page.get_by_text("Rückgängig gemacht.")).to_be_visible()
