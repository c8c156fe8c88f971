"""The counter poster: an A4 sheet to hang up and a second one to cut into four table cards of A6.

Both languages stand on it, the first one large. Everything is drawn as vectors except the card's own
picture, so it is sharp at any size; fonts are embedded, so it looks the same from every printer.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from textwrap import shorten

from font_roboto import Roboto, RobotoBold, RobotoMedium
from fpdf import FPDF
from fpdf.enums import Align
from PIL import Image, ImageDraw

from passes.cards.face import CardFace, Colors, Text
from passes.wallets.art.lettering import printable
from passes.wallets.art.palette import RGB, readable, rgb
from passes.wallets.art.pictures import HERO_SIZE, hero_png
from passes.wallets.print.losses import LONGEST_TEXT, TEXT_CONTRAST
from passes.wallets.web.qr import QUIET_ZONE, qr_code

_SCAN = Text("Scannen und Karte holen", "Scan to get the card")
_NOTHING = Text(
    "Ohne App, ohne Konto: für Apple Wallet, Google Wallet und Browser.",
    "No app, no account: for Apple Wallet, Google Wallet and browsers.",
)
_A4 = (210.0, 297.0)
_PANEL_BOTTOM = 279.0
_TEXT_WIDTH = 160.0
_SMALLEST_TEXT = 9
_LINE_HEIGHT_MM = 0.43
"""Distance of two baselines in millimetres for each point of the letters' size."""
_WHITE: RGB = (255, 255, 255)
_BLACK: RGB = (0, 0, 0)
_GREY: RGB = (80, 80, 80)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A place to draw one poster: its left and top edge and its scale, 1 being A4; in millimetres."""

    pdf: FPDF
    left: float
    top: float
    scale: float

    def box(self, x: float, y: float, width: float, height: float, color: RGB, radius: float = 0) -> None:
        """A filled rectangle with round corners, in the measures of A4."""
        self.pdf.set_fill_color(*color)
        at = (self.left + x * self.scale, self.top + y * self.scale, width * self.scale, height * self.scale)
        self.pdf.rect(*at, style="F", round_corners=radius > 0, corner_radius=radius * self.scale)

    def text(self, y: float, text: str, font: str, size: float, color: RGB, lines: int = 2) -> float:
        """Centred text of `size` points from `y` on, smaller if it needs more `lines`; returns its end."""
        words = shorten(printable(text), LONGEST_TEXT, placeholder=" …")
        width = _TEXT_WIDTH * self.scale
        wrapped = self._wrapped(words, font, size, width)
        while len(wrapped) > lines and size > _SMALLEST_TEXT:
            size *= 0.94
            wrapped = self._wrapped(words, font, size, width)
        # Lines of about equal length: as narrow as it goes without needing another line.
        narrower = width
        while (tried := self._wrapped(words, font, size, narrower * 0.95)) and len(tried) == len(wrapped):
            narrower, wrapped = narrower * 0.95, tried
            if len(wrapped) == 1:
                break
        height = size * _LINE_HEIGHT_MM * self.scale
        self.pdf.set_text_color(*color)
        self.pdf.set_xy(self.left + (_A4[0] - _TEXT_WIDTH) / 2 * self.scale, self.top + y * self.scale)
        self.pdf.multi_cell(width, h=height, text="\n".join(wrapped[:lines]), align=Align.C)
        return y + min(len(wrapped), lines) * height / self.scale

    def _wrapped(self, words: str, font: str, size: float, width: float) -> list[str]:
        self.pdf.set_font(font, size=size * self.scale)
        lines = self.pdf.multi_cell(width, text=words, dry_run=True, output="LINES", align=Align.C)
        assert isinstance(lines, list)
        return lines


def poster_pdf(face: CardFace) -> bytes:
    """The poster of the program `face` is a sample of, as PDF; equal programs give the same bytes object."""
    return _poster(_subject_of(face))


@lru_cache(maxsize=32)
def _poster(subject: "_Subject") -> bytes:
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    for name, path in (("regular", Roboto), ("medium", RobotoMedium), ("bold", RobotoBold)):
        pdf.add_font(name, fname=path)
    pdf.set_title(f"{printable(subject.title.de)} – {printable(subject.organization)}")
    pdf.set_lang("de")
    pdf.add_page()
    _draw(_Sheet(pdf, 0, 0, 1), subject)
    pdf.add_page()
    for column in (0, 1):
        for row in (0, 1):
            _draw(_Sheet(pdf, column * _A4[0] / 2, row * _A4[1] / 2, 0.5), subject)
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


def _draw(sheet: _Sheet, subject: _Subject) -> None:
    ground = rgb(subject.colors.background)
    ink = readable(rgb(subject.colors.foreground), ground, ratio=TEXT_CONTRAST)
    quiet = readable(rgb(subject.colors.label), ground, ratio=TEXT_CONTRAST)
    sheet.box(8, 8, 194, 281, ground, radius=10)
    y = sheet.text(20, subject.organization, "medium", 22, quiet, lines=1)
    y = sheet.text(y + 4, subject.title.de, "bold", 54, ink)
    y = sheet.text(y + 4, subject.sentence.de, "regular", 19, ink)
    if subject.sentence.en != subject.sentence.de:
        y = sheet.text(y + 3, subject.sentence.en, "regular", 14, quiet)
    y = _draw_picture(sheet, subject.picture, y + 7)
    _draw_code(sheet, subject.enrol_url, y + 8)


def _draw_picture(sheet: _Sheet, picture: bytes, y: float) -> float:
    width, scale = 150.0, sheet.scale
    height = width * HERO_SIZE[1] / HERO_SIZE[0]
    x = sheet.left + (_A4[0] - width) / 2 * scale
    sheet.pdf.image(_rounded(picture), x=x, y=sheet.top + y * scale, w=width * scale, h=height * scale)
    return y + height


def _rounded(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content)).convert("RGBA")
    corners = Image.new("L", picture.size)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, *picture.size), radius=picture.height // 10, fill=255)
    picture.putalpha(corners)
    return picture


def _draw_code(sheet: _Sheet, url: str, y: float) -> None:
    side = _PANEL_BOTTOM - y - 43
    sheet.box(22, y, 166, _PANEL_BOTTOM - y, _WHITE, radius=8)
    _draw_qr(sheet, url, (_A4[0] - side) / 2, y + 4, side)
    y = sheet.text(y + side + 5, _SCAN.de, "bold", 24, _BLACK, lines=1)
    y = sheet.text(y + 1, _SCAN.en, "medium", 15, _GREY, lines=1)
    y = sheet.text(y + 3, _NOTHING.de, "regular", 12.5, _GREY, lines=1)
    sheet.text(y, _NOTHING.en, "regular", 12.5, _GREY, lines=1)


def _draw_qr(sheet: _Sheet, url: str, x: float, y: float, side: float) -> None:
    """The code with its quiet zone, `side` millimetres wide on A4."""
    code = qr_code(url)
    module = side / (code.side + 2 * QUIET_ZONE)
    for column, row, length in code.runs:
        at = x + (column + QUIET_ZONE) * module, y + (row + QUIET_ZONE) * module
        # A hair higher than a module, so that no white line shows between two rows.
        sheet.box(*at, length * module, module * 1.01, _BLACK)


def _draw_cuts(pdf: FPDF) -> None:
    pdf.set_draw_color(150)
    pdf.set_line_width(0.1)
    pdf.set_dash_pattern(dash=2, gap=2)
    pdf.line(_A4[0] / 2, 0, _A4[0] / 2, _A4[1])
    pdf.line(0, _A4[1] / 2, _A4[0], _A4[1] / 2)
