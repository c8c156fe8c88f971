"""The colours of a picture, derived from the three a merchant chose so that nothing becomes unreadable.

Contrast is the ratio of WCAG 2.2 (relative luminance of sRGB): 1 is none, 21 is black on white, 3 is what
it asks of shapes and large letters, 4.5 of text.
"""

from dataclasses import dataclass

from passes.cards.face import Colors

RGB = tuple[int, int, int]

WHITE: RGB = (255, 255, 255)
BLACK: RGB = (0, 0, 0)
SHAPE_CONTRAST = 3.0
LINE_CONTRAST = 2.4


def rgb(color: str) -> RGB:
    """`#rrggbb` as three integers; `ValueError` naming the colour for anything else."""
    digits = color.removeprefix("#")
    if len(color) != 7 or len(digits) != 6 or not all(c in "0123456789abcdefABCDEF" for c in digits):
        raise ValueError(f"{color!r} is no colour; write six hexadecimal digits such as #4a2c1d")
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def mix(color: RGB, other: RGB, share: float) -> RGB:
    """`color` with `share` (0 to 1) of it replaced by `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(color, other, strict=True))
    return red, green, blue


def luminance(color: RGB) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""

    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(channel) for channel in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RGB, other: RGB) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def opposite(*grounds: RGB) -> RGB:
    """Black or white, whichever stands out more from the ground it stands out from least."""
    return max((WHITE, BLACK), key=lambda extreme: min(contrast(extreme, ground) for ground in grounds))


def readable(color: RGB, *grounds: RGB, ratio: float = SHAPE_CONTRAST) -> RGB:
    """`color`, moved towards black or white only as far as `ratio` on all `grounds` demands."""
    target = opposite(*grounds)
    for step in range(20):
        candidate = mix(color, target, step / 20)
        if all(contrast(candidate, ground) >= ratio for ground in grounds):
            return candidate
    return target


@dataclass(frozen=True, slots=True)
class Palette:
    """What a picture is painted with.

    The ground runs from `top` to `bottom`; `ink` fills, `on_ink` writes on what is filled, `line` draws
    outlines and quiet lettering, `accent` marks the reward, `hole` is what shows through a perforation.
    """

    top: RGB
    bottom: RGB
    ink: RGB
    on_ink: RGB
    line: RGB
    accent: RGB
    on_accent: RGB
    hole: RGB


def palette_of(colors: Colors) -> Palette:
    """The palette of a program's colours.

    The ground leaves the background only away from the foreground, so text that a wallet writes over the
    picture is never harder to read than on the card itself.
    """
    background, foreground, label = rgb(colors.background), rgb(colors.foreground), rgb(colors.label)
    away = BLACK if luminance(foreground) >= luminance(background) else WHITE
    top, bottom = mix(background, away, 0.04), mix(background, away, 0.22)
    ink = readable(foreground, top, bottom)
    accent = readable(label, top, bottom)
    return Palette(
        top=top,
        bottom=bottom,
        ink=ink,
        on_ink=readable(background, ink),
        line=readable(label, top, bottom, ratio=LINE_CONTRAST),
        accent=accent,
        on_accent=readable(background, accent),
        hole=mix(background, away if contrast(bottom, away) > 1.4 else opposite(away), 0.5),
    )
