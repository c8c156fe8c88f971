"""Placeholders in a design's texts: what is filled in, and how a text reads that lacks something."""

import pytest

from passes.cards.face import Text
from passes.cards.filling import Values, fill

FULL: Values = {
    "name": Text.same("Ada Lovelace"),
    "first_name": Text.same("Ada"),
    "balance": Text("7 Stempel", "7 stamps"),
    "stamps_left": Text.same("3"),
    "expires": Text("31. Dezember 2026", "31 December 2026"),
    "merchant": Text.same("Mokka"),
}
BARE: Values = {**FULL, "name": None, "first_name": None, "expires": None}


def german(text: str, values: Values) -> str:
    return fill(Text.same(text), values).de


def test_each_language_gets_its_own_words() -> None:
    text = Text("{name}: {balance}, noch {stamps_left}.", "{name}: {balance}, {stamps_left} to go.")
    assert fill(text, FULL) == Text("Ada Lovelace: 7 Stempel, noch 3.", "Ada Lovelace: 7 stamps, 3 to go.")


@pytest.mark.parametrize(
    "text, reads",
    [
        ("Hallo {first_name}", "Hallo"),
        ("Hallo {first_name}!", "Hallo!"),
        ("Hallo, {first_name}! Schön.", "Hallo! Schön."),
        ("{first_name}, dein Kaffee wartet.", "Dein Kaffee wartet."),
        ("Willkommen.\n{name}, schön, dass du da bist.", "Willkommen.\nSchön, dass du da bist."),
        ("{first_name}", ""),
        ("Bei {merchant} gilt das. Bis {expires} einlösen. Viel Spaß!", "Bei Mokka gilt das. Viel Spaß!"),
        ("Gültig bis {expires}", ""),
        ("Oben.\nGültig bis {expires}.", "Oben."),
    ],
)
def test_what_a_card_lacks_leaves_no_hole(text: str, reads: str) -> None:
    assert german(text, BARE) == reads


def test_a_name_is_never_read_as_a_placeholder() -> None:
    crooked = {**FULL, "name": Text.same("{balance} {first_name}")}
    assert german("Hallo {name}!", crooked) == "Hallo {balance} {first_name}!"


@pytest.mark.parametrize("text", ["{unknown}", "{", "{}", "a } b {first name}", "{{x}}", "nothing"])
def test_other_braces_stay_as_they_are(text: str) -> None:
    assert german(text, FULL) == text
