"""A merchant's own pictures, opened and made to fit.

They were checked and rewritten as plain PNG when they were uploaded; what cannot be opened here was put
into the database by other means, and the error says which picture it is.
"""

import io

from PIL import Image, ImageFilter, ImageOps

from passes.cards.face import Focus
from passes.errors import FieldError

MIDDLE = Focus()
_MUCH_SMALLER = 0.5
_SHARPER = ImageFilter.UnsharpMask(radius=0.8, percent=45, threshold=2)


def open_upload(data: bytes, name: str) -> Image.Image:
    """The picture in `data` (PNG) with its transparency.

    Raises `FieldError` naming `design.images.<name>` for bytes that are no picture.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            return picture.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _unreadable(name) from error


def upload_size(data: bytes, name: str) -> tuple[int, int]:
    """Width and height of the picture in `data` (PNG), in pixels; raises as `open_upload` does."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            return picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _unreadable(name) from error


def _unreadable(name: str) -> FieldError:
    return FieldError(f"design.images.{name}", "this is no readable PNG picture; upload it again")


def crop_box(size: tuple[int, int], ratio: float, focus: Focus) -> tuple[float, float, float, float]:
    """The largest box (left, top, right, bottom) of `ratio` (width by height) within `size` pixels.

    Its middle is the focus, or as near to it as the picture's edges allow; so the focus is always inside.
    """
    width, height = size
    wide, high = min(width, height * ratio), min(height, width / ratio)
    left = min(max(focus.x * width - wide / 2, 0), width - wide)
    top = min(max(focus.y * height - high / 2, 0), height - high)
    return left, top, left + wide, top + high


def cover(picture: Image.Image, size: tuple[int, int], focus: Focus = MIDDLE) -> Image.Image:
    """The picture filling `size` (pixels), what juts out cut off away from the focus."""
    box = crop_box(picture.size, size[0] / size[1], focus)
    fitted = picture.resize(size, Image.Resampling.LANCZOS, box)
    return _sharpened(fitted, size[0] / (box[2] - box[0]))


def fit(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The whole picture as large as it fits into `size` (pixels)."""
    fitted = ImageOps.contain(picture, size, Image.Resampling.LANCZOS)
    return _sharpened(fitted, fitted.width / picture.width)


def _sharpened(picture: Image.Image, scale: float) -> Image.Image:
    """What was made much smaller gets back the edges that averaging took; edges of what is cut out stay."""
    if scale > _MUCH_SMALLER or picture.getchannel("A").getextrema() != (255, 255):
        return picture
    return picture.filter(_SHARPER)
