"""Whether texts stand out from what is behind them: the card's colour, or a picture.

The ratios are those of WCAG 2.2, 1.4.3: 4.5 for text, 3 for large text. Below 3 nobody reads a label in a
shop's light, so that is an error; between the two it is a warning.
https://www.w3.org/TR/WCAG22/#contrast-minimum
"""

import io
from collections.abc import Iterator

from PIL import Image

from passes.cards.face import CardFace, Text
from passes.wallets.art.palette import contrast, rgb
from passes.wallets.art.pictures import strip_png
from passes.wallets.lint.findings import Finding, unreadable, warning

TEXT, LARGE = 4.5, 3.0
_STRIP = (375, 144)
_WRITTEN_ON = (14, 24, 260, 120)
"""Where a phone writes the large field over the picture (points): left, top, right, bottom."""
_MOST_HIDDEN, _SOME_HIDDEN = 0.5, 0.1


def judge_colors(face: CardFace) -> Iterator[Finding]:
    """The two text colours on the card's colour, and the large text on its picture."""
    background = rgb(face.colors.background)
    names = {
        "foreground": Text("Die Schrift", "The text"),
        "label": Text("Die Beschriftung", "The label text"),
    }
    for name, called in names.items():
        ratio = contrast(rgb(getattr(face.colors, name)), background)
        if ratio < TEXT:
            yield _too_pale(f"colors.{name}", called, ratio)
    if face.in_role("primary") and face.stamps is None:
        yield from _on_picture(face)


def _too_pale(part: str, called: Text, ratio: float) -> Finding:
    makes = unreadable if ratio < LARGE else warning
    said = f"{ratio:.1f}"
    return makes(
        "contrast",
        part,
        Text(
            f"{called.de} hebt sich mit {said.replace('.', ',')} : 1 kaum vom Hintergrund ab.",
            f"{called.en} stands out from the background by {said}:1 only.",
        ),
        Text(
            "Eine dunklere oder hellere Farbe wählen; gut lesbar ist Text ab 4,5 : 1.",
            "Choose a darker or lighter colour; text reads well from 4.5:1.",
        ),
    )


def _on_picture(face: CardFace) -> Iterator[Finding]:
    """The share of the picture, where text is written on it, from which that text would not stand out."""
    ink = rgb(face.colors.foreground)
    with Image.open(io.BytesIO(strip_png(face, *_STRIP))) as strip:
        written_on = strip.convert("RGB").crop(_WRITTEN_ON).resize((41, 16), Image.Resampling.BOX)
    counted = written_on.getcolors(41 * 16) or []
    hidden = sum(n for n, color in counted if contrast(ink, _triple(color)) < LARGE) / (41 * 16)
    if hidden <= _SOME_HIDDEN:
        return
    percent = round(hidden * 100)
    makes = unreadable if hidden > _MOST_HIDDEN else warning
    yield makes(
        "contrast_on_picture",
        "images.strip",
        Text(
            f"Auf {percent} % des Bildes, über dem der große Text steht, ist er schlecht zu lesen.",
            f"On {percent}% of the picture below the large text that text is hard to read.",
        ),
        Text(
            "Ein ruhigeres Bild nehmen oder den Bildpunkt so setzen, dass links eine Fläche liegt.",
            "Take a calmer picture, or set its focus so that the left is plain.",
        ),
    )


def _triple(color: object) -> tuple[int, int, int]:
    assert isinstance(color, tuple)
    return color[0], color[1], color[2]
