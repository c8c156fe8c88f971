"""What the counter poster does not show of a card, in the words a marketer is told.

The poster invites to a card nobody has yet, so all that belongs to one card, and all that only a phone can
do, is left out of it.
"""

from passes.cards.face import CardFace, Colors, Loss, Text
from passes.wallets.art.lettering import printable
from passes.wallets.art.palette import readable, rgb
from passes.wallets.losses import Losses, changed, left_out, of_field, of_link, stamp_art_unused

TEXT_CONTRAST = 4.5
LONGEST_TEXT = 200
_OWN = (
    "Das Plakat wirbt für neue Karten; was auf einer einzelnen Karte steht, fehlt darauf.",
    "The poster invites to new cards; what is on a single card is not on it.",
)
_DEVICE = ("Das kann nur ein Telefon, kein Papier.", "Only a phone can do that, paper cannot.")
_LINKS = (
    "Auf dem Plakat steht nur ein Link: der Code, der zur Karte führt.",
    "The poster has one link only: the code that leads to the card.",
)
_TITLE = (
    "Groß steht auf dem Plakat der deutsche Name der Karte; der englische fehlt.",
    "The poster has the card's German name in large letters; the English one is missing.",
)
_CUT = (
    f"Auf das Plakat passen davon {LONGEST_TEXT} Zeichen.",
    f"Of this, {LONGEST_TEXT} characters fit on the poster.",
)
_UNPRINTABLE = (
    "Einige Zeichen, etwa Emojis, lassen sich nicht drucken und entfallen.",
    "Some characters, such as emojis, cannot be printed and are left out.",
)
_TERMS = (
    "Die Bedingungen stehen auf der Karte und auf der Seite, zu der das Plakat führt.",
    "The terms are on the card and on the page the poster leads to.",
)
_PICTURES = (
    "Das Plakat zeigt das große Bild der Karte; der Name der Marke steht in Buchstaben darüber.",
    "The poster shows the card's large picture; the brand's name stands above it in letters.",
)


def losses_of(face: CardFace) -> tuple[Loss, ...]:
    """Everything of `face` that the poster of its program does not carry."""
    losses = Losses(_color_losses(face.colors))
    losses += _text_losses(face)
    losses += [left_out(of_field(field.key), *_OWN) for field in face.fields]
    losses += [left_out(of_link(link.key), *_LINKS) for link in face.links]
    losses += [left_out(part, *_OWN) for part in ("barcode", "code", "balance", "page_url")]
    losses += [left_out(part, *why) for part, why, there in _parts(face) if there]
    losses += stamp_art_unused(face)
    return tuple(losses)


def _parts(face: CardFace) -> tuple[tuple[str, tuple[str, str], bool], ...]:
    return (
        ("state", _OWN, face.state != "active"),
        ("available", _OWN, face.available != face.balance),
        ("expires_at", _OWN, face.expires_at is not None),
        ("member_name", _OWN, face.member_name is not None),
        ("news", _OWN, face.news is not None),
        ("news_at", _OWN, face.news_at is not None),
        ("terms", _TERMS, face.terms is not None),
        ("website", _LINKS, face.website is not None),
        ("images.logo", _PICTURES, face.images.logo is not None),
        ("images.icon", _PICTURES, face.images.icon is not None),
        ("barcode_formats", _OWN, face.barcode_formats != ("qr",)),
        ("places", _DEVICE, bool(face.places)),
        ("beacons", _DEVICE, bool(face.beacons)),
        ("periods", _DEVICE, bool(face.periods)),
        ("max_distance_m", _DEVICE, face.max_distance_m is not None),
        ("nfc", _DEVICE, face.nfc is not None),
        ("rotates", _DEVICE, face.rotates),
        ("shareable", _OWN, not face.shareable),
    )


def _text_losses(face: CardFace) -> Losses:
    losses = Losses()
    if face.title.de != face.title.en:
        losses.append(changed("title", *_TITLE))
    texts = (("organization", Text.same(face.organization)), ("title", face.title))
    for part, text in (*texts, ("description", face.description)):
        words = {text.de, text.en}
        if any(len(said) > LONGEST_TEXT for said in words):
            losses.append(changed(part, *_CUT))
        if any(printable(said) != said for said in words):
            losses.append(changed(part, *_UNPRINTABLE))
    return losses


def _color_losses(colors: Colors) -> Losses:
    ground = rgb(colors.background)
    return [
        changed(
            f"colors.{name}",
            f"Die Farbe {wanted} ist auf {colors.background} kaum zu lesen und wird angepasst.",
            f"The colour {wanted} is hard to read on {colors.background} and is adjusted.",
        )
        for name, wanted in (("foreground", colors.foreground), ("label", colors.label))
        if readable(rgb(wanted), ground, ratio=TEXT_CONTRAST) != rgb(wanted)
    ]
