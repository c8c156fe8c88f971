"""The texts of a pass in both languages, as `pass.strings` files.

pass.json holds the English text, which serves as the key: a phone in a third language then still shows
English, and a changed text is a changed value, which is what Wallet announces. The files are UTF-8
without a byte order mark: Wallet takes that as well as UTF-16, and so does every other reader.
"""

import re
from collections.abc import Iterable

from passes.cards.face import LANGUAGES, Text

# Control characters end a strings file early or break pass.json's readers; a lone half of a surrogate
# pair cannot be written as UTF-8 at all.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufeff]")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


def clean(text: str) -> str:
    """`text` without characters that no pass can hold; line ends become newlines."""
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


class Phrasebook:
    """Collects the texts of one pass and gives each the key that stands for it in pass.json."""

    def __init__(self) -> None:
        self._texts: dict[str, Text] = {}

    def key(self, text: Text) -> str:
        """The English text, marked only where the same English already stands for another German."""
        if not (text.de.isprintable() and text.en.isprintable()):
            text = Text(de=clean(text.de), en=clean(text.en))
        key, twin = text.en, 2
        while (known := self._texts.setdefault(key, text)) is not text and known != text:
            key, twin = f"{text.en} ({twin})", twin + 1
        return key

    def entries(self) -> tuple[tuple[str, Text], ...]:
        """Key and text of everything that must be translated, in the order it was first used."""
        return tuple((key, text) for key, text in self._texts.items() if not key == text.de == text.en)


def strings_files(entries: tuple[tuple[str, Text], ...]) -> dict[str, bytes]:
    """`de.lproj/pass.strings` and `en.lproj/pass.strings`, with the same keys in the same order."""
    return {
        f"{language}.lproj/pass.strings": _file((key, text.in_language(language)) for key, text in entries)
        for language in LANGUAGES
    }


def _file(pairs: Iterable[tuple[str, str]]) -> bytes:
    lines = (f'"{key.translate(_ESCAPES)}" = "{value.translate(_ESCAPES)}";\n' for key, value in pairs)
    return "".join(lines).encode()
