"""Uploaded pictures: judged by their header, decoded, and written anew as plain PNG in sRGB.

What comes in is hostile until proven a picture. The file is walked through before anything is decoded, so a
small one that unpacks to a gigabyte is refused for a few hundred bytes' work; the decoder sees only what it
needs, and what is stored is our own encoding of the pixels: nothing that rode along (metadata, places,
other files) survives. Time and memory are bounded by what the header says.
"""

import base64
import binascii
import hashlib
import io
import math
import struct
import threading
import zlib
from dataclasses import dataclass

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from passes.errors import Busy, FieldError
from passes.programs.source import Source, Unfit, refuse_other_kinds
from passes.programs.source_jpeg import START, read_jpeg
from passes.programs.source_png import SIGNATURE, read_png
from passes.programs.srgb import in_srgb

MAX_UPLOAD_BYTES = 4 * 1024 * 1024
MAX_PIXELS = 16_000_000
MAX_SIDE = 6_000
MAX_RATIO = 20
KEPT_PIXELS = 2_000_000
"""A larger picture is made smaller: no wallet shows more than 1125 by 432."""
SHARP_WIDTH, SHARP_HEIGHT = 1125, 432
"""The largest picture a wallet shows; a long narrow one is not made smaller than that either way."""
KEPT_BYTES = 3_500_000
"""A grainy photograph is made smaller until it weighs no more: an exported design has to be taken again."""
MAX_BUFFERED_BYTES = 64 * 1024 * 1024
_BAND = 512
"""Rows converted at a time, so that a large picture is never held twice."""
_PATIENCE_S = 10.0
_DECODING = threading.BoundedSemaphore(2)
"""A decoder takes up to 100 MB for a moment; more than two at once would be felt."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean PNG and its size in pixels."""

    content: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """The name of the picture."""
        return hashlib.sha256(self.content).hexdigest()


def clean_upload(field: str, encoded: str) -> Picture:
    """The picture in `encoded` (base64 of a PNG or JPEG); `FieldError` naming `field` for anything else."""
    if len(encoded) > MAX_UPLOAD_BYTES * 4 // 3 + 4:
        raise _too_heavy(field)
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise FieldError(field, "must be base64 of a PNG or JPEG") from None
    return clean_picture(field, data)


def clean_picture(field: str, data: bytes) -> Picture:
    """The picture in `data`, upright, in sRGB, at most 2 million pixels, re-encoded.

    Raises `FieldError` naming `field` when it is none, damaged or too large, and `Busy` when too many others
    are having pictures decoded. Takes up to two seconds and 150 MB: not to be called in a unit of work.
    """
    if len(data) > MAX_UPLOAD_BYTES:
        raise _too_heavy(field)
    try:
        source = read_source(data)
        _check_size(source)
        if not _DECODING.acquire(timeout=_PATIENCE_S):
            raise Busy("Too many pictures are being looked at; send this one again in a moment.")
        try:
            return _encoded(_decoded(source))
        finally:
            _DECODING.release()
    except Unfit as unfit:
        raise FieldError(field, str(unfit)) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error):
        raise FieldError(field, "is a damaged picture; export it again as PNG or JPEG") from None


def read_source(data: bytes) -> Source:
    """What `data` says of itself; raises `Unfit` for all that is no PNG or JPEG."""
    refuse_other_kinds(data)
    if data.startswith(SIGNATURE):
        return read_png(data)
    if data.startswith(START):
        return read_jpeg(data)
    raise Unfit("must be a PNG or JPEG picture")


def _too_heavy(field: str) -> FieldError:
    return FieldError(field, f"must be at most {MAX_UPLOAD_BYTES // 1024 // 1024} MB")


def _check_size(source: Source) -> None:
    width, height = source.width, source.height
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Unfit(f"has {width} x {height} pixels; at most {MAX_SIDE} a side and 16 million in all")
    if max(width, height) > MAX_RATIO * min(width, height):
        raise Unfit(f"is too narrow: {width} x {height} pixels")
    if source.buffered_bytes > MAX_BUFFERED_BYTES:
        raise Unfit(
            f"is a progressive JPEG of {width} x {height} pixels; save it as an ordinary or smaller one"
        )


def _decoded(source: Source) -> Image.Image:
    """The pixels as RGB or RGBA in sRGB, upright, no more than are kept."""
    size = _kept_size(source.width, source.height)
    with Image.open(io.BytesIO(source.content), formats=(source.form,)) as image:
        if image.size != (source.width, source.height):
            raise Unfit("is a damaged picture; export it again as PNG or JPEG")
        image.draft(image.mode, size)
        image.load()
        small = _smaller(image, size)
    small = in_srgb(small, source.profile)
    turn = _UPRIGHT.get(source.orientation)
    return small if turn is None else small.transpose(turn)


def _kept_size(width: int, height: int) -> tuple[int, int]:
    """How large a picture of that size is kept: still as wide and as high as a strip, whatever its form."""
    shares = [math.sqrt(KEPT_PIXELS / (width * height)), SHARP_WIDTH / width, SHARP_HEIGHT / height]
    if shares[0] >= 1:
        return width, height
    share = min(1.0, max(shares))
    return max(1, round(width * share)), max(1, round(height * share))


def _smaller(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`image` in a mode that can be averaged, at `size` pixels; large ones band by band."""
    factor = max(1, image.width // size[0])
    if factor == 1:
        plain = _plain(image)
    else:
        height = -(-image.height // factor)
        plain = Image.new(_plain(image.crop((0, 0, 1, 1))).mode, (-(-image.width // factor), height))
        step = _BAND // factor * factor
        for top in range(0, image.height, step):
            band = image.crop((0, top, image.width, min(top + step, image.height)))
            plain.paste(_plain(band).reduce(factor), (0, top // factor))
    return plain if plain.size == size else plain.resize(size, Image.Resampling.LANCZOS)


def _plain(image: Image.Image) -> Image.Image:
    """The same pixels with 8 bits a channel: L, RGB or CMYK, or RGBA where some are transparent."""
    if image.mode == "I;16":
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    if image.mode in ("LA", "RGBA") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _encoded(image: Image.Image) -> Picture:
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    content = _png(image)
    while len(content) > KEPT_BYTES:
        share = 0.95 * math.sqrt(KEPT_BYTES / len(content))
        size = max(1, round(image.width * share)), max(1, round(image.height * share))
        image = image.resize(size, Image.Resampling.LANCZOS)
        content = _png(image)
    return Picture(content, image.width, image.height)


def _png(image: Image.Image) -> bytes:
    image.info = {}
    info = PngInfo()
    info.add(b"sRGB", b"\0")  # PNG, 11.3.2.5, rendering intent: perceptual
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6, pnginfo=info)
    return out.getvalue()
