"""A merchant's pictures made to fit: nothing stretched, the chosen point always in sight."""

import io
import itertools

import pytest
from PIL import Image, ImageDraw

from passes.cards.face import DesignImages, Focus
from passes.wallets.art.pictures import hero_png, icon_png, strip_png
from passes.wallets.art.uploads import cover, crop_box, fit
from tests.factories.faces import make_face

CORNERS = [Focus(x, y) for x, y in itertools.product((0.0, 0.1, 0.5, 0.83, 1.0), repeat=2)]
RATIOS = [375 / 144, 1032 / 336, 1.0, 0.2, 20.0]


def saved(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=("PNG",)).convert("RGB")


@pytest.mark.parametrize("focus", CORNERS, ids=lambda focus: f"{focus.x}-{focus.y}")
@pytest.mark.parametrize("size", [(400, 300), (300, 400), (1, 1), (2_000, 100), (7, 5_000)])
def test_a_crop_is_the_largest_of_its_form_and_holds_the_focus(size: tuple[int, int], focus: Focus) -> None:
    for ratio in RATIOS:
        left, top, right, bottom = crop_box(size, ratio, focus)
        assert (right - left) / (bottom - top) == pytest.approx(ratio)
        assert right - left == pytest.approx(size[0]) or bottom - top == pytest.approx(size[1])
        assert -1e-6 <= left <= focus.x * size[0] + 1e-6 <= right + 2e-6 <= size[0] + 3e-6
        assert -1e-6 <= top <= focus.y * size[1] + 1e-6 <= bottom + 2e-6 <= size[1] + 3e-6


def test_without_a_focus_the_middle_is_kept() -> None:
    assert crop_box((400, 300), 1.0, Focus()) == (50, 0, 350, 300)
    assert crop_box((300, 400), 2.0, Focus()) == (0, 125, 300, 275)


@pytest.mark.parametrize("focus, seen", [(Focus(0.1, 0.5), "red"), (Focus(0.9, 0.5), "blue")])
def test_the_focus_decides_what_a_wallet_shows(focus: Focus, seen: str) -> None:
    halves = Image.new("RGB", (2_000, 1_000), "red")
    halves.paste("blue", (1_000, 0, 2_000, 1_000))
    upright = halves.rotate(-90, expand=True)  # red above
    images = DesignImages(
        strip=saved(upright),
        icon=saved(halves),
        focus=(("icon", focus), ("strip", Focus(focus.y, focus.x))),
    )
    face = make_face("stamp", images=images, design_id=f"focus {seen}")
    for picture in (strip_png(face, 1125, 432), strip_png(face, 375, 144), hero_png(face)):
        image = opened(picture)
        assert all(abs(a - b) <= 6 for a, b in zip(image.getpixel((2, 2)), image_color(seen), strict=True))
    icon = opened(icon_png(face, 114))
    assert icon.getpixel((57, 57)) == image_color(seen)


def image_color(name: str) -> tuple[int, int, int]:
    color = Image.new("RGB", (1, 1), name).getpixel((0, 0))
    assert isinstance(color, tuple)
    return color[0], color[1], color[2]


def test_a_photograph_made_much_smaller_stays_sharp() -> None:
    large = Image.new("RGBA", (3_000, 1_152), "white")
    draw = ImageDraw.Draw(large)
    for x in range(0, 3_000, 32):
        draw.rectangle((x, 0, x + 15, 1_152), fill="black")
    small = cover(large, (375, 144)).convert("L")
    plain = large.resize((375, 144), Image.Resampling.LANCZOS).convert("L")

    def steepest(image: Image.Image) -> int:
        row = [int(image.getpixel((x, 72))) for x in range(375)]  # type: ignore[arg-type]  # L has one channel
        return sum(abs(a - b) for a, b in itertools.pairwise(row))

    assert steepest(small) > steepest(plain)


def test_edges_of_what_was_cut_out_are_left_alone() -> None:
    disc = Image.new("RGBA", (800, 800))
    ImageDraw.Draw(disc).ellipse((0, 0, 799, 799), fill=(200, 0, 0, 255))
    small = fit(disc, (100, 50))
    assert small.size == (50, 50)
    reds = {pixel[:3] for pixel in small.get_flattened_data() if pixel[3] > 200}
    assert all(red > 180 and green < 3 and blue < 3 for red, green, blue in reds)
