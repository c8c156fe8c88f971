"""What the card's web page does not show as the face has it, in the words a marketer is told."""

from passes.cards.face import CardFace, Colors, FaceField, Loss
from passes.wallets.losses import (
    Losses,
    changed,
    left_out,
    of_field,
    of_link,
    stamp_art_unused,
    wide_logo_unused,
)
from passes.wallets.web.brand import Brand

OPENED = ("https://", "http://", "tel:", "mailto:")
"""The kinds of address a page makes a link of."""

NO_QR = changed(
    "barcode_formats",
    "Im Browser erscheint immer ein QR-Code, auch wo die Wallets ein anderes Format zeigen.",
    "The browser always shows a QR code, even where the wallets show another format.",
)
_NO_ROTATION = left_out(
    "rotates",
    "Der Code im Browser ändert sich erst, wenn die Seite neu geladen wird.",
    "The code in the browser only changes when the page is loaded again.",
)
_NO_PLACES = left_out(
    "places",
    "Die Webseite weiß nicht, wo die Kundschaft ist, und meldet sich nicht bei einer Filiale.",
    "The web page does not know where customers are and does not come up near a shop.",
)
_NO_BEACONS = left_out(
    "beacons",
    "Ein Browser hört keine Beacons.",
    "A browser hears no beacons.",
)
_NO_PERIODS = left_out(
    "periods",
    "Die Webseite meldet sich nicht von selbst zu einer bestimmten Zeit.",
    "The web page does not come up by itself at a certain time.",
)
_NO_DISTANCE = left_out(
    "max_distance_m",
    "Die Webseite kennt keinen Abstand zur Filiale.",
    "The web page knows no distance to a shop.",
)
_NO_NFC = left_out(
    "nfc",
    "Kontaktlos geht nur mit der Karte in einer Wallet, nicht mit der Webseite.",
    "Contactless works with the card in a wallet only, not with the web page.",
)
_SHARED_BY_LINK = left_out(
    "shareable",
    "Wer die Adresse der Seite weitergibt, gibt die Karte weiter; das lässt sich nicht verbieten.",
    "Whoever passes on the page's address passes on the card; that cannot be prevented.",
)
_HELD_NOT_SHOWN = left_out(
    "available",
    "Was gerade vorgemerkt ist, zeigt die Seite nicht an; sie nennt das ganze Guthaben.",
    "What is being held at the moment is not shown; the page names the whole balance.",
)
_NEWS_WITHOUT_DATE = left_out(
    "news_at",
    "Von wann die Neuigkeit ist, steht nicht dabei.",
    "When the news is from is not shown.",
)
_NAME_KEPT_BACK = left_out(
    "member_name",
    "Der Name steht nicht auf der Seite: Wer ihre Adresse bekommt, soll ihn nicht erfahren.",
    "The name is not on the page: whoever is given its address must not learn it.",
)
_END_NOT_SHOWN = left_out(
    "expires_at",
    "Bis wann die Karte gilt, steht nicht darauf: Das Feld „Gültig bis“ fehlt.",
    "Until when the card is valid is not on it: the field “Valid until” is missing.",
)


def losses_of(face: CardFace, brand: Brand) -> tuple[Loss, ...]:
    """Everything of `face` that a page in the colours of `brand` does not carry."""
    losses = Losses(_color_losses(face.colors, brand))
    losses += [_silent(field) for field in face.fields if field.change_message]
    losses += [
        left_out(f"{of_field(field.key)}.link", *_NOT_OPENED)
        for field in face.fields
        if field.link and not opens(field.link)
    ]
    losses += [_not_opened(of_link(link.key)) for link in face.links if not opens(link.url)]
    if face.website and not opens(face.website):
        losses.append(_not_opened("website"))
    losses += [loss for lost, loss in _parts(face) if lost]
    losses += stamp_art_unused(face) + wide_logo_unused(face)
    return tuple(losses)


def opens(url: str) -> bool:
    """Whether the page makes a link of this address."""
    return url.startswith(OPENED)


def _parts(face: CardFace) -> tuple[tuple[bool, Loss], ...]:
    keys = {field.key for field in face.fields}
    return (
        (set(face.barcode_formats) != {"qr"}, NO_QR),
        (face.rotates, _NO_ROTATION),
        (bool(face.places), _NO_PLACES),
        (bool(face.beacons), _NO_BEACONS),
        (bool(face.periods), _NO_PERIODS),
        (face.max_distance_m is not None, _NO_DISTANCE),
        (face.nfc is not None, _NO_NFC),
        (not face.shareable, _SHARED_BY_LINK),
        (face.available != face.balance, _HELD_NOT_SHOWN),
        (None not in (face.news, face.news_at), _NEWS_WITHOUT_DATE),
        (face.member_name is not None and "member" not in keys, _NAME_KEPT_BACK),
        (face.expires_at is not None and "valid_until" not in keys, _END_NOT_SHOWN),
    )


def _color_losses(colors: Colors, brand: Brand) -> Losses:
    shown = (("foreground", colors.foreground, brand.foreground), ("label", colors.label, brand.label))
    return [
        changed(
            f"colors.{name}",
            f"Die Farbe {wanted} ist auf {colors.background} kaum zu lesen; die Seite zeigt {drawn}.",
            f"The colour {wanted} is hard to read on {colors.background}; the page shows {drawn}.",
        )
        for name, wanted, drawn in shown
        if wanted.lower() != drawn
    ]


def _silent(field: FaceField) -> Loss:
    return left_out(
        f"{of_field(field.key)}.change_message",
        f"Die Webseite meldet sich nicht, wenn sich „{field.label.de}“ ändert.",
        f"The web page does not announce a change of “{field.label.en}”.",
    )


def _not_opened(part: str) -> Loss:
    return changed(part, *_NOT_OPENED)


_NOT_OPENED = (
    "Diese Adresse lässt sich nicht antippen; die Seite öffnet https-, tel- und mailto-Adressen.",
    "This address cannot be tapped; the page opens https, tel and mailto addresses.",
)
