"""Every text stands in both languages, fills in the same, and addresses nobody as du or Sie."""

import re

import pytest

from passes.cards.face import Text
from passes.web.texts import TEXTS, say


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_both_languages_of_a_text_are_there_and_fill_in_the_same() -> None:
    assert all(isinstance(text, Text) and text.de.strip() and text.en.strip() for text in TEXTS.values())
    assert {k for k, text in TEXTS.items() if _placeholders(text.de) != _placeholders(text.en)} == set()


# "Sie" inside a sentence and every "du" or "dein" would be an address; "sie" is a card.
ADDRESS = re.compile(r"(?<=[a-zäöüß,] )(Sie|Ihre?[nmrs]?)\b|\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?[nmrs]?)\b")


def test_german_addresses_nobody_as_du_or_sie() -> None:
    assert {key: text.de for key, text in TEXTS.items() if ADDRESS.search(text.de)} == {}


@pytest.mark.parametrize(
    "sentence", ["Hier ist deine Karte.", "Bitte geben Sie den Code ein.", "Jetzt bist du dran."]
)
def test_an_address_would_be_noticed(sentence: str) -> None:
    assert ADDRESS.search(sentence)


def test_a_text_nobody_wrote_is_noticed() -> None:
    with pytest.raises(KeyError):
        say("no_such_text", "de")
