"""Uploaded pictures: judged by their header, decoded, and written anew as plain PNG.

What comes in is hostile until proven a picture. The size is read before anything is decoded, so a small
file that unpacks to a gigabyte is refused for a few hundred bytes' work, and what is stored is our own
encoding of the pixels: nothing that rode along (metadata, trailing data, SVG scripts) survives.
"""

import base64
import binascii
import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from passes.errors import FieldError

MAX_UPLOAD_BYTES = 4 * 1024 * 1024
MAX_PIXELS = 16_000_000
MAX_SIDE = 6_000
MAX_RATIO = 20


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
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise FieldError(field, "must be base64 of a PNG or JPEG") from None
    if len(data) > MAX_UPLOAD_BYTES:
        raise FieldError(field, f"must be at most {MAX_UPLOAD_BYTES // 1024 // 1024} MB")
    return clean_picture(field, data)


def clean_picture(field: str, data: bytes) -> Picture:
    """The picture in `data`, re-encoded; `FieldError` naming `field` when it is none or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
                _check_size(field, *image.size)
                upright = ImageOps.exif_transpose(image)
                pixels = upright.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FieldError(field, "must be a PNG or JPEG picture") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise FieldError(field, f"is a damaged picture: {error}") from None
    out = io.BytesIO()
    pixels.save(out, format="PNG", optimize=False)
    return Picture(out.getvalue(), pixels.width, pixels.height)


def _check_size(field: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise FieldError(
            field, f"has {width} x {height} pixels; at most {MAX_SIDE} a side and 16 million in all"
        )
    if max(width, height) > MAX_RATIO * min(width, height):
        raise FieldError(field, f"is too narrow: {width} x {height} pixels")
