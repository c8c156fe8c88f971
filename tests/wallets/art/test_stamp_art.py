"""Stamps of every shape and of the merchant's own: each count legible, nothing told by colour alone."""

import io
from typing import get_args

import pytest
from PIL import Image, ImageChops, ImageDraw

from passes.cards.face import CardFace, DesignImages, Stamps, StampShape
from passes.wallets.art.layout import lay_out
from passes.wallets.art.pictures import STRIP_SIZE, strip_png
from tests.factories.faces import BLUE, BROWN, LIGHT, make_face

SHAPES: tuple[StampShape | None, ...] = (None, *get_args(StampShape))
COUNTS = range(1, 31)
SIZE = (374, 144)
"""Not quite Apple's form, and so drawn at this size at once."""
BOX = (SIZE[0] * 0.04, SIZE[1] * 0.07, SIZE[0] * 0.96, SIZE[1] * 0.93)


def card(shape: StampShape | None, filled: int, required: int, **more: object) -> CardFace:
    return make_face("stamp", stamps=Stamps(filled, required, 0), stamp_shape=shape, **more)


def strip(face: CardFace) -> Image.Image:
    return Image.open(io.BytesIO(strip_png(face, *SIZE)), formats=("PNG",)).convert("L")


def place_of(index: int, required: int) -> tuple[int, int, int, int]:
    layout = lay_out(required, BOX, largest=(BOX[3] - BOX[1]) * 0.86)
    (x, y), half = layout.centres[index - 1], layout.diameter / 2
    return round(x - half), round(y - half), round(x + half), round(y + half)


def inked(image: Image.Image, ground: int) -> float:
    """The share of a picture that differs clearly from the ground."""
    marked = image.point([255 if abs(level - ground) > 40 else 0 for level in range(256)])
    return marked.histogram()[255] / (image.width * image.height)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("required", COUNTS[2:])  # on fewer no two plain places can be compared
def test_a_filled_place_holds_far_more_ink_than_an_empty_one_in_grey(
    shape: StampShape | None, required: int
) -> None:
    grey = strip(card(shape, 1, required, colors=(BROWN, LIGHT, BLUE)[required % 3]))
    ground = grey.getpixel((2, SIZE[1] // 2))
    assert isinstance(ground, int)
    full, empty = (inked(grey.crop(place_of(index, required)), ground) for index in (1, 2))
    assert full > 0.30
    assert full > 1.6 * empty


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("required", COUNTS)
def test_nothing_of_a_stamp_reaches_the_edge_of_the_strip(shape: StampShape | None, required: int) -> None:
    image = strip(card(shape, required, required))
    bare = strip(make_face("stamp", stamps=None))
    changed = ImageChops.difference(image, bare).point([0] * 40 + [255] * 216).getbbox()
    assert changed is not None
    assert changed[0] >= SIZE[0] * 0.02
    assert changed[1] >= SIZE[1] * 0.04
    assert changed[2] <= SIZE[0] * 0.98
    assert changed[3] <= SIZE[1] * 0.98


def test_every_shape_looks_like_itself() -> None:
    looks = {strip(card(shape, 5, 10)).tobytes() for shape in SHAPES}
    assert len(looks) == len(SHAPES)


def own(color: str, *, round_: bool) -> bytes:
    image = Image.new("RGBA", (300, 300))
    draw = ImageDraw.Draw(image)
    (draw.ellipse if round_ else draw.rectangle)((20, 20, 280, 280), fill=color)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


FULL, EMPTY, REWARD = (
    own("#ffffff", round_=True),
    own("#777777", round_=False),
    own("#ffd700", round_=True),
)


def test_the_merchants_pictures_stand_in_their_places_and_the_rest_is_drawn() -> None:
    plain = strip(card("star", 4, 10))
    for images, changed in (
        (DesignImages(stamp_full=FULL), {1, 2, 3, 4}),
        (DesignImages(stamp_empty=EMPTY), {5, 6, 7, 8, 9}),
        (DesignImages(stamp_reward=REWARD), {10}),
        (DesignImages(stamp_full=FULL, stamp_empty=EMPTY, stamp_reward=REWARD), set(range(1, 11))),
    ):
        made = strip(card("star", 4, 10, images=images))
        differs = {
            index
            for index in range(1, 11)
            if inked(
                ImageChops.difference(made, plain).crop(place_of(index, 10)),
                0,
            )
            > 0.02
        }
        assert differs == changed


def test_an_own_reward_is_pale_until_it_is_won() -> None:
    images = DesignImages(stamp_reward=REWARD)
    left, top, right, bottom = place_of(10, 10)
    middle = ((left + right) // 2, (top + bottom) // 2)
    waiting, won = (strip(card(None, filled, 10, images=images)).getpixel(middle) for filled in (9, 10))
    assert isinstance(waiting, int)
    assert isinstance(won, int)
    assert won - waiting > 60


def test_smaller_scales_are_the_largest_made_smaller() -> None:
    face = card("heart", 7, 12)
    large = Image.open(io.BytesIO(strip_png(face, *STRIP_SIZE))).convert("RGB")
    small = Image.open(io.BytesIO(strip_png(face, 375, 144))).convert("RGB")
    shrunk = large.reduce(3)
    assert max(high for _, high in ImageChops.difference(small, shrunk).getextrema()) <= 16  # type: ignore[misc]  # RGB has three pairs
