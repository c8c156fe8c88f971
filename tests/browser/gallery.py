"""Every kind of card side by side as Apple, Google, the web and paper show it, for people to judge.

    python -m tests.browser.gallery FOLDER

writes `cards-de.png` and `cards-en.png`. Paper needs pdftoppm and is left out without it.
"""

import io
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

from passes import migrate
from passes.cards import faces
from passes.cards.face import LANGUAGES, CardFace, Text
from passes.clock import SystemClock
from passes.db.engine import Database
from passes.wallets.art.lettering import MEDIUM, font
from passes.wallets.preview.png import scene_png
from passes.wallets.print.poster import poster_pdf
from passes.wallets.print.voucher import Wish, voucher_pdf
from passes.web import previews
from tests.browser.site import VIEWPORTS, Site, served

KINDS = ("stamp", "coupon", "gift", "points")
COLUMNS = (
    Text("Apple Wallet, vorn", "Apple Wallet, front"),
    Text("Apple Wallet, hinten", "Apple Wallet, back"),
    Text("Google Wallet", "Google Wallet"),
    Text("Im Browser", "In the browser"),
    Text("Auf Papier", "On paper"),
)
WIDTH, GAP, HEAD = 375, 28, 56
_WISH = {
    "de": Wish("Oma", "Jule", "Alles Liebe zum Geburtstag!"),
    "en": Wish("Gran", "Jule", "Happy birthday!"),
}


def main(folder: Path) -> None:
    """Draw and write both pictures."""
    browsers = [name for name in ("chromium", "chromium-browser", "google-chrome") if shutil.which(name)]
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        database = Path(scratch) / "stempel.db"
        with closing(Database(f"sqlite:///{database}", SystemClock())) as empty:
            migrate.upgrade(empty)
        browser = playwright.chromium.launch(executable_path=shutil.which(browsers[0]), args=["--no-sandbox"])
        with served(Path(scratch)) as site:
            for language in LANGUAGES:
                rows = [row(site, browser, kind, language) for kind in KINDS]
                whole = sheet(rows, language).quantize(256, Image.Quantize.MEDIANCUT)
                whole.save(folder / f"cards-{language}.png", optimize=True)
        browser.close()


def row(site: Site, browser: Browser, kind: str, language: str) -> list[Image.Image]:
    """One card everywhere."""
    services = site.services
    with services.database.read() as uow:
        face = faces.face_of(uow, services.base_url, site.cards[kind].id, services.token_key)
    front, back, google, _ = previews.sides(face, language, "Europe/Berlin")
    pictures = [opened(scene_png(scene)) for scene in (front, back, google)]
    pictures.append(on_the_web(site, browser, kind, language))
    paper = on_paper(face, language)
    return pictures if paper is None else [*pictures, paper]


def on_the_web(site: Site, browser: Browser, kind: str, language: str) -> Image.Image:
    """The card on its page."""
    locale = {"de": "de-DE", "en": "en-GB"}[language]
    context = browser.new_context(viewport=VIEWPORTS["phone"], locale=locale, base_url=site.base_url)
    page = context.new_page()
    page.goto(site.path(kind))
    picture = opened(page.locator(".duo__card").screenshot())
    context.close()
    return picture


def on_paper(face: CardFace, language: str) -> Image.Image | None:
    """The voucher of a gift card, the poster of any other."""
    pdftoppm = shutil.which("pdftoppm")
    if pdftoppm is None:
        return None
    pdf = voucher_pdf(face, _WISH[language], "a4", language) if face.kind == "gift" else poster_pdf(face)
    how = [pdftoppm, "-png", "-r", "90", "-f", "1", "-l", "1", "-"]
    drawn = subprocess.run(how, input=pdf, capture_output=True, check=True, timeout=300)  # our own PDF
    return opened(drawn.stdout)


def opened(content: bytes) -> Image.Image:
    """A picture as wide as a card."""
    picture = Image.open(io.BytesIO(content)).convert("RGBA")
    height = round(picture.height * WIDTH / picture.width)
    return picture.resize((WIDTH, height), Image.Resampling.LANCZOS)


def sheet(rows: list[list[Image.Image]], language: str) -> Image.Image:
    """All rows below each other, the columns named."""
    columns = max(len(pictures) for pictures in rows)
    heights = [max(picture.height for picture in pictures) for pictures in rows]
    size = (GAP + columns * (WIDTH + GAP), HEAD + sum(height + GAP for height in heights))
    whole = Image.new("RGB", size, "#e9e6e2")
    pen = ImageDraw.Draw(whole)
    for column, title in enumerate(COLUMNS[:columns]):
        at = (GAP + column * (WIDTH + GAP), HEAD // 2)
        pen.text(at, title.in_language(language), font=font(MEDIUM, 20), fill="#1d1a18", anchor="lm")
    y = HEAD
    for pictures, height in zip(rows, heights, strict=True):
        for column, picture in enumerate(pictures):
            whole.paste(picture, (GAP + column * (WIDTH + GAP), y), picture)
        y += height + GAP
    return whole


if __name__ == "__main__":
    main(Path(sys.argv[1]))
