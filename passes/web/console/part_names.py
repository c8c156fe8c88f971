"""What people call the parts of a design that findings are about."""

from passes.cards.face import CardFace, Text

_NAMES: dict[str, Text] = {
    "colors.background": Text("Hintergrundfarbe", "Background colour"),
    "colors.foreground": Text("Textfarbe", "Text colour"),
    "colors.label": Text("Farbe der Beschriftung", "Label colour"),
    "images.logo": Text("Logo", "Logo"),
    "images.icon": Text("Symbol", "Icon"),
    "images.strip": Text("Großes Bild", "Large picture"),
    "images.wide_logo": Text("Breites Logo für Google", "Wide logo for Google"),
    "images.stamp_empty": Text("Bild für leere Stempel", "Picture of an empty stamp"),
    "images.stamp_full": Text("Bild für volle Stempel", "Picture of a full stamp"),
    "images.stamp_reward": Text("Bild für die Prämie", "Picture of the reward"),
    "stamp_shape": Text("Form der Stempel", "Shape of the stamps"),
    "stamps": Text("Stempel", "Stamps"),
    "title": Text("Name der Karte", "Name of the card"),
    "description": Text("Beschreibung", "Description"),
    "terms": Text("Bedingungen", "Terms"),
    "how_it_works": Text("So funktioniert es", "How it works"),
    "reward": Text("Prämie", "Reward"),
    "offer": Text("Angebot", "Offer"),
    "website": Text("Website", "Website"),
    "organization": Text("Name des Geschäfts", "Name of the shop"),
    "barcode": Text("Code zum Scannen", "Code to scan"),
    "barcode_formats": Text("Art des Codes", "Kind of code"),
    "code": Text("Kartennummer", "Card number"),
    "balance": Text("Stand", "Balance"),
    "available": Text("Verfügbar", "Available"),
    "page_url": Text("Adresse der Kartenseite", "Address of the card's page"),
    "enrol_url": Text("Karte für Freunde", "A card for friends"),
    "expires_at": Text("Gültig bis", "Valid until"),
    "state": Text("Zustand", "State"),
    "news": Text("Neuigkeit", "News"),
    "news_at": Text("Datum der Neuigkeit", "Date of the news"),
    "member_name": Text("Name der Kundin oder des Kunden", "Customer's name"),
    "places": Text("Filialen in der Nähe", "Shops nearby"),
    "places.text": Text("Text in der Nähe einer Filiale", "Text near a shop"),
    "nearby": Text("Text in der Nähe einer Filiale", "Text near a shop"),
    "max_distance_m": Text("Entfernung zur Filiale", "Distance to the shop"),
    "beacons": Text("Beacons", "Beacons"),
    "periods": Text("Zeiträume", "Periods"),
    "nfc": Text("Kontaktlos (NFC)", "Contactless (NFC)"),
    "rotates": Text("Wechselnder Code", "Changing code"),
    "shareable": Text("Weitergeben", "Passing on"),
}
_DETAILS: dict[str, Text] = {
    "label": Text("Beschriftung", "label"),
    "value": Text("Wert", "value"),
    "change_message": Text("Mitteilung bei Änderung", "message about a change"),
    "link": Text("Link", "link"),
    "url": Text("Adresse", "address"),
}
_LANGUAGES: dict[str, Text] = {"de": Text("Deutsch", "German"), "en": Text("Englisch", "English")}


def name_of(part: str, face: CardFace) -> Text:
    """What `part` is called; by its own name where people have none for it."""
    if part in _NAMES:
        return _NAMES[part]
    head, colon, rest = part.partition(":")
    if colon and head in ("field", "links"):
        return _of_a_face(head, rest, face)
    if head == "barcode_formats":
        return _NAMES[head]
    words = part.split(".")
    if words[0] == "texts":
        return _with(_NAMES.get(words[-1], Text.same(words[-1])), words[1:-1])
    if words[0] in ("fields", "links", "beacons", "nearby") and len(words) > 1:
        return _of_the_document(words, face)
    return _with(_NAMES[words[0]], words[1:]) if words[0] in _NAMES else Text.same(part)


def _of_a_face(head: str, rest: str, face: CardFace) -> Text:
    """`field:reward.label`: the field by its label, and what of it."""
    key, _, detail = rest.partition(".")
    labels = {field.key: field.label for field in face.fields}
    if head == "links":
        labels = {link.key: link.label for link in face.links}
    return _with(_quoted(labels.get(key, Text.same(key))), [detail] if detail else [])


def _of_the_document(words: list[str], face: CardFace) -> Text:
    """`links.0.label.de`: the first link by its label, and what of it. Fields are counted in the document."""
    if words[0] == "links" and words[1].isdecimal() and int(words[1]) < len(face.links):
        return _with(_quoted(face.links[int(words[1])].label), words[2:])
    if words[1].isdecimal():
        kinds = {"fields": Text("Feld", "Field"), "beacons": Text("Beacon", "Beacon")}
        kind = kinds.get(words[0], Text("Link", "Link"))
        number = int(words[1]) + 1
        return _with(Text(f"{kind.de} {number}", f"{kind.en} {number}"), words[2:])
    return _with(_NAMES.get(words[0], Text.same(words[0])), words[1:])


def _quoted(text: Text) -> Text:
    return Text(f"„{text.de}“", f"“{text.en}”")


def _with(name: Text, details: list[str]) -> Text:
    """The name with what of it is meant in brackets."""
    known = [_DETAILS.get(one) or _LANGUAGES.get(one) or Text.same(one) for one in details]
    if not known:
        return name
    de, en = (", ".join(text.in_language(language) for text in known) for language in ("de", "en"))
    return Text(f"{name.de} ({de})", f"{name.en} ({en})")
