"""What the counter poster and the gift voucher do not show of a card, in the words a marketer is told.

The poster invites to a card nobody has yet, so all that belongs to one card is left out of it. The voucher is
one card. What only a phone can do is missing on both.
"""

from passes.cards.face import CardFace, Colors, Loss, Text
from passes.wallets.art.lettering import printable
from passes.wallets.art.palette import readable, rgb
from passes.wallets.losses import (
    Losses,
    changed,
    left_out,
    of_field,
    of_link,
    stamp_art_unused,
    wide_logo_unused,
)

TEXT_CONTRAST = 4.5
LONGEST_TEXT = 200
_ON_THE_VOUCHER = {"balance", "valid_until"}
_OWN = (
    "Auf Papier steht nicht, was sich an einer einzelnen Karte ändert; das zeigt die Karte im Telefon.",
    "Paper does not say what changes on a single card; the card in the phone shows it.",
)
_QR_ALONE = (
    "Gedruckt wird immer ein QR-Code.",
    "What is printed is always a QR code.",
)
_PAPER = (
    "Papier lässt sich weitergeben; das kann niemand verbieten.",
    "Paper can be passed on; nobody can prevent that.",
)
_DEVICE = ("Das kann nur ein Telefon, kein Papier.", "Only a phone can do that, paper cannot.")
_LINKS = (
    "Auf Papier steht nur ein Weg: der Code, der zur Karte führt.",
    "Paper has one way only: the code that leads to the card.",
)
_ONE_PURPOSE = (
    "Der Gutschein nennt Wert, Gültigkeit und Bedingungen; alles andere steht auf der Karte im Telefon.",
    "The voucher names worth, validity and terms; all else is on the card in the phone.",
)
_WORTH_ALONE = (
    "Auf dem Gutschein steht nur der Wert selbst, groß und ohne Beschriftung.",
    "The voucher has the worth alone, in large figures and without a label.",
)
_TERMS_CUT = (
    f"Auf den Gutschein passen {LONGEST_TEXT} Zeichen der Bedingungen.",
    f"{LONGEST_TEXT} characters of the terms fit on the voucher.",
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
    "Gedruckt wird das große Bild der Karte; der Name der Marke steht in Buchstaben darüber.",
    "What is printed is the card's large picture; the brand's name stands above it in letters.",
)


def losses_of(face: CardFace) -> tuple[Loss, ...]:
    """Everything of `face` that the poster of its program does not carry."""
    losses = Losses(_color_losses(face.colors))
    if face.title.de != face.title.en:
        losses.append(changed("title", *_TITLE))
    losses += _text_losses(face, description=True)
    losses += [left_out(of_field(field.key), *_OWN) for field in face.fields]
    losses += [left_out(of_link(link.key), *_LINKS) for link in face.links]
    losses += [left_out(part, *_OWN) for part in ("barcode", "code", "balance", "page_url")]
    losses += [left_out(part, *why) for part, why, there in _parts(face) if there]
    losses += stamp_art_unused(face) + wide_logo_unused(face)
    return tuple(losses)


def voucher_losses(face: CardFace) -> tuple[Loss, ...]:
    """Everything of `face` that the printed voucher of a gift card does not carry, in any language."""
    losses = Losses(_color_losses(face.colors))
    losses += _text_losses(face, description=False)
    losses.append(left_out("description", *_ONE_PURPOSE))
    for field in face.fields:
        part = of_field(field.key)
        if field.key not in _ON_THE_VOUCHER:
            losses.append(left_out(part, *_ONE_PURPOSE))
            continue
        if field.key == "balance":
            losses.append(left_out(f"{part}.label", *_WORTH_ALONE))
        losses += [
            left_out(f"{part}.{name}", *_DEVICE)
            for name, there in (("change_message", field.change_message), ("link", field.link))
            if there
        ]
    if face.terms is not None and max(len(face.terms.de), len(face.terms.en)) > LONGEST_TEXT:
        losses.append(changed("terms", *_TERMS_CUT))
    losses += [left_out(of_link(link.key), *_ONE_PURPOSE) for link in face.links]
    keys = {field.key for field in face.fields}
    said = {"terms"} | ({"expires_at"} if "valid_until" in keys else set())
    losses += [left_out(part, *why) for part, why, there in _parts(face) if there and part not in said]
    losses += stamp_art_unused(face) + wide_logo_unused(face)
    return tuple(dict.fromkeys(losses))


def _parts(face: CardFace) -> tuple[tuple[str, tuple[str, str], bool], ...]:
    """What neither of them shows, why, and whether the face has it at all."""
    return _of_the_card(face) + _of_a_phone(face)


def _of_the_card(face: CardFace) -> tuple[tuple[str, tuple[str, str], bool], ...]:
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
        ("barcode_formats", _QR_ALONE, face.barcode_formats != ("qr",)),
        ("shareable", _PAPER, not face.shareable),
    )


def _of_a_phone(face: CardFace) -> tuple[tuple[str, tuple[str, str], bool], ...]:
    return (
        ("places", _DEVICE, bool(face.places)),
        ("beacons", _DEVICE, bool(face.beacons)),
        ("periods", _DEVICE, bool(face.periods)),
        ("max_distance_m", _DEVICE, face.max_distance_m is not None),
        ("nfc", _DEVICE, face.nfc is not None),
        ("rotates", _DEVICE, face.rotates),
    )


def _text_losses(face: CardFace, *, description: bool) -> Losses:
    losses = Losses()
    texts = [("organization", Text.same(face.organization)), ("title", face.title)]
    if description:
        texts.append(("description", face.description))
    for part, text in texts:
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
