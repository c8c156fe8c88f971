"""The printed gift card: an A4 sheet, or one that folds twice to a greeting card, with the giver's own words.

Whoever holds the paper holds the card: the code on it is what a till scans, and a second code leads to the
card's page, where it goes into a phone. So no voucher is kept anywhere; each is drawn when it is asked for.
"""

from dataclasses import dataclass
from typing import Literal

from fpdf import FPDF

from passes.cards.face import CardFace, Text
from passes.ids import format_code
from passes.wallets.art.palette import BLACK, RGB, WHITE, readable, rgb
from passes.wallets.art.pictures import hero_png
from passes.wallets.print.losses import TEXT_CONTRAST
from passes.wallets.print.sheet import A4, Sheet, a4

Paper = Literal["a4", "folded"]
LONGEST_NAME = 80
LONGEST_MESSAGE = 500
MOST_LINES = 9

_GREY: RGB = (80, 80, 80)
_LINE: RGB = (200, 200, 200)
_A6 = (A4[0] / 2, A4[1] / 2)

_FOR = Text("Für {name}", "For {name}")
_FROM = Text("Von {name}", "From {name}")
_AT_THE_TILL = Text(
    "An der Kasse scannen lassen oder die Nummer nennen.", "Have it scanned at the till, or say the number."
)
_INTO_A_PHONE = Text("Aufs Handy nehmen", "Take it on a phone")
_CUT = Text(
    "Zweimal falten: erst quer, dann längs, die Schrift nach außen.",
    "Fold twice: across first, then lengthwise, with the print outside.",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the giver wants on the voucher; any of it may be empty."""

    recipient: str = ""
    sender: str = ""
    message: str = ""


def voucher_pdf(face: CardFace, wish: Wish, paper: Paper, language: str) -> bytes:
    """The voucher of a gift card as PDF; `paper` is a whole sheet or one to fold twice."""
    title = f"{face.title.in_language(language)} – {face.organization}"
    pdf = a4(title, "de" if language == "de" else "en")
    pdf.add_page()
    ink = _Ink.of(face)
    if paper == "a4":
        _draw_sheet(Sheet(pdf, 0, 0), face, wish, ink, language)
    else:
        _draw_folded(pdf, face, wish, ink, language)
    return bytes(pdf.output())


@dataclass(frozen=True, slots=True)
class _Ink:
    """The card's colours, as far as they can be read on paper."""

    ground: RGB
    text: RGB
    label: RGB

    @classmethod
    def of(cls, face: CardFace) -> "_Ink":
        ground = rgb(face.colors.background)
        text, label = (
            readable(rgb(color), ground, ratio=TEXT_CONTRAST)
            for color in (face.colors.foreground, face.colors.label)
        )
        return cls(ground, text, label)


def _draw_sheet(sheet: Sheet, face: CardFace, wish: Wish, ink: _Ink, language: str) -> None:
    sheet.box(10, 10, 190, 148, ink.ground, radius=8)
    y = sheet.text(20, face.organization, "medium", 20, ink.label, lines=1)
    y = sheet.text(y + 3, face.title.in_language(language), "bold", 40, ink.text, lines=1)
    y = sheet.text(y + 3, _worth(face, language), "bold", 54, ink.text, lines=1)
    sheet.picture(hero_png(face), 30, 158 - 8 - 150 * 336 / 1032, 150)
    y = _draw_wish(sheet, wish, language, 170, x=25, width=160, size=17)
    _draw_codes(sheet, face, language, max(y + 6, 214), x=25, width=160)
    _draw_small_print(sheet, face, language, 272, x=25, width=160)


def _draw_folded(pdf: FPDF, face: CardFace, wish: Wish, ink: _Ink, language: str) -> None:
    """Four pages of A6 on one side of the sheet: cover and back below, the inside above, upside down."""
    width, height = _A6
    cover = Sheet(pdf, width, height)
    cover.box(0, 0, width, height, ink.ground)
    y = cover.text(14, face.organization, "medium", 15, ink.label, lines=1, x=8, width=width - 16)
    y = cover.text(y + 3, face.title.in_language(language), "bold", 27, ink.text, x=8, width=width - 16)
    if wish.recipient:
        name = _FOR.in_language(language).format(name=wish.recipient)
        cover.text(y + 5, name, "regular", 15, ink.text, x=8, width=width - 16)
    cover.picture(hero_png(face), 8, height - 50, width - 16)
    back = Sheet(pdf, 0, height)
    _draw_small_print(back, face, language, height - 46, x=10, width=width - 20)
    with pdf.rotation(180, A4[0] / 2, height / 2):
        left, right = Sheet(pdf, 0, 0), Sheet(pdf, width, 0)
        _draw_wish(left, wish, language, 34, x=11, width=width - 22, size=15)
        y = right.text(16, _worth(face, language), "bold", 36, BLACK, lines=1, x=8, width=width - 16)
        _draw_codes(right, face, language, y + 6, x=8, width=width - 16)
    pdf.set_draw_color(*_LINE)
    pdf.set_line_width(0.1)
    pdf.set_dash_pattern(dash=2, gap=2)
    pdf.line(0, height, A4[0], height)
    pdf.line(width, 0, width, A4[1])
    back.text(height - 8, _CUT.in_language(language), "regular", 9, _GREY, x=6, width=width - 12)


def _worth(face: CardFace, language: str) -> str:
    balance = next((field.value for field in face.fields if field.key == "balance"), face.title)
    return balance.in_language(language)


def _draw_wish(
    sheet: Sheet, wish: Wish, language: str, y: float, *, x: float, width: float, size: float
) -> float:
    if wish.recipient:
        name = _FOR.in_language(language).format(name=wish.recipient)
        y = sheet.text(y, name, "bold", size, BLACK, lines=1, x=x, width=width, align="left") + 3
    if wish.message:
        y = 3 + sheet.text(
            y,
            wish.message,
            "regular",
            size,
            BLACK,
            MOST_LINES,
            x=x,
            width=width,
            align="left",
            longest=LONGEST_MESSAGE,
        )
    if wish.sender:
        name = _FROM.in_language(language).format(name=wish.sender)
        y = sheet.text(y, name, "medium", size, BLACK, lines=1, x=x, width=width, align="left")
    return y


def _draw_codes(sheet: Sheet, face: CardFace, language: str, y: float, *, x: float, width: float) -> None:
    """The card's own code for the till, and beside or below it the way into a phone."""
    wide = width > 120
    side = 42.0
    left = x if wide else x + (width - side) / 2
    sheet.box(left, y, side, side, WHITE)
    sheet.qr(face.barcode, left, y, side)
    beside, room = (left + side + 6, width - 2 * side - 12) if wide else (x, width)
    below = y + 6 if wide else y + side
    align = "left" if wide else "center"
    below = sheet.text(
        below, format_code(face.code), "bold", 13, BLACK, lines=1, x=beside, width=room, align=align
    )
    till = _AT_THE_TILL.in_language(language)
    below = sheet.text(below + 1, till, "regular", 10, _GREY, lines=3, x=beside, width=room, align=align)
    phone = 30.0 if wide else 26.0
    at = (x + width - phone, y) if wide else (x + (width - phone) / 2, below + 3)
    sheet.qr(face.page_url, *at, phone)
    words = _INTO_A_PHONE.in_language(language)
    sheet.text(at[1] + phone, words, "medium", 10, _GREY, lines=1, x=at[0] - 8, width=phone + 16)


def _draw_small_print(
    sheet: Sheet, face: CardFace, language: str, y: float, *, x: float, width: float
) -> None:
    ends = next((field for field in face.fields if field.key == "valid_until"), None)
    if ends is not None:
        until = f"{ends.label.in_language(language)}: {ends.value.in_language(language)}"
        y = sheet.text(y, until, "medium", 10, BLACK, lines=1, x=x, width=width) + 1
    if face.terms is not None:
        sheet.text(y, face.terms.in_language(language), "regular", 9, _GREY, lines=4, x=x, width=width)
