"""The page and the picture of a preview are one layout: held against each other in a real browser."""

import io

import pytest
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Locator

from passes.cards import faces
from passes.wallets.preview import letters
from passes.wallets.preview.png import scene_png
from passes.wallets.preview.scene import Scene, Words
from passes.web import previews
from tests.browser.conftest import OpenPage
from tests.browser.site import Site

pytestmark = pytest.mark.needs_chromium

MOST_OFF = 40
"""How far (of 255) the two may differ anywhere once single letters are blurred away."""
KINDS = ["stamp", "coupon", "gift", "points"]


def drawn(site: Site, kind: str) -> tuple[Scene, ...]:
    """The four sides of the card that the page shows."""
    services = site.services
    with services.database.read() as uow:
        face = faces.face_of(uow, services.base_url, site.cards[kind].id, services.token_key)
    return previews.sides(face, "de", "Europe/Berlin")


def difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of two pictures of cards, seen without glasses; their round corners left out."""
    size = one.width - 24, min(one.height, other.height) - 24
    blurred = [
        picture.convert("RGB").crop((24, 24, *size)).filter(ImageFilter.GaussianBlur(5))
        for picture in (one, other)
    ]
    return max(high for _, high in ImageChops.difference(*blurred).getextrema())  # type: ignore[misc]  # RGB has a pair per band


def seen(card: Locator) -> Image.Image:
    """What the browser shows of it, at its own size and in a corner of its own."""
    card.evaluate(
        "e => e.style.cssText = 'position: fixed; inset: 0; width: 375px; z-index: 9; filter: none'"
    )
    picture = Image.open(io.BytesIO(card.screenshot()))
    card.evaluate("e => e.style.cssText = ''")
    return picture


@pytest.mark.parametrize("kind", KINDS)
def test_the_picture_shows_what_the_page_shows(site: Site, open_page: OpenPage, kind: str) -> None:
    page = open_page(site.path(kind), screen="desktop")
    page.get_by_role("link", name="So sieht sie im Handy aus").click()
    cards = page.locator(".preview__card").all()
    scenes = drawn(site, kind)
    assert len(cards) == len(scenes) == len(previews.SIDES)
    for card, scene in zip(cards, scenes, strict=True):
        picture = Image.open(io.BytesIO(scene_png(scene, 1)))
        assert difference(seen(card), picture) < MOST_OFF, scene.name
    other = Image.open(io.BytesIO(scene_png(scenes[2], 1)))
    assert difference(seen(cards[0]), other) > 2 * MOST_OFF


def test_words_are_as_wide_as_they_were_measured(site: Site, open_page: OpenPage) -> None:
    page = open_page(f"{site.path('points')}?wallets", screen="desktop")
    widths = page.locator(".preview__card text").evaluate_all(
        "all => all.map(e => e.getComputedTextLength())"
    )
    words = [item for scene in drawn(site, "points") for item in scene.items if isinstance(item, Words)]
    assert len(widths) == len(words)
    for width, item in zip(widths, words, strict=True):
        measured = letters.width_of(item.text, item.size, bold=item.bold)
        assert width == pytest.approx(measured, rel=0.03, abs=1), item.text
