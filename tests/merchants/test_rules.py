"""What a merchant, a shop, a key and a person of staff must look like."""

from typing import Any

import pytest

from passes.errors import FieldError
from passes.fields import checked
from passes.merchants.rules import (
    KeyDraft,
    LocationDraft,
    MerchantDraft,
    StaffDraft,
    normalise_email,
)

MERCHANT = {"slug": "mokka", "name": "Café Mokka"}
STAFF = {"name": "Ada", "email": "ada@mokka.de", "password": "correct horse", "scopes": ["manage"]}


def wrong_fields(model: Any, values: dict[str, Any]) -> list[str]:
    with pytest.raises(FieldError) as error:
        checked(model, values)
    assert all(e["message"] for e in error.value.errors)
    return [e["field"] for e in error.value.errors]


def test_a_merchant_needs_a_slug_and_a_name_and_is_german_by_default() -> None:
    merchant = checked(MerchantDraft, MERCHANT)
    assert (merchant.time_zone, merchant.locale) == ("Europe/Berlin", "de")
    assert wrong_fields(MerchantDraft, {}) == ["slug", "name"]


@pytest.mark.parametrize("slug", ["ab", "cafe-mokka", "24-7", "a" * 60])
def test_a_slug_is_lower_case_letters_digits_and_hyphens(slug: str) -> None:
    assert checked(MerchantDraft, MERCHANT | {"slug": slug}).slug == slug


@pytest.mark.parametrize(
    "slug", ["", "a", "Mokka", "-mokka", "mokka-", "a--b", "mok_ka", "möka", "a/b", "a" * 61, "ab\n"]
)
def test_anything_else_is_no_slug(slug: str) -> None:
    assert wrong_fields(MerchantDraft, MERCHANT | {"slug": slug}) == ["slug"]


@pytest.mark.parametrize(
    "field, value",
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 201),
        ("name", "a\0b"),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "Europe"),
        ("time_zone", ""),
        ("locale", "german"),
        ("locale", "DE"),
        ("locale", ""),
        ("motto", "more coffee"),
    ],
)
def test_a_wrong_field_of_a_merchant_is_named(field: str, value: str) -> None:
    assert wrong_fields(MerchantDraft, MERCHANT | {field: value}) == [field]


def test_every_wrong_field_is_named_at_once() -> None:
    values = {"slug": "NO", "name": "", "time_zone": "x", "locale": "x"}
    assert wrong_fields(MerchantDraft, values) == ["slug", "name", "time_zone", "locale"]


def test_a_location_may_have_coordinates() -> None:
    location = checked(LocationDraft, {"name": "Mitte", "latitude": -90, "longitude": 180.0})
    assert (location.latitude, location.longitude) == (-90, 180)


@pytest.mark.parametrize(
    "values, field",
    [
        ({"latitude": 90.1, "longitude": 0}, "latitude"),
        ({"latitude": 0, "longitude": -180.1}, "longitude"),
        ({"latitude": 52.5}, "longitude"),
        ({"longitude": 13.4}, "longitude"),
        ({"latitude": float("nan"), "longitude": 0}, "latitude"),
        ({"latitude": "52.5", "longitude": 0}, "latitude"),
        ({"address": ""}, "address"),
        ({"time_zone": "Berlin"}, "time_zone"),
    ],
)
def test_a_wrong_field_of_a_location_is_named(values: dict[str, Any], field: str) -> None:
    assert wrong_fields(LocationDraft, {"name": "Mitte"} | values) == [field]


def test_scopes_are_kept_once_each_and_in_order() -> None:
    assert checked(KeyDraft, {"scopes": ["read", "till", "read"]}).scopes == ("till", "read")


@pytest.mark.parametrize("scopes", [[], ["everything"], ["till", "Till"], "till"])
def test_unknown_or_no_scopes_are_refused(scopes: Any) -> None:
    assert wrong_fields(KeyDraft, {"scopes": scopes}) == ["scopes"]


@pytest.mark.parametrize(
    "field, value",
    [
        ("email", "ada"),
        ("password", "too short"),
        ("password", "x" * 201),
        ("pin", "12345"),
        ("pin", "12345678901"),
        ("pin", "12345x"),
        ("pin", "１２３４５６"),
    ],
)
def test_a_wrong_field_of_a_person_is_named_and_never_repeated(field: str, value: str) -> None:
    with pytest.raises(FieldError) as error:
        checked(StaffDraft, STAFF | {field: value})
    assert [e["field"] for e in error.value.errors] == [field]
    assert value not in str(error.value)


def test_secrets_do_not_show_when_a_draft_is_printed() -> None:
    draft = checked(StaffDraft, STAFF | {"pin": "135790"})
    assert "correct horse" not in repr(draft)
    assert "135790" not in repr(draft)


@pytest.mark.parametrize(
    "typed, stored",
    [
        (" Ada@Mokka.DE ", "ada@mokka.de"),
        ("a+b.c_d@sub.mokka.co.uk", "a+b.c_d@sub.mokka.co.uk"),
        ("käthe@müller.de", "käthe@müller.de"),
        ("o'neill@mokka.ie", "o'neill@mokka.ie"),
    ],
)
def test_an_address_is_kept_trimmed_and_in_lower_case(typed: str, stored: str) -> None:
    assert normalise_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "ada",
        "ada@mokka",
        "@mokka.de",
        "ada@@mokka.de",
        "ada@mokka..de",
        "ada@-mokka.de",
        "ada @mokka.de",
        "ada@mok ka.de",
        "ada@mokka.de\nBcc: all@example.com",
        "ada@mokka.de, bob@mokka.de",
        "<ada@mokka.de>",
        "a" * 65 + "@mokka.de",
        "ada@" + "a" * 250 + ".de",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        normalise_email(typed)
