"""The counter poster: an A4 sheet to hang up and a second one to cut into four table cards of A6.

Both languages stand on it, the first one large. Everything is drawn as vectors except the card's own
picture, so it is sharp at any size; fonts are embedded, so it looks the same from every printer.
"""

from dataclasses import dataclass
from functools import lru_cache

from fpdf import FPDF

from passes.cards.face import CardFace, Colors, Text
from passes.wallets.art.palette import BLACK, RGB, WHITE, readable, rgb
from passes.wallets.art.pictures import hero_png
from passes.wallets.print.losses import TEXT_CONTRAST
from passes.wallets.print.sheet import A4, Sheet, a4

_SCAN = Text("Scannen und Karte holen", "Scan to get the card")
_NOTHING = Text(
    "Ohne App, ohne Konto: für Apple Wallet, Google Wallet und Browser.",
    "No app, no account: for Apple Wallet, Google Wallet and browsers.",
)
_PANEL_BOTTOM = 279.0
_GREY: RGB = (80, 80, 80)


def poster_pdf(face: CardFace) -> bytes:
    """The poster of the program `face` is a sample of, as PDF; equal programs give the same bytes object."""
    return _poster(_subject_of(face))


@lru_cache(maxsize=32)
def _poster(subject: "_Subject") -> bytes:
    pdf = a4(f"{subject.title.de} – {subject.organization}", "de")
    pdf.add_page()
    _draw(Sheet(pdf, 0, 0, 1), subject)
    pdf.add_page()
    for column in (0, 1):
        for row in (0, 1):
            _draw(Sheet(pdf, column * A4[0] / 2, row * A4[1] / 2, 0.5), subject)
    _draw_cuts(pdf)
    return bytes(pdf.output())


@dataclass(frozen=True, slots=True)
class _Subject:
    organization: str
    title: Text
    sentence: Text
    colors: Colors
    enrol_url: str
    picture: bytes


def _subject_of(face: CardFace) -> _Subject:
    return _Subject(
        organization=face.organization,
        title=face.title,
        sentence=face.description,
        colors=face.colors,
        enrol_url=face.enrol_url,
        picture=hero_png(face),
    )


def _draw(sheet: Sheet, subject: _Subject) -> None:
    ground = rgb(subject.colors.background)
    ink = readable(rgb(subject.colors.foreground), ground, ratio=TEXT_CONTRAST)
    quiet = readable(rgb(subject.colors.label), ground, ratio=TEXT_CONTRAST)
    sheet.box(8, 8, 194, 281, ground, radius=10)
    y = sheet.text(20, subject.organization, "medium", 22, quiet, lines=1)
    y = sheet.text(y + 4, subject.title.de, "bold", 54, ink)
    y = sheet.text(y + 4, subject.sentence.de, "regular", 19, ink)
    if subject.sentence.en != subject.sentence.de:
        y = sheet.text(y + 3, subject.sentence.en, "regular", 14, quiet)
    y = sheet.picture(subject.picture, (A4[0] - 150) / 2, y + 7, 150)
    _draw_code(sheet, subject.enrol_url, y + 8)


def _draw_code(sheet: Sheet, url: str, y: float) -> None:
    side = _PANEL_BOTTOM - y - 43
    sheet.box(22, y, 166, _PANEL_BOTTOM - y, WHITE, radius=8)
    sheet.qr(url, (A4[0] - side) / 2, y + 4, side)
    y = sheet.text(y + side + 5, _SCAN.de, "bold", 24, BLACK, lines=1)
    y = sheet.text(y + 1, _SCAN.en, "medium", 15, _GREY, lines=1)
    y = sheet.text(y + 3, _NOTHING.de, "regular", 12.5, _GREY, lines=1)
    sheet.text(y, _NOTHING.en, "regular", 12.5, _GREY, lines=1)


def _draw_cuts(pdf: FPDF) -> None:
    pdf.set_draw_color(150)
    pdf.set_line_width(0.1)
    pdf.set_dash_pattern(dash=2, gap=2)
    pdf.line(A4[0] / 2, 0, A4[0] / 2, A4[1])
    pdf.line(0, A4[1] / 2, A4[0], A4[1] / 2)
