"""Designs as data: what may stand in one, and what is said about what may not."""

from typing import Any

import pytest

from passes.errors import FieldError
from passes.programs.design import KIND_FIELDS, Design, fields_of_kind
from passes.programs.service import checked_design

Json = dict[str, Any]
NOON = "2026-12-01T12:00:00Z"
COLORS = {"background": "#3b2a20", "foreground": "#fff8ee", "label": "#e8c9a0"}
OWN = {"key": "hours", "label": {"de": "Geöffnet", "en": "Open"}, "value": {"de": "8 bis 18", "en": "8 to 6"}}
LINK = {"key": "menu", "label": {"de": "Karte"}, "url": "https://cafe.example/menu"}
FULL: Json = {
    "focus": {"strip": {"x": 0.2, "y": 1}},
    "stamp_shape": "heart",
    "fields": [{"key": "balance", "role": "primary"}, OWN, {"key": "valid_until"}],
    "links": [LINK],
    "contact": {"name": "Mokka", "address": "Torstr. 1\n10119 Berlin", "phone": "+49 30 123456"},
    "barcode_formats": ["aztec", "qr"],
    "beacons": [{"uuid": "e2c56db5-dffb-48d2-b060-d0f5a71096e0", "major": 1}],
    "periods": [{"starts": "2026-12-01T08:00:00+01:00", "ends": "2026-12-01T10:00:00+01:00"}],
    "nearby": {"de": "Kaffee ist fertig", "en": "Coffee is ready"},
    "max_distance_m": 250,
    "shareable": False,
    "nfc": True,
    "rotates": True,
}


def own(**changes: Any) -> Json:
    return {**OWN, **changes}


def design(kind: str = "stamp", **parts: Any) -> Design:
    return checked_design(kind, {"colors": COLORS, "images": {}, "barcode": "plain", **parts})


@pytest.mark.parametrize("kind", KIND_FIELDS)
def test_three_colours_are_a_design_and_are_stored_as_they_always_were(kind: str) -> None:
    stored = {"colors": COLORS, "images": {}, "barcode": "plain"}
    assert design(kind).stored() == stored
    assert checked_design(kind, {"colors": COLORS, "images": {}}).stored() == stored


@pytest.mark.parametrize("kind", KIND_FIELDS)
def test_a_whole_design_reads_back_as_it_was_written(kind: str) -> None:
    made = design(kind, **{**FULL, "fields": [*({"key": key} for key in fields_of_kind(kind)), OWN]})
    assert checked_design(kind, made.stored()) == made
    assert Design.model_validate({"colors": COLORS, **made.look()}).look() == made.look()
    assert set(made.unusual()) == set(FULL)


@pytest.mark.parametrize(
    "parts, field, says",
    [
        (
            {"fields": [{"key": "tier"}]},
            "design.fields.0.key",
            "'tier' is no field of a stamp card; there are",
        ),
        (
            {"fields": [OWN, {"key": "balance", "value": {"de": "9"}}]},
            "design.fields.1.value",
            "from the books",
        ),
        ({"fields": [own(key="code")]}, "design.fields.0.key", "stands on every card by itself"),
        ({"fields": [own(label=None)]}, "design.fields.0.label", "is needed"),
        ({"fields": [own(value={"en": "Hi {frist_name}"})]}, "design.fields.0.value.en", "{frist_name}"),
        ({"fields": [own(value={"de": "Hallo {"})]}, "design.fields.0.value.de", "'{' is no placeholder"),
        ({"fields": [own(value={})]}, "design.fields.0.value", "needs a text in de, en or both"),
        ({"fields": [OWN, OWN]}, "design", "fields names 'hours' twice"),
        ({"fields": [{"key": "balance", "role": "top"}]}, "design.fields.0.role", "'header'"),
        ({"fields": [{"key": "Balance"}]}, "design.fields.0.key", "pattern"),
        ({"links": [{**LINK, "url": "javascript:alert(1)"}]}, "design.links.0.url", "must be an https://"),
        ({"links": [{**LINK, "url": "https://cafe.example@evil.example"}]}, "design.links.0.url", "https://"),
        ({"links": [{**LINK, "url": "http://cafe.example"}]}, "design.links.0.url", "must be an https://"),
        ({"barcode_formats": ["qr", "qr"]}, "design", "names 'qr' twice"),
        ({"barcode_formats": []}, "design.barcode_formats", "at least 1"),
        ({"focus": {"strip": {"x": 1.1, "y": 0}}}, "design.focus.strip.x", "less than or equal to 1"),
        ({"focus": {"strip": {"x": "0.5", "y": 0}}}, "design.focus.strip.x", "number"),
        ({"focus": {"strip": {"x": 1, "y": True}}}, "design.focus.strip.y", "number"),
        ({"focus": {"hero": {"x": 1, "y": 0}}}, "design.focus.hero.[key]", "'logo'"),
        ({"beacons": [{"uuid": "x"}]}, "design.beacons.0.uuid", "must be a UUID"),
        ({"periods": [{"starts": NOON, "ends": NOON}]}, "design.periods.0.ends", "after"),
        ({"contact": {"phone": "call me"}}, "design.contact.phone", "pattern"),
        ({"max_distance_m": 0}, "design.max_distance_m", "greater"),
        ({"nfc": "yes"}, "design.nfc", "boolean"),
        ({"sound": "loud"}, "design.sound", "is not something that can be set here"),
    ],
)
def test_what_cannot_stand_in_a_design_is_named_with_a_way_out(parts: Json, field: str, says: str) -> None:
    with pytest.raises(FieldError) as refused:
        design(**parts)
    (error,) = refused.value.errors
    assert error["field"] == field
    assert says in error["message"]


def test_what_google_keeps_once_for_all_coupons_holds_nothing_of_one() -> None:
    for field in ({"key": "member"}, {"key": "uses"}, own(value={"de": "Hallo {first_name}"})):
        with pytest.raises(FieldError) as refused:
            design("coupon", fields=[{**field, "role": "primary"}])
        assert refused.value.errors[0]["field"] == "design.fields.0.role"
    for field in ({"key": "offer"}, own(value={"de": "Bei {merchant}"})):
        assert design("coupon", fields=[{**field, "role": "primary"}])


def test_only_stamp_cards_know_how_many_stamps_are_left() -> None:
    value = {"de": "Noch {stamps_left}", "en": "{stamps_left} to go"}
    assert design("stamp", fields=[own(value=value)]).fields
    with pytest.raises(FieldError) as refused:
        design("gift", fields=[own(value=value)])
    assert len(refused.value.errors) == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://cafe.example",
        "https://cafe.example/menu?x=1#top",
        "tel:+49301234567",
        "mailto:hallo@cafe.example",
    ],
)
def test_links_open_pages_telephones_and_mail(url: str) -> None:
    assert design(links=[{**LINK, "url": url}]).links[0].url == url
