"""Whether an empty and a full stamp can be told apart, also by people who see fewer colours.

One man in twelve sees red and green as shades of one colour. Both pictures are looked at as protanopes,
deuteranopes and tritanopes would see them (matrices of Machado, Oliveira and Fernandes, 2009, for linear
RGB), and compared by the mean distance in CIE L*a*b* (1976), which grows with lightness, colour and shape.
"""

from collections.abc import Iterator, Sequence
from math import dist

from PIL import Image

from passes.cards.face import CardFace, Text
from passes.wallets.art.palette import rgb
from passes.wallets.art.uploads import open_upload
from passes.wallets.lint.findings import Finding, unreadable

SIDE = 24
TELLABLE = 10.0
"""Mean distance from which two stamps are told apart at the size of a fingernail; 2.3 is just noticeable."""

_Matrix = tuple[tuple[float, float, float], ...]
_EYES: dict[str, tuple[Text, _Matrix]] = {
    "all": (Text("niemand", "nobody"), ((1, 0, 0), (0, 1, 0), (0, 0, 1))),
    "protanopia": (
        Text("Menschen ohne Rotsinn (Protanopie)", "people who do not see red (protanopia)"),
        ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    ),
    "deuteranopia": (
        Text("Menschen ohne Grünsinn (Deuteranopie)", "people who do not see green (deuteranopia)"),
        ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    ),
    "tritanopia": (
        Text("Menschen ohne Blausinn (Tritanopie)", "people who do not see blue (tritanopia)"),
        ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    ),
}


def judge_stamps(face: CardFace) -> Iterator[Finding]:
    """The design's own pictures of an empty and a full stamp, side by side."""
    empty, full = face.images.stamp_empty, face.images.stamp_full
    if empty is None or full is None:
        return
    ground = rgb(face.colors.background)
    pictures = (_pixels(empty, "stamp_empty", ground), _pixels(full, "stamp_full", ground))
    unable = [name for name in _EYES if distance(*pictures, eye=name) < TELLABLE]
    if not unable:
        return
    whom = [_EYES[name][0] for name in (("all",) if "all" in unable else unable)]
    if "all" in unable:
        says = Text(
            "Ein leerer und ein voller Stempel sehen fast gleich aus.",
            "An empty and a full stamp look nearly alike.",
        )
    else:
        says = Text(
            f"Leere und volle Stempel sehen gleich aus für {', '.join(text.de for text in whom)}.",
            f"Empty and full stamps look alike to {', '.join(text.en for text in whom)}.",
        )
    yield unreadable(
        "stamps_alike",
        "images.stamp_full",
        says,
        Text(
            "Besser unterscheiden sie sich auch in Form oder Helligkeit, nicht nur in der Farbe.",
            "Let them differ in shape or lightness, not only in colour.",
        ),
    )


def distance(one: Sequence[tuple[int, int, int]], other: Sequence[tuple[int, int, int]], eye: str) -> float:
    """The mean distance of two pictures' pixels in L*a*b*, as the `eye` sees them."""
    matrix = _EYES[eye][1]
    pairs = zip((_lab(pixel, matrix) for pixel in one), (_lab(pixel, matrix) for pixel in other), strict=True)
    return sum(dist(left, right) for left, right in pairs) / len(one)


def _pixels(data: bytes, name: str, ground: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    picture = open_upload(data, name).resize((SIDE, SIDE), Image.Resampling.BOX)
    image = Image.new("RGB", (SIDE, SIDE), ground)
    image.paste(picture, (0, 0), picture)
    raw = image.tobytes()
    return [(raw[at], raw[at + 1], raw[at + 2]) for at in range(0, len(raw), 3)]


def _lab(pixel: tuple[int, int, int], matrix: _Matrix) -> tuple[float, float, float]:
    """CIE L*a*b* under D65 of what an eye makes of an sRGB pixel."""
    linear = [_linear(channel / 255) for channel in pixel]
    red, green, blue = (
        min(1.0, max(0.0, sum(share * value for share, value in zip(row, linear, strict=True))))
        for row in matrix
    )
    x = _cube((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047)
    y = _cube(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    z = _cube((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _cube(value: float) -> float:
    return float(value ** (1 / 3)) if value > 0.008856 else 7.787 * value + 16 / 116
