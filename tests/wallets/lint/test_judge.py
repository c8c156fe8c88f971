"""The judgement over a whole design: each rule finds what it is for, and nothing else."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from passes.cards.face import DesignImages, FaceField, Kind, Place, Text
from passes.programs.queries import ProgramView
from passes.programs.rules import parse_rules
from passes.programs.service import checked_design
from passes.wallets.lint.findings import Finding
from passes.wallets.lint.judge import SURFACES, Judged, judge, stops
from tests.factories.faces import make_face
from tests.programs.test_design import COLORS, OWN

LOST = tuple(f"{surface}_" for surface in SURFACES)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def judged(
    kind: Kind = "stamp",
    texts: dict[str, dict[str, str]] | None = None,
    face: dict[str, Any] | None = None,
    has_nfc: bool | None = None,
    **parts: Any,
) -> tuple[Finding, ...]:
    rules = {"stamp": {"stamps_required": 10, "reward": "Tea"}, "gift": {}}[kind]
    design = checked_design(kind, {"colors": COLORS, "images": {}, **parts})
    program = ProgramView(
        id="prog_x",
        merchant_id="mer_x",
        kind=kind,
        name="Card",
        slug="card",
        currency="EUR" if kind == "gift" else None,
        version=1,
        rules=parse_rules(kind, rules, "EUR"),
        design=design,
        texts=texts or {"de": {}, "en": {}},
        created_at=NOW,
        updated_at=NOW,
    )
    shown = {"barcode_formats": design.barcode_formats, "rotates": design.rotates, **(face or {})}
    return judge(Judged(program, make_face(kind, **shown), has_nfc))


def codes(found: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(f.severity, f.code, f.part) for f in found if not f.code.startswith(LOST)]


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#aa3300").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("kind", ["stamp", "gift"])
def test_nothing_is_said_against_a_plain_design(kind: Kind) -> None:
    assert codes(judged(kind)) == []


def test_texts_in_one_language_are_named_and_stop_nothing() -> None:
    found = judged(
        texts={"de": {"title": "Karte"}, "en": {"terms": "Here only."}},
        fields=[{**OWN, "label": {"en": "Open"}}],
        nearby={"de": "Kaffee"},
    )
    assert codes(found) == [
        ("warning", "translation", "texts.en.title"),
        ("warning", "translation", "texts.de.terms"),
        ("warning", "translation", "fields.0.label.de"),
        ("warning", "translation", "nearby.en"),
    ]
    assert not stops(found)


def test_a_placeholder_nobody_fills_stops_until_somebody_insists() -> None:
    found = judged(texts={"de": {"title": "{first_name}s Karte"}, "en": {"title": "Card"}})
    assert codes(found) == [("error", "placeholder", "texts.de.title")]
    assert "{merchant}" in found[0].way_out.de
    assert stops(found)
    assert not stops(found, force=True)


def test_a_signed_code_in_a_strip_of_bars_cannot_be_forced() -> None:
    found = judged(barcode="signed", barcode_formats=["code128"])
    assert ("error", "code128_signed", "barcode_formats") in codes(found)
    assert stops(found, force=True)
    assert codes(judged(barcode_formats=["code128"])) == [("warning", "code128_watch", "barcode_formats")]
    assert codes(judged(barcode_formats=["code128", "qr"])) == []


@pytest.mark.parametrize(
    "parts, face, has_nfc, finding",
    [
        ({"rotates": True, "barcode_formats": ["aztec"]}, {}, None, ("warning", "rotates", "rotates")),
        ({"nfc": True}, {}, False, ("warning", "nfc", "nfc")),
        (
            {},
            {"places": tuple(Place(52 + n / 10, 13, "x") for n in range(11))},
            None,
            ("warning", "places", "places"),
        ),
        (
            {"fields": [{"key": "balance", "change_message": {"de": "Neu", "en": "New: %@"}}]},
            {},
            None,
            ("warning", "change_message", "fields.0.change_message"),
        ),
        (
            {},
            {"title": Text.same("A card with quite a long name")},
            None,
            ("warning", "text_cut", "texts.title"),
        ),
        ({}, {"images": DesignImages(logo=png(90, 40))}, None, ("warning", "picture_small", "images.logo")),
        ({}, {"images": DesignImages(logo=png(900, 40))}, None, ("warning", "picture_small", "images.logo")),
        (
            {},
            {"images": DesignImages(stamp_full=png(200, 200))},
            None,
            ("warning", "stamp_pair", "images.stamp_empty"),
        ),
    ],
)
def test_what_works_otherwise_than_expected_is_explained(
    parts: Any, face: Any, has_nfc: bool | None, finding: tuple[str, str, str]
) -> None:
    found = judged(face={**face, "design_id": finding[1]}, has_nfc=has_nfc, **parts)
    assert finding in codes(found)
    assert not stops(found)
    assert all(f.says.de and f.says.en for f in found)


def test_ten_shops_and_an_nfc_certificate_are_nothing_to_speak_of() -> None:
    places = tuple(Place(52 + n / 10, 13, "x") for n in range(10))
    assert codes(judged(nfc=True, has_nfc=True, face={"places": places})) == []
    assert codes(judged(nfc=True, has_nfc=None)) == []


@pytest.mark.parametrize(
    "role, fits, cut", [("header", "12 / 30", "W" * 30), ("auxiliary", "Gold", "W" * 60)]
)
def test_values_too_long_for_their_place_are_named(role: Any, fits: str, cut: str) -> None:
    for value, expected in ((fits, []), (cut, [("warning", "text_cut", "field:own")])):
        field = FaceField("own", role, Text.same("Label"), Text.same(value))
        assert codes(judged(face={"fields": (field,)}))[:1] == expected


def test_stamp_pictures_on_a_card_without_stamps_are_named() -> None:
    found = judged(
        "gift", face={"images": DesignImages(stamp_full=png(200, 200)), "design_id": "gift stamps"}
    )
    assert ("warning", "stamps_not_shown", "images.stamp_full") in codes(found)


@pytest.mark.parametrize("kind", ["stamp", "gift"])
def test_what_each_rendering_leaves_out_is_said_too(kind: Kind) -> None:
    found = judged(kind, rotates=True, shareable=False, face={"shareable": False})
    said = {f.code.partition("_")[0] for f in found if f.code.startswith(LOST)}
    assert said == set(SURFACES)
    assert not stops(found)
