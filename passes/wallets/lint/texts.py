"""Whether texts fit where they stand, exist in both languages and hold no placeholder we do not know."""

from collections.abc import Iterator

from passes.cards.face import LANGUAGES, CardFace, FaceField, Text
from passes.programs.design import Design, Words
from passes.programs.placeholders import in_text, sentence, unknown_in
from passes.wallets.art.pictures import logo_aspect
from passes.wallets.lint.findings import Finding, unreadable, warning
from passes.wallets.losses import of_field
from passes.wallets.preview.letters import width_of

GOOGLE_TITLE = 20
"""Characters of a title that Google shows on any screen; it cuts the rest without asking us."""
_ROOM = 375 - 2 * 14
_SMALLEST = {"header": 13.0, "primary": 24.0, "secondary": 12.0, "auxiliary": 12.0}
"""The letter size (points) to which Wallet shrinks a value before it cuts it."""
_TRANSLATED = ("title", "description", "terms", "how_it_works", "reward", "offer")
_SHORTER = Text("Kürzer fassen.", "Say it in fewer words.")


def judge_texts(face: CardFace, design: Design, texts: dict[str, dict[str, str]]) -> Iterator[Finding]:
    """Lengths, languages, placeholders, and messages about changes."""
    yield from _lengths_on_apple(face)
    yield from _title_on_google(face)
    yield from _one_language(design, texts)
    for language, own in texts.items():
        for name, text in own.items():
            known = in_text(face.kind, name)
            for found in unknown_in(text, known):
                yield unreadable(
                    "placeholder",
                    f"texts.{language}.{name}",
                    Text(
                        f"„{found}“ ist hier kein Platzhalter und stünde so auf der Karte.",
                        sentence(found, known),
                    ),
                    Text("Erlaubt sind: " + _named(known), "Allowed are: " + _named(known)),
                )
    yield from _silent_changes(design)


def _named(placeholders: tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in placeholders)


def _lengths_on_apple(face: CardFace) -> Iterator[Finding]:
    row = len(face.in_role("secondary") + face.in_role("auxiliary"))
    logo = min(160.0, max(50.0, 50 * logo_aspect(face)))
    rooms = {
        "header": max(40.0, (_ROOM - logo) / 2),
        "primary": float(_ROOM),
        "secondary": _ROOM / max(1, min(row, 4)) * (1.35 if row > 1 else 1),
    }
    rooms["auxiliary"] = rooms["secondary"]
    for field in face.fields:
        for language in LANGUAGES:
            value = field.value.in_language(language)
            if field.role != "back" and width_of(value, _SMALLEST[field.role]) > rooms[field.role]:
                yield _cut(field, language, "Apple Wallet")


def _cut(field: FaceField, language: str, wallet: str) -> Finding:
    return warning(
        "text_cut",
        of_field(field.key),
        Text(
            f"„{field.value.in_language(language)[:60]}“ wird in {wallet} abgeschnitten.",
            f"“{field.value.in_language(language)[:60]}” is cut in {wallet}.",
        ),
        _SHORTER,
    )


def _title_on_google(face: CardFace) -> Iterator[Finding]:
    longest = max((face.title.in_language(language) for language in LANGUAGES), key=len)
    if len(longest) > GOOGLE_TITLE:
        yield warning(
            "text_cut",
            "texts.title",
            Text(
                f"Google zeigt von „{longest[:60]}“ auf kleinen Geräten nur {GOOGLE_TITLE} Zeichen.",
                f"Google shows only {GOOGLE_TITLE} characters of “{longest[:60]}” on small devices.",
            ),
            _SHORTER,
        )


def _one_language(design: Design, texts: dict[str, dict[str, str]]) -> Iterator[Finding]:
    for name in _TRANSLATED:
        lacking = [language for language in LANGUAGES if not texts.get(language, {}).get(name)]
        if len(lacking) == 1:
            yield _untranslated(f"texts.{lacking[0]}.{name}", lacking[0])
    for part, words in _words_of(design):
        lacking = [language for language in LANGUAGES if getattr(words, language) is None]
        if lacking:
            yield _untranslated(f"{part}.{lacking[0]}", lacking[0])


def _words_of(design: Design) -> Iterator[tuple[str, Words]]:
    for place, field in enumerate(design.fields or ()):
        for name in ("label", "value", "change_message"):
            if (words := getattr(field, name)) is not None:
                yield f"fields.{place}.{name}", words
    for place, link in enumerate(design.links):
        yield f"links.{place}.label", link.label
    for place, beacon in enumerate(design.beacons):
        if beacon.text is not None:
            yield f"beacons.{place}.text", beacon.text
    if design.nearby is not None:
        yield "nearby", design.nearby


def _untranslated(part: str, language: str) -> Finding:
    german = language == "de"
    return warning(
        "translation",
        part,
        Text(
            f"Hier fehlt der {'deutsche' if german else 'englische'} Text; es steht der andere da.",
            f"The {'German' if german else 'English'} text is missing; the other one stands there.",
        ),
        Text("Beide Sprachen eintragen.", "Write it in both languages."),
    )


def _silent_changes(design: Design) -> Iterator[Finding]:
    for place, field in enumerate(design.fields or ()):
        message = field.change_message
        if message is not None and not all("%@" in text for text in message.pair()):
            yield warning(
                "change_message",
                f"fields.{place}.change_message",
                Text(
                    "Der Mitteilung fehlt %@, der Platz für den neuen Wert; das iPhone sagt dann nur, dass "
                    "sich etwas geändert hat.",
                    "The message lacks %@, the place of the new value; an iPhone then says only that "
                    "something has changed.",
                ),
                Text("Zum Beispiel „Neuer Stand: %@“ schreiben.", "Write “Now: %@”, for example."),
            )
