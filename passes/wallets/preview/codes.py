"""What a till scans, in whichever of the four formats a wallet shows it, on white with the typed code."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import zxingcpp

from passes.cards.face import BarcodeFormat
from passes.wallets.preview import letters
from passes.wallets.preview.scene import Code, Item, Panel, Symbol, Words
from passes.wallets.web.qr import QUIET_ZONE, qr_code

_FORMATS = {
    "aztec": zxingcpp.BarcodeFormat.Aztec,
    "pdf417": zxingcpp.BarcodeFormat.PDF417,
    "code128": zxingcpp.BarcodeFormat.Code128,
}
_BAR_HEIGHT = 72.0
_LEAST_QUIET = 12.0
"""Points of white around a code; more than the ten modules that Code 128 asks for."""
_WIDEST = 330.0


@dataclass(frozen=True, slots=True)
class Look:
    """How a wallet frames a code: points, and the colour of the words below."""

    side: float
    radius: float
    size: float
    color: str
    foot: float


def framed(
    middle: float, top: float, shown: BarcodeFormat, message: str, text: str, look: Look
) -> tuple[list[Item], float]:
    """The code around `middle` from `top` on with `text` below it; returns where its white ends."""
    drawn = symbol(shown, message)
    width, height = _size(shown, drawn, look.side)
    quiet = max(_LEAST_QUIET, QUIET_ZONE * width / drawn.columns)
    whole = width + 2 * quiet, height + 2 * quiet + (look.foot if text else 0)
    left = middle - whole[0] / 2
    items: list[Item] = [
        Panel(left, top, *whole, "#ffffff", look.radius),
        Code(left + quiet, top + quiet, width, height, drawn),
    ]
    if text:
        short, size = letters.fitted(text, look.size, whole[0] - 12, smallest=8)
        items.append(Words(middle, top + whole[1] - look.foot * 0.6, short, size, look.color, align="center"))
    return items, top + whole[1]


@lru_cache(maxsize=512)
def symbol(shown: BarcodeFormat, message: str) -> Symbol:
    """The black modules of `message` in a format, without a quiet zone."""
    if shown == "qr":
        code = qr_code(message)
        return Symbol(code.side, code.side, code.runs)
    pixels: list[list[int]] = _pixels(message, _FORMATS[shown])
    if shown == "code128":
        pixels = pixels[:1]  # all rows of it are the same
    runs = tuple(run for y, row in enumerate(pixels) for run in _runs(row, y))
    return Symbol(len(pixels[0]), len(pixels), runs)


def _pixels(message: str, drawn_as: zxingcpp.BarcodeFormat) -> Any:
    """Rows of grey levels, a pixel per module. The library hands out a buffer, which its stubs hide."""
    drawn: Any = zxingcpp.create_barcode(message, drawn_as).to_image(scale=1, add_quiet_zones=False)
    return memoryview(drawn).tolist()


def _size(shown: BarcodeFormat, drawn: Symbol, side: float) -> tuple[float, float]:
    if shown in ("qr", "aztec"):
        return side, side
    width = min(_WIDEST, drawn.columns * 1.6) if shown == "pdf417" else min(_WIDEST, drawn.columns * 1.0)
    return width, _BAR_HEIGHT


def _runs(row: list[int], y: int) -> list[tuple[int, int, int]]:
    """Stretches of black in a row of pixels, as (column, row, length)."""
    runs: list[tuple[int, int, int]] = []
    for x, level in enumerate(row):
        if level > 127:
            continue
        if runs and runs[-1][0] + runs[-1][2] == x:
            start, _, length = runs.pop()
            runs.append((start, y, length + 1))
        else:
            runs.append((x, y, 1))
    return runs
