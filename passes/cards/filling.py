"""Filling in the placeholders of a design's texts, so that what a card lacks leaves no hole. No I/O.

Each placeholder is replaced once: what a member typed as their name is never read as one again. A missing
name goes with the comma or space before it ("Hello {first_name}!" reads "Hello!"); a sentence about another
thing the card lacks, such as an end it does not have, is left out whole.
"""

import re
from collections.abc import Mapping

from passes.cards.face import LANGUAGES, Text
from passes.programs.placeholders import BRACED

_NAMES = ("first_name", "name")
_NAME = r"\{(?:first_name|name)\}"
_NAME_FIRST = re.compile(rf"^[ \t]*{_NAME}[\s,!:]*(\w?)", re.MULTILINE)
_NAME_LATER = re.compile(rf"(?:,?[ \t]+)?{_NAME}")
# A full stop, then a capital: a date's "31. Dezember" comes in only afterwards.
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])(?:[ \t]+)(?=[A-ZÄÖÜ{])")

Values = Mapping[str, Text | None]
"""What each placeholder stands for; None where this card has no such thing."""


def fill(text: Text, values: Values) -> Text:
    """The text with the placeholders among `values` filled in; anything else in braces stays as it is."""
    if "{" not in text.de and "{" not in text.en:
        return text
    return Text(*(_fill(text.in_language(language), language, values) for language in LANGUAGES))


def _fill(text: str, language: str, values: Values) -> str:
    missing = {name for name, value in values.items() if value is None}
    if missing.intersection(_NAMES):
        text = _NAME_FIRST.sub(lambda match: match.group(1).upper(), text)
        text = _NAME_LATER.sub("", text)
    if missing.difference(_NAMES):
        text = "\n".join(_without_sentences_on(missing, line) for line in text.split("\n"))
    words = {name: value.in_language(language) for name, value in values.items() if value is not None}
    return BRACED.sub(lambda match: words.get(match.group(1), match.group(0)), text).strip()


def _without_sentences_on(missing: set[str], line: str) -> str:
    sentences = _BETWEEN_SENTENCES.split(line)
    return " ".join(s for s in sentences if missing.isdisjoint(BRACED.findall(s)))
