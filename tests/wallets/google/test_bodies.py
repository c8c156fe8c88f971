"""Every face becomes bodies Google would take, and says on the phone what the face says."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from passes.cards.face import FaceField, Place, Stamps, Text
from passes.money import POINT, STAMP, USE, Money
from passes.wallets.google.bodies import PublicUrls, class_body, object_body, object_state
from tests.factories.faces import KINDS, make_face
from tests.fakes.walletobjects import faults

ISSUER = "3388000000012345678"
URLS = PublicUrls("https://k.example/logo.png", "https://k.example/hero.png?v=3", "https://k.example/cb")
STATES = ("pending", "active", "blocked", "expired", "deactivated")
SCHEMAS = {"stamp": "Loyalty", "points": "Loyalty", "coupon": "Offer", "gift": "GiftCard"}
FULL: dict[str, Any] = {
    "member_name": "Käthe Groß",
    "expires_at": datetime(2029, 12, 31, 22, 59, 59, tzinfo=UTC),
    "news": Text(de="Alles Gute!", en="Happy birthday!"),
}
BARE: dict[str, Any] = {"fields": (), "places": (), "terms": None, "website": None}


def bodies(face: Any, urls: PublicUrls = URLS) -> tuple[dict[str, Any], dict[str, Any]]:
    return class_body(face, ISSUER, urls).body, object_body(face, ISSUER, urls).body


@pytest.mark.parametrize(
    "kind, state, more, urls",
    list(product(KINDS, STATES, (FULL, BARE), (URLS, PublicUrls("http://127.0.0.1:8000/logo.png")))),
)
def test_bodies_of_every_kind_and_state_are_of_googles_schema(
    kind: Any, state: str, more: dict[str, Any], urls: PublicUrls
) -> None:
    cls, obj = bodies(make_face(kind, state=state, **more), urls)
    assert faults(f"{SCHEMAS[kind]}Class", cls) == []
    assert faults(f"{SCHEMAS[kind]}Object", obj) == []


@pytest.mark.parametrize("filled", range(11))
def test_a_stamp_card_counts_towards_its_goal(filled: int) -> None:
    _, obj = bodies(make_face(stamps=Stamps(filled, 10, 0)))
    assert faults("LoyaltyObject", obj) == []
    assert obj["loyaltyPoints"]["balance"] == {"string": f"{filled} / 10"}
    assert obj["loyaltyPoints"]["label"] == "Stamps"
    assert obj["heroImage"]["contentDescription"]["defaultValue"]["value"] == f"{filled} of 10 stamps"


def test_points_are_shown_as_text_so_that_patches_never_mix_two_forms() -> None:
    _, obj = bodies(make_face("points", balance=Money(2**40, POINT)))
    assert obj["loyaltyPoints"]["balance"] == {"string": str(2**40)}


@pytest.mark.parametrize(
    "amount, currency, micros",
    [
        (1250, "EUR", "12500000"),
        (1, "EUR", "10000"),
        (500, "JPY", "500000000"),
        (1234, "KWD", "1234000"),
        (12345, "CLF", "1234500"),
        (0, "EUR", "0"),
        (2**49, "EUR", "5629499534213120000"),
    ],
)
def test_a_gift_balance_is_exact_in_every_currency(amount: int, currency: str, micros: str) -> None:
    _, obj = bodies(make_face("gift", balance=Money(amount, currency), fields=()))
    assert obj["balance"] == {"micros": micros, "currencyCode": currency}


def test_a_balance_too_large_for_google_is_left_out_rather_than_wrong() -> None:
    rendering = object_body(make_face("gift", balance=Money(2**53 - 1, "EUR")), ISSUER, URLS)
    assert faults("GiftCardObject", rendering.body) == []
    assert "balance" not in rendering.body
    assert rendering.losses == ("balance: left out, the amount is larger than Google can hold",)


@pytest.mark.parametrize(
    "kind, state, balance, shown",
    [
        ("stamp", "active", Money(3, STAMP), "ACTIVE"),
        ("gift", "pending", Money(0, "EUR"), "INACTIVE"),
        ("gift", "active", Money(0, "EUR"), "ACTIVE"),
        ("stamp", "blocked", Money(3, STAMP), "INACTIVE"),
        ("gift", "expired", Money(5, "EUR"), "EXPIRED"),
        ("points", "deactivated", Money(5, POINT), "INACTIVE"),
        ("coupon", "active", Money(1, USE), "ACTIVE"),
        ("coupon", "active", Money(0, USE), "COMPLETED"),
        ("coupon", "expired", Money(0, USE), "EXPIRED"),
        ("coupon", "blocked", Money(0, USE), "INACTIVE"),
    ],
)
def test_states_become_googles(kind: Any, state: str, balance: Money, shown: str) -> None:
    face = make_face(kind)
    assert object_state(replace(face, state=state, balance=balance)) == shown


def test_both_languages_are_there_and_english_is_for_everybody_else() -> None:
    cls, _ = bodies(make_face())
    assert cls["programName"] == "Coffee card"
    assert cls["localizedProgramName"] == {
        "defaultValue": {"language": "en", "value": "Coffee card"},
        "translatedValues": [{"language": "de", "value": "Kaffeekarte"}],
    }


def test_the_barcode_is_the_token_and_the_typed_code_stands_below() -> None:
    face = make_face()
    _, obj = bodies(face)
    assert obj["barcode"] == {
        "type": "QR_CODE",
        "value": face.barcode,
        "alternateText": "7K3W-Q9XM-A4PT-HC2E",
    }
    assert obj["accountId"] == "7K3W-Q9XM-A4PT-HC2E"


def test_cards_of_one_program_share_a_class_whatever_it_looks_like() -> None:
    one, same = make_face(card_id="card_1"), make_face(card_id="card_2", stamps=Stamps(9, 10, 1))
    other = make_face(title=Text.same("Teekarte"), design_id="another")
    assert bodies(one)[0] == bodies(same)[0]
    assert bodies(one)[1]["id"] != bodies(same)[1]["id"]
    assert bodies(one)[0]["id"] == bodies(other)[0]["id"]
    assert bodies(one)[0] != bodies(other)[0]
    assert bodies(one)[0]["id"] != bodies(make_face(program_id="prog_other"))[0]["id"]


@pytest.mark.parametrize("kind", ["coupon", "gift", "points"])
def test_a_new_look_changes_the_class_alone(kind: Any) -> None:
    before, after = make_face(kind), make_face(kind, design_id="another", title=Text.same("New"))
    new_urls = PublicUrls("https://k.example/new.png", "https://k.example/new-hero.png", URLS.callback)
    assert bodies(before)[1] == bodies(after, new_urls)[1]
    assert bodies(before)[0] != bodies(after, new_urls)[0]


def test_ids_hold_only_characters_google_takes() -> None:
    cls, obj = bodies(make_face(merchant_slug="café größe/1", program_id="prog 7"))
    assert obj["id"] == f"{ISSUER}.caf--gr--e-1-card_01jdexample0000000000000000"
    assert cls["id"] == f"{ISSUER}.caf--gr--e-1-prog-7"


@pytest.mark.parametrize("callback", [None, "http://127.0.0.1:8000/google/callback"])
def test_only_an_https_callback_is_named(callback: str | None) -> None:
    cls, _ = bodies(make_face(), replace(URLS, callback=callback))
    assert "callbackOptions" not in cls
    assert bodies(make_face())[0]["callbackOptions"] == {"url": "https://k.example/cb"}


def test_the_balance_has_its_own_place_and_the_other_front_fields_fill_the_template() -> None:
    cls, obj = bodies(make_face())
    assert [module["id"] for module in obj["textModulesData"]] == ["front_1", "front_2"]
    rows = cls["classTemplateInfo"]["cardTemplateOverride"]["cardRowTemplateInfos"]
    paths = [
        row["twoItems"][cell]["firstValue"]["fields"][0]["fieldPath"]
        for row in rows
        for cell in ("startItem", "endItem")
    ]
    assert paths == [
        "object.loyaltyPoints.balance",
        *(f"object.textModulesData['front_{place}']" for place in (1, 2, 3)),
    ]


def test_news_are_said_once_even_where_the_face_has_a_field_of_that_name() -> None:
    field = FaceField("news", "back", Text.same("News"), Text.same("Old"))
    _, obj = bodies(make_face(fields=(field,), news=Text(de="Neu", en="New")))
    assert [(m["id"], m["body"]) for m in obj["textModulesData"]] == [("news", "New")]


def test_what_does_not_fit_is_cut_and_named() -> None:
    long = Text(de="ä" * 600, en="short")
    field = FaceField("story", "back", Text.same("H" * 40), long)
    rendering = object_body(make_face(fields=(field,)), ISSUER, URLS)
    (module,) = rendering.body["textModulesData"]
    assert len(module["localizedBody"]["translatedValues"][0]["value"]) == 500
    assert (len(module["header"]), module["body"]) == (35, "short")
    assert rendering.losses == (
        "story header: cut to 35 characters",
        "story body: cut to 500 characters",
    )


def test_the_eleventh_text_and_the_eleventh_shop_are_left_out_and_named() -> None:
    fields = tuple(FaceField(f"k{n}", "back", Text.same("h"), Text.same("v")) for n in range(11))
    places = tuple(Place(n, n, f"shop {n}") for n in range(13))
    face = make_face(fields=fields, places=places)
    cls, obj = class_body(face, ISSUER, URLS), object_body(face, ISSUER, URLS)
    assert len(obj.body["textModulesData"]) == len(cls.body["merchantLocations"]) == 10
    assert obj.losses == ("k10: left out, Google shows 10 texts",)
    assert "places: 3 left out, Google takes 10" in cls.losses


def test_a_link_google_cannot_open_is_left_out_and_named() -> None:
    field = FaceField("app", "back", Text.same("App"), Text.same("Open"), link="stempel://card")
    rendering = object_body(make_face(fields=(field,)), ISSUER, URLS)
    assert [uri["id"] for uri in rendering.body["linksModuleData"]["uris"]] == ["page"]
    assert rendering.losses == ("app: left out, Google does not open stempel links",)
