"""A café on a running server, with a card of every kind, and what its pages can be measured by."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from werkzeug.serving import make_server

from passes.app import create_app
from passes.cards.rules import CardView
from passes.config import Settings
from passes.members import confirmations
from passes.programs import queries as programs
from passes.wallets.art.palette import contrast
from passes.wiring import Services
from tests.factories.cafe import Cafe

VIEWPORTS: dict[str, Any] = {
    "phone": {"width": 390, "height": 844},
    "small": {"width": 320, "height": 568},
    "desktop": {"width": 1280, "height": 900},
}

# For every element that shows text of its own: the text, its colour, its size, and what lies behind it.
_TEXTS = """() => {
  const clear = 'rgba(0, 0, 0, 0)', ground = e => getComputedStyle(e).backgroundColor;
  const hidden = '.hidden-text, .skip, .card__strip';
  const hasText = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  return [...document.querySelectorAll('main *, header *')]
    .filter(e => hasText(e) && e.checkVisibility({opacityProperty: true}) && !e.closest(hidden))
    .map(e => {
      let behind = e;
      while (behind.parentElement && ground(behind) === clear) behind = behind.parentElement;
      const style = getComputedStyle(e);
      return {text: e.textContent.trim().slice(0, 40), color: style.color, ground: ground(behind),
              size: parseFloat(style.fontSize), bold: parseInt(style.fontWeight) >= 700};
    });
}"""
_TARGETS = """() => [...document.querySelectorAll('a, button, summary, input:not([type=hidden]), select')]
  .filter(e => e.checkVisibility() && !e.closest('.trap, .skip, dl, p:not(.bar__name)'))
  .map(e => { const box = (e.closest('label') || e).getBoundingClientRect();
              return {what: e.outerHTML.slice(0, 80), width: box.width, height: box.height}; })"""


class Site:
    """The café and where it is served."""

    def __init__(self, services: Services, base_url: str) -> None:
        services.identities.create_development("groessenwahn")
        self.services, self.base_url, self.cafe = services, base_url, Cafe(services)
        self.cafe.program("stamp", slug="kaffee")

    @cached_property
    def cards(self) -> dict[str, CardView]:
        """A card of each kind, with something on it."""
        cards = {kind: self.cafe.card(kind) for kind in ("stamp", "coupon", "points")}
        cards["gift"] = self.cafe.card("gift", amount=5000)
        self.cafe.collect(cards["stamp"], 14)
        self.cafe.collect(cards["points"], 128)
        self.cafe.pay(cards["gift"], 1250)
        return cards

    @cached_property
    def key(self) -> str:
        """A till key."""
        return self.cafe.key("till").key

    @cached_property
    def confirming(self) -> str:
        """The path a mail to confirm an address leads to."""
        card, key = self.cards["stamp"], self.services.token_key
        told = {"language": "de", "source": "/e/x", "wording": "Größenwahn darf mir Mails schicken."}
        with self.services.database.write() as uow:
            asked = confirmations.ask(uow, key, card.merchant_id, card.id, email="ada@example.com", **told)
            slug = programs.get(uow, card.merchant_id, card.program_id).slug
        return f"/e/{slug}/confirm/{confirmations.token_of(key, asked)}"

    def path(self, name: str) -> str:
        """The path of a page: `enrol`, `confirm` behind the link in a mail, or the kind of a card."""
        if name == "confirm":
            return self.confirming
        return "/e/kaffee" if name == "enrol" else f"/c/{self.cards[name].page_token.lower()}"


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """The café behind a real server, from the database `stempel.db` in `folder`, until the block ends."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    settings = Settings(
        base_url=f"http://127.0.0.1:{server.port}",
        database_url=f"sqlite:///{folder / 'stempel.db'}",
        data_dir=folder,
        certs_dir=folder / "certs",
    )
    with closing(Services(settings)) as services:
        server.app = create_app(services)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Site(services, settings.base_url)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _rgb(css: str) -> tuple[int, int, int]:
    red, green, blue = (round(float(part)) for part in css[css.index("(") + 1 : -1].split(",")[:3])
    return red, green, blue


def hard_to_read(page: Page) -> list[str]:
    """Texts with less contrast than WCAG 2.2 AA asks: 4.5, or 3 for large ones."""
    found = []
    for shown in page.evaluate(_TEXTS):
        is_large = shown["size"] >= 24 or (shown["bold"] and shown["size"] >= 18.66)
        ratio = contrast(_rgb(shown["color"]), _rgb(shown["ground"]))
        if ratio < (3 if is_large else 4.5):
            found.append(f"{shown['text']}: {shown['color']} on {shown['ground']} is {ratio:.2f}")
    return found


def hard_to_hit(page: Page) -> list[str]:
    """Controls smaller than a finger: 44 by 44 CSS pixels."""
    return [t["what"] for t in page.evaluate(_TARGETS) if t["width"] < 44 or t["height"] < 43.5]


def juts_out(page: Page) -> bool:
    """Whether the page can be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def broken_pictures(page: Page) -> list[str]:
    """Pictures that did not load."""
    return list(
        page.evaluate("[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)")
    )
