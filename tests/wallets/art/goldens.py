"""What pictures look like, as hashes of their pixels; `python -m tests.wallets.art.goldens` writes them anew.

Only to be done when the art was changed on purpose and looked at: `goldens.json` goes into the same commit.
"""

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from PIL import Image

from passes.cards.face import CardFace, Colors, Stamps, StampShape
from passes.wallets.apple.images import images_for
from passes.wallets.art.pictures import (
    hero_png,
    icon_png,
    logo_png,
    square_logo_png,
    strip_png,
    wide_logo_png,
)
from tests.factories.faces import BLUE, BROWN, KINDS, LIGHT, make_face

STORED = Path(__file__).with_name("goldens.json")
GREEN = Colors("#14532d", "#ffffff", "#fde68a")
SMALL = (374, 144)
"""Not quite Apple's form, and so drawn at this size at once: ten times as fast as at the largest."""
SHAPES: tuple[StampShape | None, ...] = (None, *get_args(StampShape))


def drawn() -> dict[str, str]:
    """The hash of every picture's pixels by its name: all kinds, all shapes, one to thirty stamps."""
    return {name: _hash(png) for name, png in _pictures()}


def _pictures() -> Iterator[tuple[str, bytes]]:
    for kind in KINDS:
        face = make_face(kind)
        yield f"{kind} strip", strip_png(face, 1125, 432)
        for name, picture in images_for(face).items():
            yield f"{kind} apple {name}", picture
        yield f"{kind} hero", hero_png(face)
        yield f"{kind} logo", logo_png(face, 150, 150)
        yield f"{kind} name", logo_png(face, 480, 150)
        yield f"{kind} square logo", square_logo_png(face, 660)
        yield f"{kind} icon", icon_png(face, 114)
        yield f"{kind} wide logo", wide_logo_png(face)
    for number, shape in enumerate(SHAPES):
        for required in range(1, 31):
            colors = (BROWN, LIGHT, BLUE, GREEN)[(number + required) % 4]
            yield f"{shape or 'seal'} {required}", strip_png(_card(shape, required, colors), *SMALL)


def _card(shape: StampShape | None, required: int, colors: Colors) -> CardFace:
    stamps = Stamps(required * 2 // 3, required, required % 2)
    return make_face("stamp", stamps=stamps, stamp_shape=shape, colors=colors)


def _hash(png: bytes) -> str:
    with Image.open(io.BytesIO(png)) as image:
        pixels = image.convert("RGBA")
        return hashlib.sha256(repr(pixels.size).encode() + pixels.tobytes()).hexdigest()[:24]


if __name__ == "__main__":
    STORED.write_text(json.dumps(drawn(), indent=1) + "\n")
