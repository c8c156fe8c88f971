"""Drawing shapes smoothly: sketches in the caller's own units become antialiased masks.

A sketch is drawn several times too large in one channel and reduced. Colour, opacity and shadow come in
only when the mask is painted, so one shape serves every colour scheme.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image, ImageDraw

from passes.wallets.art.shapes import Point

OVERSAMPLING = 4


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws in a plane whose `origin` (pixels) is 0, 0 and whose unit is `unit` pixels; y grows downwards."""

    surface: ImageDraw.ImageDraw
    origin: Point
    unit: float

    def _pixels(self, points: Sequence[Point]) -> list[Point]:
        return [(self.origin[0] + x * self.unit, self.origin[1] + y * self.unit) for x, y in points]

    def _thick(self, width: float) -> int:
        return max(1, round(width * self.unit))

    def polygon(self, points: Sequence[Point], *, erase: bool = False) -> None:
        """A filled outline, or with `erase` a hole of that form."""
        self.surface.polygon(self._pixels(points), fill=0 if erase else 255)

    def line(self, points: Sequence[Point], width: float) -> None:
        """An open line with rounded joints."""
        self.surface.line(self._pixels(points), fill=255, width=self._thick(width), joint="curve")

    def curve(self, points: Sequence[Point], width: float) -> None:
        """A thin line that turns so little at each of its many points that no joint would be seen."""
        self.surface.line(self._pixels(points), fill=255, width=self._thick(width))

    def rounded(self, points: Sequence[Point], rounding: float) -> None:
        """A filled outline grown by `rounding` on all sides, which makes its corners round."""
        self.polygon(points)
        if rounding <= 0:
            return
        pixels = self._pixels(points)
        self.surface.line([*pixels, pixels[0]], fill=255, width=self._thick(2 * rounding))
        for point in points:
            self.disc(point, rounding)

    def disc(self, centre: Point, radius: float, *, erase: bool = False) -> None:
        """A filled circle, or with `erase` a round hole."""
        self.surface.ellipse(self._circle(centre, radius), fill=0 if erase else 255)

    def ring(self, centre: Point, radius: float, width: float) -> None:
        """A circle whose outer radius is `radius`."""
        self.surface.ellipse(self._circle(centre, radius), outline=255, width=self._thick(width))

    def box(self, upper_left: Point, lower_right: Point, rounding: float) -> None:
        """A filled rectangle with round corners."""
        corners = self._pixels((upper_left, lower_right))
        self.surface.rounded_rectangle((*corners[0], *corners[1]), rounding * self.unit, fill=255)

    def _circle(self, centre: Point, radius: float) -> tuple[float, float, float, float]:
        left, top = self._pixels([(centre[0] - radius, centre[1] - radius)])[0]
        return left, top, left + 2 * radius * self.unit, top + 2 * radius * self.unit


Sketch: TypeAlias = Callable[[Pen], None]


def mask(
    size: tuple[int, int], sketch: Sketch, origin: Point, unit: float, oversampling: int = OVERSAMPLING
) -> Image.Image:
    """What `sketch` draws, as one antialiased channel of `size` pixels; `origin` and `unit` in pixels."""
    large = Image.new("L", (size[0] * oversampling, size[1] * oversampling))
    at = (origin[0] * oversampling, origin[1] * oversampling)
    sketch(Pen(ImageDraw.Draw(large), at, unit * oversampling))
    return large.reduce(oversampling)
