"""Letters: German ones above all, and names that Roboto cannot write."""

import itertools

import pytest

from passes.wallets.art.lettering import (
    BOLD,
    MEDIUM,
    drawable,
    fitted_text_mask,
    monogram,
    text_mask,
    wordmark,
)

GERMAN = "ÄÖÜäöüß€"


@pytest.mark.parametrize("path", [MEDIUM, BOLD])
def test_german_letters_and_the_euro_have_shapes_of_their_own(path: str) -> None:
    shapes = {letter: text_mask(letter, path, 40).tobytes() for letter in GERMAN}
    missing = text_mask("\U000ffffd", path, 40).tobytes()
    assert missing not in shapes.values()
    assert len(set(shapes.values())) == len(GERMAN)
    assert all(any(shape) for shape in shapes.values())


@pytest.mark.parametrize("letter", GERMAN)
def test_an_umlaut_is_not_its_bare_vowel(letter: str) -> None:
    bare = {"Ä": "A", "Ö": "O", "Ü": "U", "ä": "a", "ö": "o", "ü": "u", "ß": "B", "€": "E"}[letter]
    assert text_mask(letter, MEDIUM, 40).tobytes() != text_mask(bare, MEDIUM, 40).tobytes()


def test_a_letter_without_a_shape_is_known_as_such() -> None:
    assert all(drawable(letter) for letter in GERMAN + "AzЖλ1")
    assert not drawable("星")


@pytest.mark.parametrize(
    "name, expected",
    [
        ("Café Größenwahn", "CG"),
        ("öl & essig", "ÖE"),
        ("Zebra", "Z"),
        ("Ali-Baba Imbiss Berlin", "AB"),
        ("ßeltsam", "ß"),
        ("1A Lauf", "1L"),
        ("Cafe\u0301 U\u0308ber", "CÜ"),
        ("星 Bar", "B"),
        ("星巴克", ""),
        ("…", ""),
    ],
)
def test_initials_are_those_of_the_first_words_that_can_be_drawn(name: str, expected: str) -> None:
    assert monogram(name) == expected


@pytest.mark.parametrize("box", [(160, 40), (320, 80), (433, 114), (30, 90)])
@pytest.mark.parametrize(
    "name", ["Ö", "Café Größenwahn", "Öl & Essig Feinkost Straßenverkauf", "Donaudampfschiff"]
)
def test_a_name_fits_its_box_and_uses_it(name: str, box: tuple[int, int]) -> None:
    mark = wordmark(name, box)
    assert mark.width <= box[0] + 1
    assert mark.height <= box[1] + 1
    assert mark.width > box[0] * 0.8 or mark.height > box[1] * 0.5


def test_a_long_name_breaks_into_two_lines_where_that_makes_it_larger() -> None:
    flat, tall = (
        wordmark("Feinkost Straßenverkauf", (160, 12)),
        wordmark("Feinkost Straßenverkauf", (160, 60)),
    )
    rows = [any(tall.crop((0, y, tall.width, y + 1)).tobytes()) for y in range(tall.height)]
    assert [filled for filled, _ in itertools.groupby(rows)].count(True) >= 2
    assert flat.height < tall.height / 2


def test_a_name_nobody_can_draw_leaves_no_mark() -> None:
    assert not any(wordmark("星巴克", (160, 40)).tobytes())


@pytest.mark.parametrize("text", ["1", "30", "CG"])
def test_fitted_text_fills_its_box_in_one_direction(text: str) -> None:
    shape = fitted_text_mask(text, BOLD, (50, 30))
    assert shape.width <= 52
    assert shape.height <= 32
    assert shape.width >= 47 or shape.height >= 27
