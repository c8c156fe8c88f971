"""What Apple Wallet does not show as the face has it, in the words a marketer is told."""

from passes.cards.face import FaceField, Loss
from passes.wallets.losses import changed, left_out, of_field

MAX_LOCATIONS = 10
MAX_BEACONS = 10
MAX_NFC_BYTES = 64
RADIUS_M = 100
"""How near a phone has to be before Wallet suggests a store card or coupon by itself."""


def moved_to_back(field: FaceField) -> Loss:
    """More fields of one role than the front has room for."""
    return changed(
        of_field(field.key),
        f"Die Vorderseite ist voll: „{field.label.de}“ steht auf der Rückseite.",
        f"The front is full: “{field.label.en}” is on the back.",
    )


def below_the_stamps(field: FaceField) -> Loss:
    """A large text would lie over the stamps."""
    return changed(
        of_field(field.key),
        f"„{field.label.de}“ steht unter dem Bild, weil ein großer Text die Stempel verdecken würde.",
        f"“{field.label.en}” is below the picture, as a large text would cover the stamps.",
    )


def link_on_back(field: FaceField) -> Loss:
    """Nothing on the front can be tapped."""
    return changed(
        of_field(field.key),
        f"Auf der Vorderseite lässt sich nichts antippen: Der Link von „{field.label.de}“ steht auf der "
        "Rückseite.",
        f"Nothing on the front can be tapped: the link of “{field.label.en}” is on the back.",
    )


def link_not_opened(part: str) -> Loss:
    """An address of a kind that Wallet's one piece of HTML does not carry."""
    return changed(part, *_NOT_OPENED)


def field_link_not_opened(field: FaceField) -> Loss:
    """The same for a field, whose text is shown and whose address then is not."""
    return left_out(f"{of_field(field.key)}.link", *_NOT_OPENED)


_NOT_OPENED = (
    "Diese Adresse lässt sich nicht antippen; Apple Wallet öffnet https-, tel- und mailto-Adressen.",
    "This address cannot be tapped; Apple Wallet opens https, tel and mailto addresses.",
)


def message_without_value(field: FaceField) -> Loss:
    """Without `%@` the phone announces something of its own."""
    return left_out(
        f"{of_field(field.key)}.change_message",
        f"Die Mitteilung zu „{field.label.de}“ entfällt: Ihr fehlt %@, der Platz für den neuen Wert.",
        f"The message about “{field.label.en}” is left out: it lacks %@, the place of the new value.",
    )


def replaced(part: str, field: FaceField) -> Loss:
    """A field of the design has the name of something Wallet cards show by themselves."""
    return left_out(
        part,
        f"An dieser Stelle steht das eigene Feld „{field.label.de}“.",
        f"The design's own field “{field.label.en}” stands in its place.",
    )


LOCATIONS_TAKE_TURNS = changed(
    "places",
    f"Apple Wallet merkt sich höchstens {MAX_LOCATIONS} Orte je Karte: zuerst die Filialen, in denen die "
    "Karte benutzt wurde, dann die nächsten; die übrigen wechseln sich von Aktualisierung zu Aktualisierung "
    "ab.",
    f"Apple Wallet keeps at most {MAX_LOCATIONS} places per card: first the shops the card was used at, then "
    "those nearest to them; the others take turns from update to update.",
)
TOO_MANY_BEACONS = changed(
    "beacons",
    f"Apple Wallet kennt höchstens {MAX_BEACONS} Beacon-UUIDs je Karte; die weiteren entfallen. Beacons mit "
    "derselben UUID zählen als einer.",
    f"Apple Wallet knows at most {MAX_BEACONS} beacon UUIDs per card; the others are left out. Beacons that "
    "share a UUID count as one.",
)
NO_PERIODS = left_out(
    "periods",
    "Apple Wallet schlägt Kundenkarten und Coupons nur nach Ort vor, nicht nach Zeit; mit einem Zeitraum "
    "würde die Karte danach als abgelaufen abgelegt.",
    "Apple Wallet suggests store cards and coupons by place only, not by time; with a period the card would "
    "be filed as expired afterwards.",
)
DISTANCE_CAPPED = changed(
    "max_distance_m",
    f"Apple Wallet meldet eine solche Karte höchstens etwa {RADIUS_M} Meter vor der Filiale.",
    f"Apple Wallet suggests such a card about {RADIUS_M} metres from the shop at most.",
)
DISTANCE_FROM_NOWHERE = left_out(
    "max_distance_m",
    "Der Abstand gilt für Filialen mit Koordinaten, und es gibt keine.",
    "The distance is from shops with coordinates, and there are none.",
)
NO_ROTATION = left_out(
    "rotates",
    "Apple Wallet kennt keinen Code, der sich von selbst ändert; er bleibt bis zur nächsten Aktualisierung.",
    "Apple Wallet has no code that changes by itself; it stays until the next update.",
)
CODE_TOO_LONG = left_out(
    "barcode_formats",
    "Der Code dieser Karte ist für Code 128 zu lang, er wäre vom Bildschirm nicht zu lesen; es gilt das "
    "nächste Format.",
    "This card's code is too long for Code 128 and could not be read from a screen; the next format is used.",
)
QR_ON_WATCH = changed(
    "barcode_formats",
    "Die Apple Watch zeigt keinen Code 128; dort erscheint ein QR-Code.",
    "Apple Watch shows no Code 128; a QR code appears there.",
)
NFC_WITHOUT_CERTIFICATE = left_out(
    "nfc",
    "Kontaktlos geht nur mit einem NFC-Zertifikat, das Apple eigens vergibt; dieses Zertifikat ist keines, "
    "und Wallet würde die Karte sonst ablehnen.",
    "Contactless needs an NFC certificate, which Apple grants separately; this one is none, and Wallet would "
    "refuse the card.",
)
NFC_WITHOUT_READER = left_out(
    "nfc",
    "Für kontaktlos fehlt der öffentliche Schlüssel des Lesegeräts (nfc-reader.pem neben dem Zertifikat).",
    "Contactless lacks the reader's public key (nfc-reader.pem beside the certificate).",
)
NFC_TOO_LONG = left_out(
    "nfc",
    f"Was das Lesegerät bekommen soll, ist länger als {MAX_NFC_BYTES} Byte; Apple würde es abschneiden.",
    f"What the reader is to be given is longer than {MAX_NFC_BYTES} bytes; Apple would cut it.",
)
HELD_NOT_SHOWN = left_out(
    "available",
    "Was gerade vorgemerkt ist, zeigt die Karte nicht an; sie nennt das ganze Guthaben.",
    "What is being held at the moment is not shown; the card names the whole balance.",
)
NEWS_WITHOUT_DATE = left_out(
    "news_at",
    "Von wann die Neuigkeit ist, steht nicht dabei.",
    "When the news is from is not shown.",
)
STATE_NOT_SHOWN = left_out(
    "state",
    "Dass die Karte gerade nicht gilt, steht nicht darauf: Das Feld für den Status fehlt.",
    "The card does not say that it is not valid at the moment: the field for the state is missing.",
)
