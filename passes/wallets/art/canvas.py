"""Laying colour on a picture, and turning the picture into a small PNG."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageFilter
from PIL.PngImagePlugin import PngInfo

from passes.wallets.art.palette import RGB
from passes.wallets.art.pen import OVERSAMPLING, Sketch, mask
from passes.wallets.art.shapes import Point

PALETTE_ERROR = 6
"""How far off (of 255) any pixel may be for a picture to be stored with a palette of 256 colours."""
_MOST_COLORS = 16_384
"""A picture with more is a photograph, for which no palette need be tried."""
_SMALL_PIXELS = 20_000
"""An icon is a kilobyte larger without a palette, and finding one takes longer than drawing it."""


def paint(
    image: Image.Image, shape: Image.Image, color: RGB, opacity: float = 1.0, at: tuple[int, int] = (0, 0)
) -> None:
    """Lay `color` on `image` where `shape`, whose upper left corner is put `at`, is white."""
    image.paste(color, at, faded(shape, opacity))


def faded(shape: Image.Image, opacity: float) -> Image.Image:
    """The mask with all its levels multiplied by `opacity`."""
    return shape if opacity >= 1.0 else shape.point(_levels(opacity))


@lru_cache(maxsize=64)
def _levels(opacity: float) -> list[int]:
    return [round(level * opacity) for level in range(256)]


def shadow(shape: Image.Image, blur: float) -> Image.Image:
    """The soft shadow of a mask, `blur` pixels wide; the mask needs a margin for it."""
    return shape.filter(ImageFilter.GaussianBlur(blur))


def without(shape: Image.Image, hole: Image.Image) -> Image.Image:
    """`shape` with `hole` cut out of it, both of one size."""
    return ImageChops.subtract(shape, hole)


@dataclass(frozen=True, slots=True)
class Spot:
    """A round place on a picture where a stamp or a seal goes; centre and radius in pixels."""

    image: Image.Image
    centre: Point
    radius: float

    def mask(self, sketch: Sketch, oversampling: int = OVERSAMPLING) -> Image.Image:
        """A shape sketched around the spot's centre with its radius as the unit, and room for a shadow."""
        side = math.ceil(self.radius * 1.25) * 2
        return mask((side, side), sketch, (side / 2, side / 2), self.radius, oversampling)

    def paint(
        self, shape: Image.Image, color: RGB, opacity: float = 1.0, lower: float = 0.0, aside: float = 0.0
    ) -> None:
        """Lay `shape`, of any size, on the middle of the spot, radii further down and to the right."""
        left = round(self.centre[0] - shape.width / 2 + aside * self.radius)
        top = round(self.centre[1] - shape.height / 2 + lower * self.radius)
        self.image.paste(color, (left, top), faded(shape, opacity))

    def lay(self, picture: Image.Image, opacity: float = 1.0) -> None:
        """Lay a picture with its own transparency on the middle of the spot."""
        left, top = (round(at - side / 2) for at, side in zip(self.centre, picture.size, strict=True))
        self.image.paste(picture.convert("RGB"), (left, top), faded(picture.getchannel("A"), opacity))


def in_scales(largest: Image.Image) -> list[Image.Image]:
    """A picture at three pixels a point and those at one and two made from it, the smallest first.

    Averages alone: sharper ways of making a picture smaller put a light rim beside every dark line, which
    on flat colours can be seen.
    """
    width, height = largest.width // 3, largest.height // 3
    middle = largest.resize((width * 2, height * 2), Image.Resampling.HAMMING)
    return [largest.reduce(3), middle, largest]


def png(image: Image.Image) -> bytes:
    """The picture as a small sRGB PNG: with a palette where nobody could see the difference.

    The packing is a middle one: the best takes eight times as long for a tenth of the bytes.
    """
    return _packed(_with_palette(image))


def pngs(images: Sequence[Image.Image]) -> tuple[bytes, ...]:
    """Those of `in_scales`, each as `png` would have it, with one palette for all."""
    return tuple(_packed(image) for image in _with_one_palette(images))


def _packed(image: Image.Image) -> bytes:
    info = PngInfo()
    info.add(b"sRGB", b"\x00")  # PNG specification 11.3.2.5, rendering intent: perceptual
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=6, pnginfo=info)
    return buffer.getvalue()


def _with_one_palette(images: Sequence[Image.Image]) -> Sequence[Image.Image]:
    """Finding a palette takes as long as drawing, and pictures that look alike have the same colours."""
    largest = images[-1]
    if largest.mode != "RGB" or largest.width * largest.height < _SMALL_PIXELS:
        return images
    small, middle, _ = images
    # A third and two thirds of the width lie side by side below the whole.
    corners = ((middle.width, largest.height), (0, largest.height), (0, 0))
    sheet = Image.new("RGB", (largest.width, largest.height + middle.height), largest.getpixel((0, 0)))
    for image, corner in zip((small, middle, largest), corners, strict=True):
        sheet.paste(image, corner)
    reduced = _with_palette(sheet)
    if reduced is sheet:
        return images
    return [
        reduced.crop((left, top, left + image.width, top + image.height))
        for image, (left, top) in zip(images, corners, strict=True)
    ]


def _with_palette(image: Image.Image) -> Image.Image:
    is_small = image.width * image.height < _SMALL_PIXELS
    if image.mode != "RGB" or is_small or image.getcolors(_MOST_COLORS) is None:
        return image
    reduced = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    levels = ImageChops.difference(image, reduced.convert("RGB")).histogram()
    visible = any(any(levels[band + PALETTE_ERROR + 1 : band + 256]) for band in (0, 256, 512))
    return image if visible else reduced
