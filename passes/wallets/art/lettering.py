"""Letters in pictures: monograms and wordmarks in Roboto, which has every German letter."""

import math
import unicodedata
from functools import lru_cache

from font_roboto import RobotoBold, RobotoMedium
from PIL import Image, ImageDraw, ImageFont

from passes.wallets.art.pen import OVERSAMPLING

MEDIUM: str = RobotoMedium
BOLD: str = RobotoBold
_LARGE = 400
"""Letter size (em) from which smaller ones are made."""
LINE_HEIGHT = 1.12
"""Distance of two baselines, in letter sizes."""


@lru_cache(maxsize=64)
def font(path: str, pixels: int) -> ImageFont.FreeTypeFont:
    """The font at `path`, `pixels` high."""
    return ImageFont.truetype(path, pixels)


@lru_cache(maxsize=1024)
def drawable(character: str) -> bool:
    """Whether Roboto has a shape for `character` (it lacks, say, Chinese), rather than an empty box."""
    probe = font(MEDIUM, 32)
    return bytes(probe.getmask(character)) != bytes(probe.getmask("\U000ffffd"))


def monogram(name: str) -> str:
    """One or two initials of a name, `CG` for "Café Größenwahn"; empty when no letter can be drawn."""
    words = unicodedata.normalize("NFC", name).replace("-", " ").split()
    initials = [next((c for c in word if c.isalnum() and drawable(c)), "") for word in words]
    # "ß" has no capital of one letter that people expect at the start of a name.
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in initials if c)[:2]


def printable(text: str) -> str:
    """`text` with every character that Roboto cannot draw left out."""
    return " ".join("".join(c for c in normalized(text) if c.isspace() or drawable(c)).split())


def normalized(text: str) -> str:
    """`text` with each letter and its accents as one character, as fonts have them."""
    return unicodedata.normalize("NFC", text)


def text_mask(text: str, path: str, pixels: float) -> Image.Image:
    """`text` as an antialiased mask, cut to its ink, with letters of `pixels` size (em)."""
    face = font(path, max(1, round(pixels * OVERSAMPLING)))
    left, top, right, bottom = face.getbbox(text)
    large = Image.new("L", (_whole(right - left), _whole(bottom - top)))
    ImageDraw.Draw(large).text((-left, -top), text, font=face, fill=255)
    return large.reduce(OVERSAMPLING)


@lru_cache(maxsize=256)
def fitted_text_mask(text: str, path: str, box: tuple[int, int]) -> Image.Image:
    """`text` as a mask as large as `box` (width, height in pixels) allows; not to be drawn upon."""
    large = _large_text(text, path)
    share = min(box[0] / large.width, box[1] / large.height)
    if share > 1:
        return text_mask(text, path, _LARGE * share)
    size = max(1, round(large.width * share)), max(1, round(large.height * share))
    return large.resize(size, Image.Resampling.HAMMING)


@lru_cache(maxsize=128)
def _large_text(text: str, path: str) -> Image.Image:
    """`text` so large that it is only ever made smaller; a font takes longest to open in another size."""
    face = font(path, _LARGE)
    left, top, right, bottom = face.getbbox(text)
    mask = Image.new("L", (max(1, round(right - left)), max(1, round(bottom - top))))
    ImageDraw.Draw(mask).text((-left, -top), text, font=face, fill=255)
    return mask


def wordmark(name: str, box: tuple[int, int]) -> Image.Image:
    """A name as large as `box` (pixels) allows, in two lines where that makes it larger.

    A name without any letter Roboto can draw gives an empty mask.
    """
    pixels, lines = _fitted_lines(name, box)
    return _lines_mask(lines, pixels) if lines else Image.new("L", (1, 1))


def wordmark_size(name: str, box: tuple[int, int]) -> float:
    """The letter size of `wordmark` in pixels, 0 without a letter."""
    return _fitted_lines(name, box)[0]


def _fitted_lines(name: str, box: tuple[int, int]) -> tuple[float, tuple[str, ...]]:
    words = printable(name).split()
    if not words:
        return 0.0, ()
    ways: list[tuple[str, ...]] = [(" ".join(words),)]
    ways += [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    return max((_em_size(way, box), way) for way in ways)


def _em_size(lines: tuple[str, ...], box: tuple[int, int]) -> float:
    """The letter size at which `lines` fill `box`, capped so that short names do not shout."""
    trial = font(MEDIUM, 100)
    width = max(trial.getlength(line) for line in lines)
    height = 100 * (0.95 + LINE_HEIGHT * (len(lines) - 1))
    return min(100 * box[0] / width, 100 * box[1] / height, 0.8 * box[1])


def _lines_mask(lines: tuple[str, ...], pixels: float) -> Image.Image:
    face = font(MEDIUM, max(1, int(pixels * OVERSAMPLING)))
    boxes = [face.getbbox(line, anchor="ls") for line in lines]
    step = pixels * OVERSAMPLING * LINE_HEIGHT
    left, top = min(box[0] for box in boxes), boxes[0][1]
    width, height = max(box[2] for box in boxes) - left, step * (len(lines) - 1) + boxes[-1][3] - top
    large = Image.new("L", (_whole(width), _whole(height)))
    for row, line in enumerate(lines):
        ImageDraw.Draw(large).text((-left, row * step - top), line, font=face, fill=255, anchor="ls")
    return large.reduce(OVERSAMPLING)


def _whole(length: float) -> int:
    """`length`, rounded up to what reduces to whole pixels."""
    return math.ceil(max(1, length) / OVERSAMPLING) * OVERSAMPLING
