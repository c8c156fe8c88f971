"""pass.strings in both languages: nothing lost, nothing mixed up, readable by an independent parser."""

import re

import pytest

from passes.cards.face import Text
from passes.wallets.apple.strings import Phrasebook, clean, strings_files

# The grammar as Apple's old property lists have it: quoted strings in which a backslash escapes.
ENTRY = re.compile(r'"((?:[^"\\]|\\.)*)" = "((?:[^"\\]|\\.)*)";\n')
AWKWARD = [
    'say "hi"',
    "back\\slash",
    "two\nlines",
    "tab\there",
    "100 %",
    "%@",
    "ÄÖÜäöüß€",
    "ends with \\",
    "/* no */",
    "🎂",
]


def parsed(data: bytes) -> dict[str, str]:
    text = data.decode("utf-8")
    assert "".join(match.group(0) for match in ENTRY.finditer(text)) == text, (
        "something stands between entries"
    )
    return {unescaped(key): unescaped(value) for key, value in ENTRY.findall(text)}


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text)


def files_of(book: Phrasebook) -> tuple[dict[str, str], dict[str, str]]:
    files = strings_files(book.entries())
    assert list(files) == ["de.lproj/pass.strings", "en.lproj/pass.strings"]
    german, english = (parsed(data) for data in files.values())
    return german, english


@pytest.mark.parametrize("german", AWKWARD)
@pytest.mark.parametrize("english", AWKWARD)
def test_awkward_texts_come_back_as_they_were(german: str, english: str) -> None:
    book = Phrasebook()
    key = book.key(Text(de=german, en=english))
    assert key == english
    if german != english:
        assert files_of(book) == ({english: german}, {english: english})


def test_both_files_have_the_same_keys_and_no_byte_order_mark() -> None:
    book = Phrasebook()
    for text in (Text("Stempel", "Stamps"), Text("Prämie", "Reward"), Text.same("Croissant")):
        book.key(text)
    german, english = files_of(book)
    assert list(german) == list(english) == ["Stamps", "Reward"]
    for data in strings_files(book.entries()).values():
        assert not data.startswith((b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe"))


def test_one_english_text_for_two_german_ones_gets_two_keys() -> None:
    book = Phrasebook()
    keys = [book.key(Text("Guthaben", "Balance")), book.key(Text("Gleichgewicht", "Balance"))]
    assert len(set(keys)) == 2
    german, english = files_of(book)
    assert [german[key] for key in keys] == ["Guthaben", "Gleichgewicht"]
    assert [english[key] for key in keys] == ["Balance", "Balance"]


@pytest.mark.parametrize("name_first", [True, False])
def test_a_name_is_not_translated_because_a_text_happens_to_be_spelt_like_it(name_first: bool) -> None:
    name, label = Text.same("Points"), Text("Punkte", "Points")
    book = Phrasebook()
    keys = {text: book.key(text) for text in ((name, label) if name_first else (label, name))}
    german, _ = files_of(book)
    assert german.get(keys[name], keys[name]) == "Points"
    assert german[keys[label]] == "Punkte"


def test_the_same_text_twice_is_one_entry() -> None:
    book = Phrasebook()
    assert book.key(Text("Stempel", "Stamps")) == book.key(Text("Stempel", "Stamps"))
    assert len(book.entries()) == 1


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\ud83d", "\ufeff"])
def test_characters_no_pass_can_hold_are_left_out(character: str) -> None:
    book = Phrasebook()
    assert book.key(Text(de=f"Kaf{character}fee", en=f"Cof{character}fee")) == "Coffee"
    assert files_of(book)[0] == {"Coffee": "Kaffee"}


def test_line_ends_of_every_system_become_newlines() -> None:
    assert clean("a\r\nb\rc\nd") == "a\nb\nc\nd"
