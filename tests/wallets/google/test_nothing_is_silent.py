"""Every part of a face is in the bodies Google gets or in the report of what it loses there.

Faces are generated; what has to be found again is read off the face itself, so that a part nobody thought
of here fails the test of its own.

Each text has to stand in a body word for word. That finds what changing a part and looking for another
rendering (`test_every_part_shows`, for the other wallets) cannot: a text that is there but garbled changes
with the face like any other. It needs bodies that hold texts as they are, which paper and Apple's typed
values do not, and is blind to what is no text, which is changed here too (`SEEN_AS`).
"""

import random
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from passes.cards.face import Beacon, CardFace, DesignImages, FaceField, Link, Period, Place, Text
from passes.ids import format_code
from passes.money import Money
from passes.wallets.google import barcodes, bodies
from passes.wallets.google.bodies import Allowed, PublicUrls
from tests.factories.faces import KINDS, make_face
from tests.fakes.walletobjects import faults
from tests.mutants import damage

ISSUER = "3388000000012345678"
URLS = PublicUrls(*(f"https://k.example/{name}" for name in ("logo.png", "hero.png", "cb", "wide.png")))
SCHEMAS = {"stamp": "Loyalty", "points": "Loyalty", "coupon": "Offer", "gift": "GiftCard"}
AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
FORMATS: Any = ("qr", "aztec", "pdf417", "code128")

NOT_TO_BE_SEEN = {
    "version": "tells phones of a change",
    "merchant_id": "names the merchant to us alone; the slug is in the object's id",
    "program_slug": "is part of addresses",
    "design_id": "is part of the pictures' addresses",
    "updated_at": "is said of a gift card's balance alone, where people ask for it",
    "stamp_shape": "is drawn in the picture",
}
SAID_IN_WORDS = frozenset(
    {
        *("card_id", "merchant_slug", "program_id", "kind", "state", "organization", "title"),
        *("description", "barcode", "code", "balance", "available", "page_url", "enrol_url", "fields"),
        *("news", "member_name", "terms", "website", "links", "expires_at"),
    }
)
NAMED_OR_SAID = {
    "colors": ("colors.foreground", "colors.label"),
    "images": ("images.icon",),
    "places": ("places.text",),
    "beacons": ("beacons",),
    "periods": ("periods",),
    "max_distance_m": ("max_distance_m",),
    "news_at": ("news_at",),
    "nfc": ("nfc",),
}
SEEN_AS = {
    "stamps": "heroImage",
    "colors": "hexBackgroundColor",
    "barcode_formats": "barcode",
    "rotates": "rotatingBarcode",
    "shareable": "multipleDevicesAndHoldersAllowedStatus",
    "places_used": "merchantLocations",
}


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield str(value)


def said(face: CardFace) -> Iterator[tuple[str, str]]:
    """Each text and address a reader of the card should find, and what a loss would call it."""
    yield "title", face.title.de
    yield "title", face.title.en
    yield "organization", face.organization
    yield "barcode", face.barcode
    yield "code", format_code(face.code)
    yield "page_url", face.page_url
    if face.kind != "gift":
        yield "enrol_url", face.enrol_url
    if face.website:
        yield "website", face.website
    if face.member_name:
        yield "member_name", face.member_name
    if face.expires_at:
        yield "expires_at", face.expires_at.isoformat().replace("+00:00", "Z")
    for part, text in (("description", face.description), ("terms", face.terms), ("news", face.news)):
        if text is not None:
            yield part, text.de
            yield part, text.en
    for link in face.links:
        yield from ((f"links:{link.key}", words) for words in (link.url, link.label.de, link.label.en))
    for field in face.fields:
        part = f"field:{field.key}"
        yield from ((part, words) for words in (field.value.de, field.value.en) if field.key != "balance")
        if (face.kind, field.label.en) != ("gift", "Balance"):  # which Google writes there by itself
            yield from ((f"{part}.label", words) for words in (field.label.de, field.label.en))
        if field.link:
            yield f"{part}.link", field.link
        if field.change_message is not None:
            yield f"{part}.change_message", field.change_message.en


def missing(face: CardFace, allowed: Allowed = bodies.EVERYTHING) -> list[tuple[str, str]]:
    """What of the face is neither in the bodies nor named in the report."""
    shared = bodies.class_body(face, ISSUER, URLS, allowed).body
    own = bodies.object_body(face, ISSUER, URLS, allowed).body
    assert faults(f"{SCHEMAS[face.kind]}Class", shared) == []
    assert faults(f"{SCHEMAS[face.kind]}Object", own) == []
    report = bodies.losses_of(face, ISSUER, URLS, allowed)
    assert all(loss.says.de and loss.says.en and loss.says.de != loss.says.en for loss in report)
    named, shown = {loss.part for loss in report}, {*leaves(shared), *leaves(own)}
    lost = [
        (part, text)
        for part, text in said(face)
        if text not in shown and not {part, part.removesuffix(".label")} & named
    ]
    for name, parts in NAMED_OR_SAID.items():
        if _has(face, name, own) and not {*parts, name} & named:
            lost.append((name, ""))
    lost += [(f"barcode_formats:{n}", "") for n in face.barcode_formats if not _scanned(n, own, named)]
    if face.rotates and "rotatingBarcode" not in own and "rotates" not in named:
        lost.append(("rotates", ""))
    return lost


def _has(face: CardFace, name: str, own: dict[str, Any]) -> bool:
    """Whether there is anything to lose that no text tells of."""
    if name == "images":
        return face.images.icon is not None
    if name == "news_at":
        return None not in (face.news, face.news_at)
    if name == "nfc" and "smartTapRedemptionValue" in own:
        return False
    return getattr(face, name) not in (None, ())


def _scanned(name: str, own: dict[str, Any], named: set[str]) -> bool:
    is_shown = own["barcode"]["type"].replace("_", "").startswith(name.upper())
    return is_shown or f"barcode_formats:{name}" in named


def generated(seed: int) -> CardFace:
    """A face with every optional part there or not, at random, and more of it than Google takes."""
    chance = random.Random(seed)

    def maybe(value: Any, otherwise: Any = None) -> Any:
        return value if chance.random() < 0.6 else otherwise

    def words(name: str, longest: int = 60) -> Text:
        length = chance.randint(1, longest)
        return Text(f"{name} de " + "ä" * length, f"{name} en " + "x" * length)

    kind = KINDS[seed % 4]
    base = make_face(kind)
    own = tuple(
        FaceField(
            key=f"own_{place}",
            role=chance.choice(("header", "primary", "secondary", "auxiliary", "back")),
            label=words(f"label {place}"),
            value=words(f"value {place}", 700),
            change_message=maybe(Text("Neu: %@", "New: %@")),
            link=maybe(chance.choice(("https://k.example/x", "tel:+4930123", "stempel://x"))),
        )
        for place in range(chance.randint(0, 14))
    )
    usual = tuple(
        replace(field, label=maybe(field.label, Text("Stand", "Left"))) for field in maybe(base.fields, ())
    )
    return replace(
        base,
        fields=usual + own,
        description=words("about", 700),
        terms=maybe(words("terms", 700)),
        news=maybe(words("news", 600)),
        news_at=maybe(AT),
        available=maybe(base.balance, Money(0, base.balance.asset)),
        member_name=maybe("Käthe Groß"),
        website=maybe("https://groessenwahn.example"),
        links=tuple(
            Link(f"link_{n}", words(f"link {n}", 30), f"https://k.example/{n}")
            for n in range(chance.randint(0, 4))
        ),
        barcode_formats=tuple(chance.sample(FORMATS, chance.randint(1, 4))),
        rotates=maybe(True, False),
        places=tuple(Place(n, n, f"shop {n}") for n in range(chance.randint(0, 14))),
        places_used=tuple(Place(40 + n, n, f"far {n}") for n in range(chance.randint(0, 12))),
        beacons=maybe((Beacon("E2C56DB5-DFFB-48D2-B060-D0F5A71096E0"),), ()),
        periods=maybe((Period(AT, AT),), ()),
        max_distance_m=maybe(500),
        shareable=maybe(True, False),
        nfc=maybe("TAP"),
        images=DesignImages(icon=maybe(b"icon"), strip=maybe(b"strip")),
        expires_at=maybe(AT),
    )


def test_every_attribute_of_a_face_is_thought_of_here() -> None:
    thought_of = {*NOT_TO_BE_SEEN, *SAID_IN_WORDS, *NAMED_OR_SAID, *SEEN_AS}
    assert {field.name for field in fields(CardFace)} == thought_of


@pytest.mark.parametrize("first", range(0, 500, 50))
def test_nothing_of_a_face_is_lost_in_silence(first: int) -> None:
    allowed = Allowed(merchant_locations=first % 100 == 0, redemption_issuers=("1",) if first % 200 else ())
    for seed in range(first, first + 50):
        assert missing(generated(seed), allowed) == [], seed


@pytest.mark.parametrize("name, place", SEEN_AS.items())
def test_what_is_no_text_changes_the_bodies(name: str, place: str) -> None:
    face = make_face(rotates=True)
    other: dict[str, Any] = {
        "stamps": make_face(stamps=replace(face.stamps, filled=9)).stamps if face.stamps else None,
        "barcode_formats": ("pdf417",),
        "colors": replace(face.colors, background="#123456"),
        "rotates": False,
        "shareable": False,
        "places_used": (Place(48.1, 11.5, "München"),),
    }

    def both(face: CardFace) -> dict[str, Any]:
        shared = bodies.class_body(face, ISSUER, URLS).body
        return shared | bodies.object_body(face, ISSUER, URLS).body

    assert both(face)[place] != both(replace(face, **{name: other[name]})).get(place)


SILENT_DROPS: list[tuple[ModuleType, str, tuple[str, str]]] = [
    (bodies, "text_modules", ("for module in modules[MODULES_PER_LEVEL:]:", "for module in []:")),
    (bodies, "text_modules", ("modules[:MODULES_PER_LEVEL]", "modules[: MODULES_PER_LEVEL - 1]")),
    (bodies, "links", ("if target not in able:", "if False:")),
    (bodies, "merchant_locations", ("losses.left_out(", "print(")),
    (bodies, "_class_links", ("+ [_target(link) for link in face.links]", "")),
    (bodies, "_class_links", ('face.kind != "gift"', "False")),
    (bodies, "_object_texts", ("if face.member_name and", "if False and")),
    (bodies, "_object_texts", ("+ back_modules(back)", "")),
    (bodies, "_class_texts", ("if face.terms is not None:", "if False:")),
    (bodies, "_class_texts", ("face.terms, ", "Text(face.terms.de, face.terms.en.title()), ")),
    (bodies, "_shown_elsewhere", ("field.value in said", "True")),
    (bodies, "_gift_values", ("if label != _BALANCE:", "if False:")),
    (bodies, "_terminals", ("losses.left_out(", "print(")),
    (bodies, "of_the_look", ("if face.beacons:", "if False:")),
    (bodies, "of_the_look", ("if face.periods:", "if False:")),
    (bodies, "of_the_look", ("if face.images.icon is not None:", "if False:")),
    (bodies, "of_changes", ("if changing.change_message is None:", "if True:")),
    (barcodes, "_chosen", ("if name != chosen:", "if False:")),
    (bodies, "barcodes", ("losses.left_out(", "print(")),
]


@pytest.mark.parametrize("module, name, edit", SILENT_DROPS)
def test_a_silent_drop_is_found(
    module: ModuleType, name: str, edit: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, module, name, edit)
    assert any(missing(generated(seed)) for seed in range(200))
