"""What is pressed onto a card: the seal with the shop's initials, the parcel of a reward, a star."""

import math

from PIL import Image, ImageChops

from passes.wallets.art import shapes
from passes.wallets.art.canvas import Spot, shadow, without
from passes.wallets.art.lettering import BOLD, fitted_text_mask
from passes.wallets.art.palette import BLACK, RGB, WHITE
from passes.wallets.art.pen import Pen

SCALLOPS = 24


def draw_seal(spot: Spot, color: RGB, tilt: float = 0.0) -> None:
    """A filled seal, turned by `tilt` radians, pressed onto the card."""
    press(spot, seal_mask(spot, tilt), color)


def seal_mask(spot: Spot, tilt: float) -> Image.Image:
    """The surface of a seal, turned by `tilt` radians."""
    edge = shapes.seal(SCALLOPS, tilt)
    return spot.mask(lambda pen: pen.polygon(edge))


def press(spot: Spot, shape: Image.Image, color: RGB) -> None:
    """Lay `shape` on the spot with a soft shadow below and a little light from above."""
    spot.paint(shadow(shape, spot.radius * 0.08), BLACK, 0.30, lower=0.07)
    spot.paint(shape, color)
    light = Image.linear_gradient("L").transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(shape.size)
    spot.paint(ImageChops.multiply(light, shape), WHITE, 0.10)


def draw_inner_ring(spot: Spot, color: RGB) -> None:
    """The fine ring inside the edge of a seal."""
    spot.paint(inner_ring_mask(spot), color, 0.5)


def inner_ring_mask(spot: Spot) -> Image.Image:
    """The fine ring inside the edge of a seal, as a mask."""
    return spot.mask(lambda pen: pen.ring((0, 0), 0.80, 0.04))


def draw_initials(spot: Spot, color: RGB, initials: str, tilt: float = 0.0) -> None:
    """The shop's initials (or a star where there are none) as large as a seal's ring allows."""
    if initials:
        letters = fitted_text_mask(initials, BOLD, (round(spot.radius * 1.02), round(spot.radius * 0.60)))
    else:
        letters = spot.mask(draw_star)
    turned = letters.rotate(-math.degrees(tilt), Image.Resampling.BICUBIC, expand=True)
    spot.paint(turned, color)


def draw_star(pen: Pen) -> None:
    """A five-pointed star that sits well inside the ring of a seal."""
    pen.polygon(shapes.moved(shapes.star(5, 0.46), (0, 0.03), 0.52))


def draw_parcel(pen: Pen) -> None:
    """A parcel with a bow: the reward."""
    for sign in (-1, 1):
        for (inner, top), (outer, bottom) in (((0.05, -0.17), (0.43, 0.0)), ((0.05, 0.065), (0.375, 0.46))):
            left, right = sorted((sign * inner, sign * outer))
            pen.box((left, top), (right, bottom), 0.035)
        loop = shapes.bezier((0, -0.22), (sign * 0.54, -0.22), (sign * 0.34, -0.64), (0, -0.22))
        pen.line(loop, 0.085)


def draw_outlined_seal(spot: Spot, fill: RGB, line: RGB) -> None:
    """The place a seal will take: its edge as a line, the inside slightly sunken."""
    edge = shapes.seal(SCALLOPS)
    whole = spot.mask(lambda pen: pen.polygon(edge))
    inside = spot.mask(lambda pen: pen.polygon(shapes.moved(edge, (0, 0), 0.93)))
    spot.paint(whole, fill, 0.45)
    spot.paint(without(whole, inside), line)


def flat_seal(radius: float, initials: str) -> Image.Image:
    """A seal of one colour as a mask, the initials cut out of it; for logos on any ground."""
    side = round(radius * 2)
    image = Image.new("RGB", (side, side))
    spot = Spot(image, (side / 2, side / 2), radius)
    edge = shapes.seal(SCALLOPS)
    spot.paint(spot.mask(lambda pen: pen.polygon(edge)), WHITE)
    draw_inner_ring(spot, BLACK)
    draw_initials(spot, BLACK, initials)
    return image.convert("L")
