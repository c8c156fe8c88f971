"""The colours of a page, worked out from the three a merchant chose.

A merchant chooses colours for a card, not for a page, and may choose them badly. Whatever was chosen, text
keeps the contrast WCAG 2.2 AA asks for (4.5 to 1) and a button stands out from the page (3 to 1), in the
light and in the dark.
"""

from dataclasses import dataclass
from functools import lru_cache

from passes.cards.face import Colors
from passes.wallets.art.palette import RGB, SHAPE_CONTRAST, contrast, mix, opposite, readable, rgb

TEXT_CONTRAST = 4.5

_PAPER: RGB = (255, 255, 255)
_NIGHT: RGB = (22, 21, 20)
_TINT_CONTRAST = 1.11
"""How far the ground of a page may leave plain paper for the merchant's colour: just enough to be felt."""


@dataclass(frozen=True, slots=True)
class Shades:
    """What a page is painted with, as `#rrggbb`: its ground, its raised panels, buttons and links."""

    ground: str
    panel: str
    accent: str
    on_accent: str
    link: str


@dataclass(frozen=True, slots=True)
class Brand:
    """The card's own colours, its label made readable, and the page around it by day and by night."""

    background: str
    foreground: str
    label: str
    light: Shades
    dark: Shades


@lru_cache(maxsize=256)
def brand_of(colors: Colors) -> Brand:
    """Every colour a page with a card of these `colors` needs."""
    background = rgb(colors.background)
    return Brand(
        background=_hex(background),
        foreground=_hex(readable(rgb(colors.foreground), background, ratio=TEXT_CONTRAST)),
        label=_hex(readable(rgb(colors.label), background, ratio=TEXT_CONTRAST)),
        light=_shades(colors, _PAPER, _PAPER),
        dark=_shades(colors, _NIGHT, mix(_NIGHT, _PAPER, 0.08)),
    )


def _shades(colors: Colors, paper: RGB, panel: RGB) -> Shades:
    candidates = [rgb(color) for color in (colors.background, colors.label, colors.foreground)]
    telling = [color for color in candidates if contrast(color, panel) >= SHAPE_CONTRAST]
    accent = telling[0] if telling else readable(candidates[0], panel)
    ground = _tinted(paper, max(candidates, key=_colourfulness))
    link = readable(accent, ground, panel, ratio=TEXT_CONTRAST)
    return Shades(*(_hex(color) for color in (ground, panel, accent, opposite(accent), link)))


def _tinted(paper: RGB, color: RGB) -> RGB:
    """`paper` with as much of `color` in it as the page bears."""
    steps = [mix(paper, color, step / 50) for step in range(26)]
    return max((c for c in steps if contrast(c, paper) <= _TINT_CONTRAST), key=lambda c: contrast(c, paper))


def _colourfulness(color: RGB) -> int:
    return max(color) - min(color)


def _hex(color: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
