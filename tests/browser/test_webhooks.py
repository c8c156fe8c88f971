"""The page of webhooks in a real browser without script: it is read, narrowed and used on every screen."""

import pytest
from playwright.sync_api import Page, expect

from passes.clock import real_now
from tests.browser.conftest import OpenPage
from tests.browser.site import Site
from tests.browser.targets import too_small
from tests.browser.test_console import is_well_made
from tests.factories.cafe import Cafe
from tests.factories.hooks import Hooks

pytestmark = pytest.mark.needs_chromium

AGAIN = {"de": "Erneut senden", "en": "Send again"}
ALL_AGAIN = {"de": "Alles Aufgegebene erneut senden", "en": "Send all that was given up again"}
GIVEN_UP = {"de": "Aufgegeben", "en": "Given up"}
ENABLE = {"de": "Wieder einschalten", "en": "Enable again"}


def sign_in(open_page: OpenPage, cafe: Cafe, language: str, scheme: str) -> Page:
    """Somebody who manages the café, looking at its webhooks."""
    pin = {"de": "864201", "en": "864202"}[language]
    cafe.person(pin, "manage")
    page = open_page("/console/sign-in", language=language, scheme=scheme)
    page.locator("input[name=email]").fill(f"{pin}@example.com")
    page.locator("input[name=password]").fill("correct horse")
    page.locator("form[action='/console/sign-in'] button").click()
    page.goto("/console/webhooks")
    return page


@pytest.mark.parametrize("language, scheme", [("de", "dark"), ("en", "light")])
def test_webhooks_are_read_narrowed_and_sent_again(
    site: Site, open_page: OpenPage, language: str, scheme: str
) -> None:
    cafe = Cafe(site.services, slug=f"hooks-{language}", name="Café Haken")
    hooks = Hooks(site.services.database, cafe.merchant.id)
    page = sign_in(open_page, cafe, language, scheme)
    is_well_made(page)
    assert too_small(page) == []

    long = hooks.endpoint(f"https://shop.example/{'long-' * 40}", failing_since=real_now())
    gone = hooks.disabled("https://gone.example/")
    for state in ("", "waiting", "delivered", "given_up"):
        hooks.send(state, to=long, event_type="transaction.created")
    for _ in range(60):
        hooks.send("given_up", to=gone)
    for path in ("/console/webhooks", f"/console/webhooks?state=given_up&webhook={long}"):
        page.goto(path)
        is_well_made(page)
        assert too_small(page) == []

    page.goto("/console/webhooks")
    page.get_by_role("button", name=ENABLE[language]).click()
    expect(page.locator(".say--good")).to_be_visible()
    page.locator("#state").select_option("given_up")
    page.locator("#webhook").select_option(long)
    page.locator("form[role=search] button").click()
    expect(page.get_by_role("button", name=ALL_AGAIN[language])).to_be_visible()
    expect(page.locator("td .state")).to_have_text([GIVEN_UP[language]])
    page.locator("td").get_by_role("button", name=AGAIN[language]).click()
    expect(page.locator(".say--good")).to_be_visible()
    expect(page.locator("td .state")).to_have_count(0)
    assert not hooks.sent(state="given_up", endpoint_id=long)
