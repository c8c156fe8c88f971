"""A scene as a PNG, for e-mails and link previews, where no page can be."""

import io
from functools import singledispatch

from PIL import Image, ImageDraw

from passes.wallets.art.canvas import png
from passes.wallets.art.lettering import font, printable
from passes.wallets.preview import letters
from passes.wallets.preview.scene import Code, Item, Panel, Picture, Scene, Words

_ANCHORS = {"left": "ls", "center": "ms", "right": "rs"}
_FINER_LETTERS = 4
"""Letters are drawn so much larger, since at their own size each would be moved to a whole pixel."""
_OVERSAMPLING = 2
"""Corners and circles are drawn larger and shrunk, since Pillow does not smooth them itself."""


def scene_png(scene: Scene, scale: float = 2.0) -> bytes:
    """The scene at `scale` pixels per point, on nothing outside its round corners."""
    canvas = _Canvas(scene, scale)
    for item in scene.items:
        _draw(item, canvas)
    return png(canvas.finished())


class _Canvas:
    """The picture being painted, in pixels of `zoom` per point."""

    def __init__(self, scene: Scene, scale: float) -> None:
        self._scene, self.zoom = scene, scale
        size = round(scene.width * scale), round(scene.height * scale)
        self.image = Image.new("RGB", size, scene.ground)

    def mask(self, width: float, height: float, radius: float) -> Image.Image:
        """A smooth mask of a rectangle with round corners; points."""
        factor = self.zoom * _OVERSAMPLING
        size = max(_OVERSAMPLING, round(width * factor)), max(_OVERSAMPLING, round(height * factor))
        large = Image.new("L", size)
        ImageDraw.Draw(large).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius * factor, fill=255)
        smaller = max(1, round(width * self.zoom)), max(1, round(height * self.zoom))
        return large.resize(smaller, Image.Resampling.LANCZOS)

    def at(self, x: float, y: float) -> tuple[int, int]:
        """A place in pixels."""
        return round(x * self.zoom), round(y * self.zoom)

    def finished(self) -> Image.Image:
        """The picture, cut to the card's round corners."""
        whole = self.image.convert("RGBA")
        whole.putalpha(
            self.mask(self._scene.width, self._scene.height, self._scene.radius).resize(whole.size)
        )
        return whole


@singledispatch
def _draw(item: Item, canvas: _Canvas) -> None:
    raise TypeError(f"nobody knows how to draw a {type(item).__name__}")


@_draw.register
def _panel(item: Panel, canvas: _Canvas) -> None:
    mask = canvas.mask(item.width, item.height, item.radius)
    color, alpha = item.color[:7], int(item.color[7:] or "ff", 16)
    if alpha < 255:
        mask = mask.point([level * alpha // 255 for level in range(256)])
    canvas.image.paste(color, canvas.at(item.x, item.y), mask)


@_draw.register
def _words(item: Words, canvas: _Canvas) -> None:
    text, anchor, times = printable(item.text), _ANCHORS[item.align], _FINER_LETTERS
    face = font(letters.file_of(bold=item.bold), max(1, round(item.size * canvas.zoom * times)))
    x, y = (round(side * canvas.zoom * times) for side in (item.x, item.y))
    left, top, right, bottom = face.getbbox(text, anchor=anchor)
    # Whole pixels of the picture, so that the letters come to stand where they were measured.
    corner = (x + round(left)) // times - 1, (y + round(top)) // times - 1
    size = (round(right - left) // times + 3) * times, (round(bottom - top) // times + 3) * times
    large = Image.new("L", size)
    at = x - corner[0] * times, y - corner[1] * times
    ImageDraw.Draw(large).text(at, text, font=face, fill=255, anchor=anchor)
    canvas.image.paste(item.color, corner, large.reduce(times))


@_draw.register
def _picture(item: Picture, canvas: _Canvas) -> None:
    size = max(1, round(item.width * canvas.zoom)), max(1, round(item.height * canvas.zoom))
    picture = Image.open(io.BytesIO(item.png)).convert("RGBA").resize(size, Image.Resampling.LANCZOS)
    mask = picture.getchannel("A")
    if item.round:
        mask = canvas.mask(item.width, item.height, item.width / 2).resize(size)
    canvas.image.paste(picture, canvas.at(item.x, item.y), mask)


@_draw.register
def _code(item: Code, canvas: _Canvas) -> None:
    draw, symbol = ImageDraw.Draw(canvas.image), item.symbol
    wide, high = item.width / symbol.columns, item.height / symbol.rows
    for column, row, length in symbol.runs:
        left, top = canvas.at(item.x + column * wide, item.y + row * high)
        right, bottom = canvas.at(item.x + (column + length) * wide, item.y + (row + 1) * high)
        draw.rectangle((left, top, right - 1, bottom - 1), fill="#000000")
