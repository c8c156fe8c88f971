"""The pictures of a card by names that can stand in an address, so that every phone may keep them for good.

A name says all that a picture depends on besides the design: `strip-3-0` is a strip with three stamps and no
reward waiting. Nothing in it tells whose card it is, so all cards of a program share their pictures.
"""

import re
from dataclasses import dataclass, replace

from passes.cards.face import CardFace, Stamps, Text
from passes.wallets.art.pictures import WORDMARK_ASPECT, icon_png, logo_aspect, logo_png, strip_png

_STRIP_SIZE = (1125, 432)
_LOGO_HEIGHT = 40
_LOGO_MAX_WIDTH = 160
_ICON_SIZE = 192
_SCALE = 3
"""Device pixels per CSS pixel of the sharpest phones."""

_STAMPED = re.compile(r"strip-([0-9]{1,3})-([01])")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture by its name, its size on the page in CSS pixels, and what it shows.

    `alt` is empty where the picture only decorates what stands beside it in words.
    """

    name: str
    width: int
    height: int
    alt: str


def strip_drawing(face: CardFace, language: str) -> Drawing:
    """The wide picture; on a stamp card it tells how the card stands."""
    width, height = (side // _SCALE for side in _STRIP_SIZE)
    if face.stamps is None:
        return Drawing("strip", width, height, "")
    filled = min(max(face.stamps.filled, 0), face.stamps.required)
    name = f"strip-{filled}-{min(face.stamps.rewards, 1)}"
    return Drawing(name, width, height, _stamps_in_words(face.stamps).in_language(language))


def logo_drawing(face: CardFace) -> Drawing:
    """The merchant's logo; with the name as its text where it is a wordmark that spells it."""
    aspect = logo_aspect(face)
    width = min(_LOGO_MAX_WIDTH, round(_LOGO_HEIGHT * aspect))
    alt = face.organization if aspect >= WORDMARK_ASPECT else ""
    return Drawing("logo", width, _LOGO_HEIGHT, alt)


def drawing_png(face: CardFace, name: str) -> bytes | None:
    """The picture called `name` in the design of `face`; None where there is none of that name."""
    if name == "logo":
        drawing = logo_drawing(face)
        return logo_png(face, drawing.width * _SCALE, drawing.height * _SCALE)
    if name == "icon":
        return icon_png(face, _ICON_SIZE)
    if name == "strip" and face.stamps is None:
        return strip_png(face, *_STRIP_SIZE)
    stamped = _STAMPED.fullmatch(name)
    if stamped is None or face.stamps is None or int(stamped[1]) > face.stamps.required:
        return None
    stamps = Stamps(int(stamped[1]), face.stamps.required, int(stamped[2]))
    return strip_png(replace(face, stamps=stamps), *_STRIP_SIZE)


def _stamps_in_words(stamps: Stamps) -> Text:
    de = f"{stamps.filled} von {stamps.required} Stempeln"
    en = f"{stamps.filled} of {stamps.required} stamps"
    if stamps.rewards == 1:
        return Text(f"{de}, eine Prämie wartet", f"{en}, one reward is waiting")
    if stamps.rewards > 1:
        return Text(f"{de}, {stamps.rewards} Prämien warten", f"{en}, {stamps.rewards} rewards are waiting")
    return Text(de, en)
