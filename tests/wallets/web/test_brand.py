"""Pages stay readable whatever colours a merchant chose."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from passes.cards.face import Colors
from passes.wallets.art.palette import contrast, rgb
from passes.wallets.web.brand import Shades, brand_of

COLOR = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
GREY_ON_GREY = Colors("#808080", "#828282", "#7e7e7e")


def ratio(one: str, other: str) -> float:
    return contrast(rgb(one), rgb(other))


@given(st.builds(Colors, COLOR, COLOR, COLOR))
@example(GREY_ON_GREY)
@example(Colors("#ffffff", "#ffffff", "#ffffff"))
@example(Colors("#000000", "#000000", "#000000"))
def test_text_and_buttons_keep_the_contrast_of_wcag(colors: Colors) -> None:
    brand = brand_of(colors)
    assert ratio(brand.foreground, brand.background) >= 4.5
    assert ratio(brand.label, brand.background) >= 4.5
    for shades in (brand.light, brand.dark):
        assert ratio(shades.on_accent, shades.accent) >= 4.5
        assert ratio(shades.accent, shades.panel) >= 3
        assert ratio(shades.link, shades.panel) >= 4.5
        assert ratio(shades.link, shades.ground) >= 4.5


@given(st.builds(Colors, COLOR, COLOR, COLOR))
def test_our_own_text_stays_readable_on_every_ground(colors: Colors) -> None:
    # --text, --quiet, --bad and --note of the style sheet, by day and by night.
    brand = brand_of(colors)
    day, night = ("#1d1a18", "#5f5852", "#b3261e"), ("#f5f1ee", "#b8b0a9", "#ffb4ab")
    for shades, texts in ((brand.light, day), (brand.dark, night)):
        for text in texts:
            assert min(ratio(text, shades.ground), ratio(text, shades.panel)) >= 4.5


def test_the_raw_colours_of_a_merchant_would_not_do() -> None:
    assert ratio(GREY_ON_GREY.foreground, GREY_ON_GREY.background) < 4.5


@pytest.mark.parametrize("by", ["light", "dark"])
def test_a_page_takes_on_a_hint_of_the_brand(by: str) -> None:
    red, blue = (brand_of(Colors(c, "#ffffff", "#ffffff")) for c in ("#9c2f3d", "#26355d"))
    grounds: list[Shades] = [getattr(brand, by) for brand in (red, blue)]
    assert rgb(grounds[0].ground)[0] > rgb(grounds[0].ground)[2]
    assert rgb(grounds[1].ground)[2] > rgb(grounds[1].ground)[0]


def test_a_light_brand_still_gets_a_button_one_can_see() -> None:
    brand = brand_of(Colors("#f6f1e7", "#2b2118", "#8a6f52"))
    assert brand.light.accent == "#8a6f52"
    assert brand.dark.accent == "#f6f1e7"
