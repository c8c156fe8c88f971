"""Paper: the few things our prints are drawn with, in millimetres, as vectors, with fonts embedded."""

import io
from dataclasses import dataclass
from textwrap import shorten

from font_roboto import Roboto, RobotoBold, RobotoMedium
from fpdf import FPDF
from fpdf.enums import Align
from PIL import Image, ImageDraw

from passes.wallets.art.lettering import printable
from passes.wallets.art.palette import BLACK, RGB
from passes.wallets.print.losses import LONGEST_TEXT
from passes.wallets.web.qr import QUIET_ZONE, qr_code

A4 = (210.0, 297.0)
SMALLEST_TEXT = 9
LINE_HEIGHT_MM = 0.43
"""Distance of two baselines in millimetres for each point of the letters' size."""
_ALIGN = {"left": Align.L, "center": Align.C}


def a4(title: str, language: str) -> FPDF:
    """An A4 document without pages yet, with our fonts and no margins of its own."""
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    for name, path in (("regular", Roboto), ("medium", RobotoMedium), ("bold", RobotoBold)):
        pdf.add_font(name, fname=path)
    pdf.set_title(printable(title))
    pdf.set_lang(language)
    return pdf


@dataclass(frozen=True, slots=True)
class Sheet:
    """A part of the page to draw on: its left and top edge and its scale; lengths are in millimetres."""

    pdf: FPDF
    left: float
    top: float
    scale: float = 1.0

    def box(self, x: float, y: float, width: float, height: float, color: RGB, radius: float = 0) -> None:
        """A filled rectangle, with round corners where `radius` is not 0."""
        self.pdf.set_fill_color(*color)
        at = (self.left + x * self.scale, self.top + y * self.scale, width * self.scale, height * self.scale)
        self.pdf.rect(*at, style="F", round_corners=radius > 0, corner_radius=radius * self.scale)

    def text(
        self,
        y: float,
        text: str,
        font: str,
        size: float,
        color: RGB,
        lines: int = 2,
        *,
        x: float = 25.0,
        width: float = 160.0,
        align: str = "center",
        longest: int = LONGEST_TEXT,
    ) -> float:
        """Text of `size` points from `y` on, smaller if it needs more `lines`; returns where it ends."""
        parts = (shorten(printable(part), longest, placeholder=" …") for part in text.split("\n"))
        words = "\n".join(parts)
        room = width * self.scale
        wrapped = self._wrapped(words, font, size, room)
        while len(wrapped) > lines and size > SMALLEST_TEXT:
            size *= 0.94
            wrapped = self._wrapped(words, font, size, room)
        if align == "center":
            wrapped = self._balanced(wrapped, words, font, size, room)
        height = size * LINE_HEIGHT_MM * self.scale
        self.pdf.set_text_color(*color)
        self.pdf.set_xy(self.left + x * self.scale, self.top + y * self.scale)
        self.pdf.multi_cell(room, h=height, text="\n".join(wrapped[:lines]), align=_ALIGN[align])
        return y + min(len(wrapped), lines) * height / self.scale

    def _balanced(self, wrapped: list[str], words: str, font: str, size: float, room: float) -> list[str]:
        """Lines of about equal length: as narrow as it goes without needing another line."""
        narrower = room
        while (tried := self._wrapped(words, font, size, narrower * 0.95)) and len(tried) == len(wrapped):
            narrower, wrapped = narrower * 0.95, tried
            if len(wrapped) == 1:
                break
        return wrapped

    def _wrapped(self, words: str, font: str, size: float, width: float) -> list[str]:
        self.pdf.set_font(font, size=size * self.scale)
        lines = self.pdf.multi_cell(width, text=words, dry_run=True, output="LINES", align=Align.C)
        assert isinstance(lines, list)
        return lines

    def picture(self, content: bytes, x: float, y: float, width: float, *, rounded: bool = True) -> float:
        """A PNG as wide as asked; returns where it ends."""
        picture = Image.open(io.BytesIO(content)).convert("RGBA")
        if rounded:
            corners = Image.new("L", picture.size)
            outline = (0, 0, *picture.size)
            ImageDraw.Draw(corners).rounded_rectangle(outline, radius=picture.height // 10, fill=255)
            picture.putalpha(corners)
        height = width * picture.height / picture.width
        left, top = self.left + x * self.scale, self.top + y * self.scale
        self.pdf.image(picture, x=left, y=top, w=width * self.scale, h=height * self.scale)
        return y + height

    def qr(self, content: str, x: float, y: float, side: float) -> None:
        """A QR code with its quiet zone, `side` millimetres wide."""
        code = qr_code(content)
        module = side / (code.side + 2 * QUIET_ZONE)
        for column, row, length in code.runs:
            at = x + (column + QUIET_ZONE) * module, y + (row + QUIET_ZONE) * module
            # A hair higher than a module, so that no white line shows between two rows.
            self.box(*at, length * module, module * 1.01, BLACK)
