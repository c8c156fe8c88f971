"""The pictures of a pass: every name, every scale, exact to the pixel."""

import io

import pytest
from PIL import Image

from passes.cards.face import DesignImages, Kind
from passes.wallets.apple.images import images_for
from tests.factories.faces import KINDS, make_face

EXACT = {
    "icon.png": (38, 38),
    "icon@2x.png": (76, 76),
    "icon@3x.png": (114, 114),
    "strip.png": (375, 144),
    "strip@2x.png": (750, 288),
    "strip@3x.png": (1125, 432),
}
LOGOS = ("logo.png", "logo@2x.png", "logo@3x.png")


def logo(size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "#c00000").save(buffer, "PNG")
    return buffer.getvalue()


def sizes(images: dict[str, bytes]) -> dict[str, tuple[int, int]]:
    return {name: Image.open(io.BytesIO(data), formats=("PNG",)).size for name, data in images.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_icon_logo_and_strip_in_three_scales(kind: Kind) -> None:
    found = sizes(images_for(make_face(kind)))
    assert found.keys() == {*EXACT, *LOGOS}
    assert {name: found[name] for name in EXACT} == EXACT


@pytest.mark.parametrize(
    "upload, width",
    [(None, 50), ((10, 10), 50), ((10, 400), 50), ((300, 150), 100), ((640, 200), 160), ((4000, 200), 160)],
)
def test_a_logo_is_fifty_points_high_and_as_wide_as_its_form_wants(
    upload: tuple[int, int] | None, width: int
) -> None:
    images = DesignImages(logo=logo(upload) if upload else None)
    found = sizes(images_for(make_face(images=images)))
    assert [found[name] for name in LOGOS] == [(width * scale, 50 * scale) for scale in (1, 2, 3)]
