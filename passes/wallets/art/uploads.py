"""A merchant's own pictures, opened and made to fit.

They were checked and rewritten as plain PNG when they were uploaded; what cannot be opened here was put
into the database by other means, and the error says which picture it is.
"""

import io

from PIL import Image, ImageOps

from passes.errors import FieldError


def open_upload(data: bytes, name: str) -> Image.Image:
    """The picture in `data` (PNG) with its transparency.

    Raises `FieldError` naming `design.images.<name>` for bytes that are no picture.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            return picture.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        message = "this is no readable PNG picture; upload it again"
        raise FieldError(f"design.images.{name}", message) from error


def cover(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture filling `size` (pixels), centred, what juts out cut off."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def fit(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The whole picture as large as it fits into `size` (pixels)."""
    return ImageOps.contain(picture, size, Image.Resampling.LANCZOS)
