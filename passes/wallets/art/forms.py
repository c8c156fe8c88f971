"""The shapes a stamp may have: circle, star, heart, square and cup, each filled or as a line.

Every form is an outline that is grown by a rounding, so that a smaller rounding gives a line of the same
width all around. Lengths are shares of the stamp's radius.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from passes.cards.face import StampShape
from passes.wallets.art import shapes
from passes.wallets.art.canvas import Spot, without
from passes.wallets.art.pen import Pen
from passes.wallets.art.shapes import Point

STROKE = 0.085
"""Width of the lines of a stamp that is still to be collected."""
_FINE = 0.035
_SMOOTH = 8
"""Oversampling of outlines grown piece by piece, whose pieces would not quite meet on a coarser grid."""


@dataclass(frozen=True, slots=True)
class Form:
    """One shape: its outline and how much it is grown; what is on it stands `below` and `aside`.

    Both are from the middle, `aside` to the right. `letters` is how high initials on it are, None where it
    speaks for itself; `digits` is how high the number in an empty one is. `tilts` says how far a filled one
    is turned, as a share of a stamp's tilt.
    """

    outline: tuple[Point, ...]
    rounding: float
    below: float = 0.0
    aside: float = 0.0
    letters: float | None = None
    digits: float = 0.5
    tilts: float = 1.0
    handle: tuple[Point, ...] = ()
    steam: tuple[tuple[Point, ...], ...] = ()


def _heart() -> tuple[Point, ...]:
    half = shapes.bezier((0, -0.42), (0.12, -0.80), (0.80, -0.86), (0.80, -0.26), 14)
    half += shapes.bezier((0.80, -0.26), (0.80, 0.16), (0.34, 0.44), (0.0, 0.76), 14)
    return (*half, *reversed(shapes.mirrored(half)))


def _cup() -> tuple[Point, ...]:
    right = [(0.50, -0.30), (0.50, 0.24)]
    right += shapes.bezier((0.50, 0.24), (0.50, 0.62), (0.26, 0.76), (-0.02, 0.76), 14)
    middle = -0.12
    return (*right, *((2 * middle - x, y) for x, y in reversed(right)))


def _steam(x: float) -> tuple[Point, ...]:
    return tuple(shapes.bezier((x, -0.60), (x - 0.14, -0.72), (x + 0.14, -0.84), (x, -0.97), 12))


_SQUARE = ((-0.58, -0.58), (0.58, -0.58), (0.58, 0.58), (-0.58, 0.58))
_HANDLE = tuple(shapes.moved(shapes.arc(0.29, -math.pi * 0.52, math.pi * 0.52, 20), (0.63, 0.12)))

FORMS: Mapping[StampShape, Form] = {
    "circle": Form(tuple(shapes.arc(0.60, 0, 2 * math.pi, 48)[:-1]), 0.36, letters=0.60, digits=0.52),
    "star": Form(tuple(shapes.moved(shapes.star(5, 0.52), (0, 0.06), 0.86)), 0.15, below=0.07, digits=0.40),
    "heart": Form(_heart(), 0.15, below=-0.10, digits=0.46),
    "square": Form(_SQUARE, 0.28, letters=0.60, digits=0.52, tilts=0.6),
    "cup": Form(
        _cup(),
        0.14,
        below=0.18,
        aside=-0.12,
        digits=0.48,
        tilts=0.0,
        handle=_HANDLE,
        steam=(_steam(-0.40), _steam(-0.12), _steam(0.16)),
    ),
}


def filled_mask(spot: Spot, form: Form, tilt: float) -> Image.Image:
    """The shape as a surface, turned by as much of `tilt` (radians) as suits it."""
    angle = tilt * form.tilts

    def draw(pen: Pen) -> None:
        pen.rounded(shapes.turned(form.outline, angle), form.rounding)
        if form.handle:
            pen.line(shapes.turned(form.handle, angle), 0.15)
        for line in form.steam:
            pen.line(line, 0.085)

    return spot.mask(draw, _SMOOTH)


def fine_line_mask(spot: Spot, form: Form, tilt: float) -> Image.Image:
    """The fine line inside a filled shape."""
    outline = shapes.turned([(x * 0.84, y * 0.84) for x, y in form.outline], tilt * form.tilts)
    outer = spot.mask(lambda pen: pen.rounded(outline, form.rounding * 0.8), _SMOOTH)
    return without(outer, spot.mask(lambda pen: pen.rounded(outline, form.rounding * 0.8 - _FINE), _SMOOTH))


def line_mask(spot: Spot, form: Form) -> Image.Image:
    """The shape as a line, as wide all around."""

    def draw(pen: Pen) -> None:
        pen.rounded(form.outline, form.rounding)
        if form.handle:
            pen.line(form.handle, STROKE)

    return without(spot.mask(draw, _SMOOTH), inside_mask(spot, form))


def inside_mask(spot: Spot, form: Form) -> Image.Image:
    """What the line of the shape encloses."""
    return spot.mask(lambda pen: pen.rounded(form.outline, form.rounding - STROKE), _SMOOTH)
