"""Faces by number: all kinds, every optional part there or not, and more of most than a wallet takes.

The same number is the same face for ever, so a test names what it failed on.
"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from passes.cards.face import (
    BarcodeFormat,
    Beacon,
    CardFace,
    Colors,
    DesignImages,
    FaceField,
    Link,
    Period,
    Place,
    Role,
    Stamps,
    Text,
)
from passes.money import POINT, Money
from tests.factories.faces import KINDS, make_face

ROLES: tuple[Role, ...] = ("header", "primary", "secondary", "auxiliary", "back")
FORMATS: tuple[BarcodeFormat, ...] = ("qr", "aztec", "pdf417", "code128")
AT = datetime(2027, 3, 1, 12, 0, 30, 999_999, tzinfo=UTC)
URLS = ("https://k.example/a?b=1&c='2'", "tel:+493012345", "mailto:a@k.example", "shop://card")
LINK_KEYS = ("menu", "order", "book_appointment", "call_us", "shop", "jobs")
AWKWARD = ('"quoted"', "back\\slash", "two\nlines", "100 %", "ÄÖÜß €", "🎂 cake", "<b> & co", "%@")
PALETTES = (
    Colors("#4a2c1d", "#fff8ef", "#e3c9ab"),
    Colors("#FFFFFF", "#FEFEFE", "#777777"),
    Colors("#0b3d91", "#ffffff", "#bcd3ff"),
)


class _Dice:
    """The choices of one face."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def maybe(self, value: Any, otherwise: Any = None) -> Any:
        return value if self.random.random() < 0.5 else otherwise

    def words(self, name: str, longest: int = 40) -> Text:
        tail = "x" * self.random.randint(0, longest) + self.random.choice(("", *AWKWARD))
        return Text(f"{name} de ä {tail}", self.maybe(f"{name} en {tail}", f"{name} de ä {tail}"))

    def some(self, of: Any, most: int) -> tuple[Any, ...]:
        return tuple(of(number) for number in range(self.random.randint(0, most)))


def any_face(seed: int) -> CardFace:
    """The face of this number; four in a row are of the four kinds."""
    dice = _Dice(seed)
    kind = KINDS[seed % len(KINDS)]
    parts: dict[str, Any] = {}
    if kind == "stamp":
        required = seed // len(KINDS) % 30 + 1
        filled = dice.random.randint(0, required)
        parts["stamps"] = Stamps(filled, required, dice.random.choice((0, 0, 1, 3)))
    if kind == "gift":
        parts["balance"] = Money(dice.random.choice((0, 1, 1250, 999_999)), "EUR")
    if kind == "points":
        parts["balance"] = Money(dice.random.choice((0, 1, 1250, 999_999)), POINT)
    base = make_face(kind, **parts)
    places = dice.some(lambda n: _place(dice, n), 24)
    return replace(
        base,
        state=dice.random.choice(("active", "active", "active", "pending", "blocked", "expired")),
        version=dice.random.randint(1, 99),
        title=dice.maybe(base.title, dice.words("title")),
        description=dice.words("about", 260),
        organization=dice.maybe(base.organization, f"Brand {dice.random.choice(AWKWARD)}"),
        colors=dice.random.choice(PALETTES),
        available=dice.maybe(base.balance, replace(base.balance, amount=0)),
        fields=dice.maybe(base.fields, ()) + dice.some(lambda n: _field(dice, n), 14),
        barcode=dice.maybe(base.barcode, "S" + "7" * 60),
        barcode_formats=tuple(dice.random.sample(FORMATS, dice.random.randint(1, 4))),
        terms=dice.maybe(dice.words("terms", 700)),
        news=dice.maybe(dice.words("news", 300)),
        news_at=dice.maybe(AT),
        expires_at=dice.maybe(AT),
        member_name=dice.maybe("Käthe Groß"),
        website=dice.maybe(dice.random.choice(URLS)),
        links=tuple(_link(dice, key) for key in dice.random.sample(LINK_KEYS, dice.random.randint(0, 4))),
        places=places,
        places_used=tuple(dice.random.sample(places, min(len(places), dice.random.randint(0, 3)))),
        beacons=dice.some(lambda n: _beacon(dice, n), 14),
        periods=dice.some(lambda n: Period(AT + timedelta(days=n), AT + timedelta(days=n, hours=2)), 2),
        max_distance_m=dice.maybe(dice.random.choice((50, 500))),
        shareable=dice.maybe(True, False),
        nfc=dice.maybe(dice.random.choice(("7K3WQ9XMA4PTHC2E", "ü" * 40))),
        rotates=dice.maybe(True, False),
        images=DesignImages(),
    )


def _place(dice: _Dice, number: int) -> Place:
    return Place(48 + number / 8, 9 + number % 5, f"Filiale {number}", dice.maybe(dice.words("near")))


def _beacon(dice: _Dice, number: int) -> Beacon:
    uuid = f"E2C56DB5-DFFB-48D2-B060-D0F5A7109{number:03X}"
    return Beacon(uuid, dice.maybe(number), dice.maybe(65_535), dice.maybe(dice.words("beacon")))


def _link(dice: _Dice, key: str) -> Link:
    return Link(key, dice.words(key), dice.random.choice(URLS))


def _field(dice: _Dice, number: int) -> FaceField:
    typed: dict[str, Any] = dice.random.choice(
        ({}, {}, {"money": Money(1999, "EUR")}, {"at": AT}, {"money": Money(7, POINT)})
    )
    return FaceField(
        key=f"own_{number}",
        role=dice.random.choice(ROLES),
        label=dice.words(f"label {number}"),
        value=dice.words(f"value {number}", 300),
        change_message=dice.maybe(dice.random.choice((Text("Neu: %@", "New: %@"), Text("Neu", "New")))),
        link=dice.maybe(dice.random.choice(URLS)),
        **typed,
    )
