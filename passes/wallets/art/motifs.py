"""The default strip of each kind: what a card shows before a merchant uploads a picture.

All lengths are shares of the picture's height. The left half stays quiet, because Apple writes the
primary field (a balance, an offer) over it; the motif stands on the right.
"""

import math
from dataclasses import dataclass

from PIL import Image

from passes.cards.face import Kind
from passes.wallets.art import shapes
from passes.wallets.art.canvas import Spot, paint, shadow
from passes.wallets.art.palette import BLACK, RGB, Palette
from passes.wallets.art.pen import Pen, Sketch, mask
from passes.wallets.art.seals import draw_initials, draw_inner_ring, draw_seal

# One half of a bow, seen from the knot at 0, 0.
_LOOP = shapes.bezier((0, -0.045), (0.12, -0.28), (0.50, -0.33), (0.47, -0.07))
_LOOP += shapes.bezier((0.47, -0.07), (0.44, 0.13), (0.16, 0.09), (0, 0.045))
_HOLLOW = shapes.bezier((0.09, -0.03), (0.18, -0.17), (0.40, -0.23), (0.385, -0.075))
_HOLLOW += shapes.bezier((0.385, -0.075), (0.37, -0.01), (0.20, 0.0), (0.09, -0.03))
_TAIL = shapes.bezier((0, 0), (0.08, 0.10), (0.14, 0.22), (0.17, 0.40))
_TAIL += [(0.245, 0.345), (0.315, 0.375)]
_TAIL += shapes.bezier((0.315, 0.375), (0.26, 0.18), (0.17, 0.06), (0.0, -0.04))


def draw_motif(image: Image.Image, kind: Kind, palette: Palette, initials: str) -> None:
    """Decorate the ground of `kind`; a stamp card's stays plain, its stamps are the picture."""
    if kind == "gift":
        _draw_gift(image, palette)
    elif kind == "coupon":
        _draw_coupon(image, palette, initials)
    elif kind == "points":
        _draw_points(image, palette)


def _aspect(image: Image.Image) -> float:
    return image.width / image.height


def _sketched(image: Image.Image, sketch: Sketch) -> Image.Image:
    return mask(image.size, sketch, (0, 0), image.height)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A mask of a part of the picture and where it goes: drawing a bow takes no more than its own room."""

    shape: Image.Image
    at: tuple[int, int]

    def paint(self, image: Image.Image, color: RGB, opacity: float = 1.0, blur: float = 0.0) -> None:
        """Lay `color` on the picture in the piece's form, or with a `blur` (pixels) in that of its shadow."""
        paint(image, shadow(self.shape, blur) if blur else self.shape, color, opacity, self.at)


def _piece(image: Image.Image, points: list[shapes.Point], sketch: Sketch | None = None) -> _Piece:
    """The outline `points`, or what `sketch` draws within them, with room for a shadow."""
    unit, room = image.height, 0.1
    left, top = (math.floor((min(values) - room) * unit) for values in zip(*points, strict=True))
    right, bottom = (math.ceil((max(values) + room) * unit) for values in zip(*points, strict=True))
    draw = sketch or (lambda pen: pen.polygon(points))
    return _Piece(mask((right - left, bottom - top), draw, (-left, -top), unit), (left, top))


def _draw_gift(image: Image.Image, palette: Palette) -> None:
    """Pinstriped paper, tied with a ribbon whose bow sits on the right."""
    aspect = _aspect(image)
    knot = (aspect - 0.62, 0.47)

    def paper(pen: Pen) -> None:
        for stripe in range(-20, round(aspect * 16)):
            pen.line([(stripe / 16, 1.05), (stripe / 16 + 1.1, -0.05)], 0.005)

    paint(image, _sketched(image, paper), palette.line, 0.10)
    ends = (knot[0] - 0.085, -0.1), (knot[0] + 0.085, 1.1)
    band = _piece(image, [*ends], lambda pen: pen.box(*ends, 0.0))
    band.paint(image, BLACK, 0.28, blur=image.height * 0.03)
    band.paint(image, palette.accent)

    def seams(pen: Pen) -> None:
        for x in (knot[0] - 0.062, knot[0] + 0.062):
            pen.line([(x, -0.1), (x, 1.1)], 0.006)

    _piece(image, [*ends], seams).paint(image, palette.on_accent, 0.35)
    _draw_bow(image, palette, knot)


def _draw_bow(image: Image.Image, palette: Palette, knot: shapes.Point) -> None:
    for half in (_TAIL, _LOOP):
        for points in (half, shapes.mirrored(half)):
            _draw_silk(image, palette, shapes.moved(points, knot))
    for points in (_HOLLOW, shapes.mirrored(_HOLLOW)):
        _piece(image, shapes.moved(points, knot)).paint(image, BLACK, 0.34)
    corners = (knot[0] - 0.066, knot[1] - 0.078), (knot[0] + 0.066, knot[1] + 0.078)
    middle = _piece(image, [*corners], lambda pen: pen.box(*corners, 0.04))
    middle.paint(image, BLACK, 0.40, blur=image.height * 0.02)
    middle.paint(image, palette.accent)


def _draw_silk(image: Image.Image, palette: Palette, points: list[shapes.Point]) -> None:
    silk = _piece(image, points)
    silk.paint(image, BLACK, 0.26, blur=image.height * 0.025)
    silk.paint(image, palette.accent)


def _draw_coupon(image: Image.Image, palette: Palette, initials: str) -> None:
    """A ticket: a guilloche with the shop's seal on a stub that is perforated to be torn off."""
    aspect = _aspect(image)
    tear = aspect - 0.95
    middle = ((tear + aspect) / 2, 0.5)
    stub = (tear, -0.1), (aspect + 0.1, 1.1)
    _piece(image, [*stub], lambda pen: pen.box(*stub, 0.0)).paint(image, palette.accent, 0.10)

    def guilloche(pen: Pen) -> None:
        for turn in range(9):
            line = shapes.rosette(14, 0.30, turn * 2 * math.pi / 9)
            pen.curve(shapes.moved(line, middle, 0.44), 0.0045)
            pen.curve(shapes.moved(line, middle, 0.31), 0.0045)

    _piece(image, [*stub], guilloche).paint(image, palette.line, 0.55)

    def holes(pen: Pen) -> None:
        for hole in range(1, 14):
            pen.disc((tear, hole / 14), 0.012)
        for edge in (0, 1):
            pen.disc((tear, edge), 0.07)

    _piece(image, [*stub], holes).paint(image, palette.hole)
    spot = Spot(image, (middle[0] * image.height, middle[1] * image.height), image.height * 0.21)
    draw_seal(spot, palette.ink)
    draw_inner_ring(spot, palette.on_ink)
    draw_initials(spot, palette.on_ink, initials)


_STARS = (
    # ring, angle in degrees (clockwise from the right), size: fixed by hand, like a real sky
    (0, 215, 0.050), (1, 252, 0.030), (1, 196, 0.022), (2, 228, 0.075), (2, 275, 0.026),
    (3, 205, 0.030), (3, 246, 0.042), (4, 222, 0.024), (4, 262, 0.050), (5, 236, 0.030),
)  # fmt: skip
_LINES = ((5, 3), (3, 6), (6, 8), (3, 0), (6, 4))


def _draw_points(image: Image.Image, palette: Palette) -> None:
    """Orbits around the lower right corner, with stars on them joined to a constellation."""
    centre = (_aspect(image) - 0.16, 1.12)
    radii = [0.42 + 0.21 * ring for ring in range(6)]
    stars = [
        (shapes.moved([shapes.polar(math.radians(angle), radii[ring])], centre)[0], size)
        for ring, angle, size in _STARS
    ]

    def orbits(pen: Pen) -> None:
        for radius in radii:
            pen.curve(shapes.moved(shapes.arc(radius, math.pi, 2 * math.pi), centre), 0.005)

    def lines(pen: Pen) -> None:
        for one, other in _LINES:
            pen.line([stars[one][0], stars[other][0]], 0.006)

    def sparkles(pen: Pen) -> None:
        for at, size in stars:
            if size > 0.04:
                pen.polygon(shapes.moved(shapes.star(4, 0.30), at, size * 1.5))
            else:
                pen.disc(at, size * 0.62)

    paint(image, _sketched(image, orbits), palette.line, 0.30)
    paint(image, _sketched(image, lines), palette.line, 0.60)
    bright = _sketched(image, sparkles)
    paint(image, shadow(bright, image.height * 0.035), palette.accent, 0.8)
    paint(image, bright, palette.ink)
