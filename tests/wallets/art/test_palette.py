"""Colours: contrast as WCAG computes it, and pictures that stay readable whatever a merchant chose."""

import itertools

import pytest

from passes.cards.face import Colors
from passes.wallets.art.palette import BLACK, WHITE, contrast, mix, palette_of, readable, rgb

SHADES = ("#000000", "#4a2c1d", "#808080", "#d7263d", "#ffe066", "#ffffff")
SCHEMES = [Colors(*scheme) for scheme in itertools.product(SHADES, repeat=3)]


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == pytest.approx(1)
    # #767676 is the well-known lightest grey that passes 4.5 on white.
    assert contrast(rgb("#767676"), WHITE) == pytest.approx(4.54, abs=0.01)
    assert contrast(rgb("#777777"), WHITE) < 4.5


@pytest.mark.parametrize("colors", SCHEMES, ids=str)
def test_everything_drawn_stands_out_from_what_is_behind_it(colors: Colors) -> None:
    palette = palette_of(colors)
    for ground in (palette.top, palette.bottom):
        assert contrast(palette.ink, ground) >= 3
        assert contrast(palette.accent, ground) >= 3
        assert contrast(palette.line, ground) >= 2.4
    assert contrast(palette.on_ink, palette.ink) >= 3
    assert contrast(palette.on_accent, palette.accent) >= 3


@pytest.mark.parametrize("colors", SCHEMES, ids=str)
def test_text_on_the_picture_is_no_harder_to_read_than_on_the_card(colors: Colors) -> None:
    palette = palette_of(colors)
    on_card = contrast(rgb(colors.foreground), rgb(colors.background))
    assert contrast(rgb(colors.foreground), palette.top) >= on_card
    assert contrast(rgb(colors.foreground), palette.bottom) >= on_card


def test_a_colour_that_is_readable_already_is_left_alone() -> None:
    assert readable(rgb("#fff8ef"), rgb("#4a2c1d")) == rgb("#fff8ef")


def test_mixing_goes_from_one_colour_to_the_other() -> None:
    assert mix(BLACK, WHITE, 0.0) == BLACK
    assert mix(BLACK, WHITE, 1.0) == WHITE
    assert mix(BLACK, WHITE, 0.5) == (128, 128, 128)


@pytest.mark.parametrize("color", ["red", "#fff", "4a2c1d", "#4a2c1", "#4a2c1g", "#+12345", ""])
def test_what_is_no_colour_is_refused_by_name(color: str) -> None:
    with pytest.raises(ValueError, match="is no colour"):
        rgb(color)
