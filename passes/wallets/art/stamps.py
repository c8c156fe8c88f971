"""The stamps of a stamp card: pressed into some of its places, the reward in the last.

What is stamped and what is not differs in shape (a filled form against a thin line with a number), so it can
be told apart without seeing colours.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PIL import Image

from passes.cards.face import DesignImages, Stamps, StampShape
from passes.wallets.art.canvas import Spot
from passes.wallets.art.forms import FORMS, Form, filled_mask, fine_line_mask, inside_mask, line_mask
from passes.wallets.art.layout import lay_out
from passes.wallets.art.lettering import MEDIUM, fitted_text_mask
from passes.wallets.art.palette import Palette
from passes.wallets.art.seals import (
    draw_initials,
    draw_inner_ring,
    draw_outlined_seal,
    draw_parcel,
    draw_seal,
    inner_ring_mask,
    press,
    seal_mask,
)
from passes.wallets.art.uploads import fit, open_upload

_TILTS = (-0.12, 0.08, -0.05, 0.13, 0.03, -0.09)
"""Radians each stamp is turned by, in this order: hand-stamped cards are never perfectly straight."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Look:
    """What a stamp is: the shop's seal unless it has a `shape`; the merchant's `own` pictures come first."""

    shape: StampShape | None
    own: DesignImages


SEALS = Look(None, DesignImages())


@dataclass(frozen=True, slots=True)
class _Kit:
    """What all stamps of one card are made with; without a `form` a stamp is the shop's seal.

    Stamps of one card have one size, so what is drawn for one of them serves the others: `masks`.
    """

    palette: Palette
    initials: str
    form: Form | None
    pictures: Mapping[str, Image.Image]
    masks: dict[str, Image.Image] = field(default_factory=dict)

    def mask(self, name: str, draw: Callable[[], Image.Image]) -> Image.Image:
        """The mask called `name`, drawn when it is first needed."""
        if name not in self.masks:
            self.masks[name] = draw()
        return self.masks[name]


def draw_stamps(
    image: Image.Image,
    stamps: Stamps,
    palette: Palette,
    initials: str,
    box: Box,
    look: Look = SEALS,
) -> None:
    """Draw all places of a card into `box` (left, top, right, bottom; pixels) of `image`.

    A reward that waits to be taken is drawn as won, however many stamps of the next round there are.
    """
    layout = lay_out(stamps.required, box, largest=(box[3] - box[1]) * 0.86)
    pictures = _own_pictures(look.own, math.floor(layout.diameter))
    kit = _Kit(palette, initials, FORMS[look.shape] if look.shape else None, pictures)
    for place, centre in enumerate(layout.centres, start=1):
        spot = Spot(image, centre, layout.diameter / 2)
        filled = place <= stamps.filled
        if place == stamps.required:
            _draw_reward(spot, kit, won=filled or stamps.rewards > 0)
        elif filled:
            _draw_stamp(spot, kit, _TILTS[place % len(_TILTS)])
        else:
            _draw_empty(spot, kit, str(place))


def _own_pictures(own: DesignImages, side: int) -> dict[str, Image.Image]:
    uploads = {
        "stamp_empty": own.stamp_empty,
        "stamp_full": own.stamp_full,
        "stamp_reward": own.stamp_reward,
    }
    return {name: fit(open_upload(data, name), (side, side)) for name, data in uploads.items() if data}


def _draw_stamp(spot: Spot, kit: _Kit, tilt: float) -> None:
    palette, form = kit.palette, kit.form
    if "stamp_full" in kit.pictures:
        spot.lay(kit.pictures["stamp_full"])
    elif form is None:
        press(spot, kit.mask(f"seal {tilt}", lambda: seal_mask(spot, tilt)), palette.ink)
        spot.paint(kit.mask("ring", lambda: inner_ring_mask(spot)), palette.on_ink, 0.5)
        draw_initials(spot, palette.on_ink, kit.initials, tilt)
    else:
        press(spot, kit.mask(f"filled {tilt}", lambda: filled_mask(spot, form, tilt)), palette.ink)
        spot.paint(kit.mask(f"fine {tilt}", lambda: fine_line_mask(spot, form, tilt)), palette.on_ink, 0.5)
        if form.letters is not None:
            draw_initials(spot, palette.on_ink, kit.initials, tilt * form.tilts)


def _draw_empty(spot: Spot, kit: _Kit, number: str) -> None:
    palette, form = kit.palette, kit.form
    if "stamp_empty" in kit.pictures:
        spot.lay(kit.pictures["stamp_empty"])
        return
    if form is None:
        disc = kit.mask("disc", lambda: spot.mask(lambda pen: pen.disc((0, 0), 0.93)))
        ring = kit.mask("empty", lambda: spot.mask(lambda pen: pen.ring((0, 0), 0.93, 0.05)))
        spot.paint(disc, palette.bottom, 0.45)
        spot.paint(ring, palette.line, 0.85)
    else:
        spot.paint(kit.mask("inside", lambda: inside_mask(spot, form)), palette.bottom, 0.45)
        spot.paint(kit.mask("line", lambda: line_mask(spot, form)), palette.line, 0.85)
    high = spot.radius * (form.digits if form else 0.52) * (1 if len(number) == 1 else 0.88)
    digits = fitted_text_mask(number, MEDIUM, (round(spot.radius * 1.1), round(high)))
    below, aside = (form.below, form.aside) if form else (0.0, 0.0)
    spot.paint(digits, palette.line, 0.9, lower=below, aside=aside)


def _draw_reward(spot: Spot, kit: _Kit, *, won: bool) -> None:
    palette = kit.palette
    if "stamp_reward" in kit.pictures:
        spot.lay(kit.pictures["stamp_reward"], opacity=1.0 if won else 0.4)
        return
    parcel = spot.mask(draw_parcel)
    if won:
        draw_seal(spot, palette.accent)
        draw_inner_ring(spot, palette.on_accent)
        spot.paint(parcel, palette.on_accent)
    else:
        draw_outlined_seal(spot, palette.bottom, palette.accent)
        spot.paint(parcel, palette.accent)
