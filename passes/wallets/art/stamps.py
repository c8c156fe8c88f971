"""The stamps of a stamp card: seals pressed into some of its places, the reward in the last.

What is stamped and what is not differs in shape (a filled, toothed seal with the shop's initials against
a thin ring with a number), so it can be told apart without seeing colours.
"""

from PIL import Image

from passes.cards.face import Stamps
from passes.wallets.art.canvas import Spot
from passes.wallets.art.layout import lay_out
from passes.wallets.art.lettering import MEDIUM, fitted_text_mask
from passes.wallets.art.palette import Palette
from passes.wallets.art.seals import (
    draw_initials,
    draw_inner_ring,
    draw_outlined_seal,
    draw_parcel,
    draw_seal,
)

_TILTS = (-0.12, 0.08, -0.05, 0.13, 0.03, -0.09)
"""Radians each seal is turned by, in this order: hand-stamped cards are never perfectly straight."""

Box = tuple[float, float, float, float]


def draw_stamps(image: Image.Image, stamps: Stamps, palette: Palette, initials: str, box: Box) -> None:
    """Draw all places of a card into `box` (left, top, right, bottom; pixels) of `image`.

    A reward that waits to be taken is drawn as won, however many stamps of the next round there are.
    """
    layout = lay_out(stamps.required, box, largest=(box[3] - box[1]) * 0.86)
    for place, centre in enumerate(layout.centres, start=1):
        spot = Spot(image, centre, layout.diameter / 2)
        filled = place <= stamps.filled
        if place == stamps.required:
            _draw_reward(spot, palette, won=filled or stamps.rewards > 0)
        elif filled:
            _draw_stamp(spot, palette, initials, _TILTS[place % len(_TILTS)])
        else:
            _draw_empty(spot, palette, str(place))


def _draw_stamp(spot: Spot, palette: Palette, initials: str, tilt: float) -> None:
    draw_seal(spot, palette.ink, tilt)
    draw_inner_ring(spot, palette.on_ink)
    draw_initials(spot, palette.on_ink, initials, tilt)


def _draw_empty(spot: Spot, palette: Palette, number: str) -> None:
    spot.paint(spot.mask(lambda pen: pen.disc((0, 0), 0.93)), palette.bottom, 0.45)
    spot.paint(spot.mask(lambda pen: pen.ring((0, 0), 0.93, 0.05)), palette.line, 0.85)
    height = spot.radius * (0.52 if len(number) == 1 else 0.46)
    digits = fitted_text_mask(number, MEDIUM, (round(spot.radius * 1.1), round(height)))
    spot.paint(digits, palette.line, 0.9)


def _draw_reward(spot: Spot, palette: Palette, *, won: bool) -> None:
    parcel = spot.mask(draw_parcel)
    if won:
        draw_seal(spot, palette.accent)
        draw_inner_ring(spot, palette.on_accent)
        spot.paint(parcel, palette.on_accent)
    else:
        draw_outlined_seal(spot, palette.bottom, palette.accent)
        spot.paint(parcel, palette.accent)
