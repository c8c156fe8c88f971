"""Every face becomes bodies Google would take, and says on the phone what the face says."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from passes.cards.face import DesignImages, FaceField, Place, Stamps, Text
from passes.money import POINT, STAMP, USE, Money
from passes.wallets.google.bodies import OPTIONAL, Allowed, PublicUrls, class_body, object_body, object_state
from passes.wallets.google.names import pass_type
from passes.wallets.google.parts import Rendering
from tests.factories.faces import KINDS, make_face
from tests.fakes.walletobjects import faults

ISSUER = "3388000000012345678"
URLS = PublicUrls(*(f"https://k.example/{name}" for name in ("logo.png", "hero.png?v=3", "cb", "wide.png")))
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


def parts(rendering: Rendering) -> list[str]:
    return [loss.part for loss in rendering.losses]


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


WIDE = {
    "stamp": "wideProgramLogo",
    "points": "wideProgramLogo",
    "coupon": "wideTitleImage",
    "gift": "wideProgramLogo",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_wide_logo_stands_in_every_class_and_can_be_taken_back(kind: Any) -> None:
    shown, _ = bodies(make_face(kind))
    assert shown[WIDE[kind]]["sourceUri"] == {"uri": "https://k.example/wide.png"}
    without, _ = bodies(make_face(kind), replace(URLS, wide_logo=None))
    assert WIDE[kind] not in without
    assert WIDE[kind] in OPTIONAL[f"{pass_type(kind)}Class"]


def test_what_becomes_of_an_own_logo_is_told() -> None:
    own = make_face(images=DesignImages(logo=b"x", wide_logo=b"y"))
    assert "images.logo" in parts(class_body(own, ISSUER, URLS))
    told = parts(class_body(own, ISSUER, replace(URLS, wide_logo=None)))
    assert "images.wide_logo" in told
    assert "images.logo" not in told


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
    assert parts(rendering) == ["field:balance.change_message", "balance"]
    assert "€90,071,992,547,409.91" in [m["body"] for m in rendering.body["textModulesData"]]


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
    assert template_paths(cls) == [
        "object.loyaltyPoints.balance",
        *(f"object.textModulesData['front_{place}']" for place in range(1, 6)),
    ]


def template_paths(cls: dict[str, Any]) -> list[str]:
    rows = cls["classTemplateInfo"]["cardTemplateOverride"]["cardRowTemplateInfos"]
    return [
        row["twoItems"][cell]["firstValue"]["fields"][0]["fieldPath"]
        for row in rows
        for cell in ("startItem", "endItem")
    ]


@pytest.mark.parametrize(
    "kind, first",
    [("gift", "object.balance"), ("coupon", "object.textModulesData['front_1']")],
)
def test_every_kind_has_six_places_on_its_front_in_the_order_of_the_face(kind: Any, first: str) -> None:
    fields = tuple(FaceField(f"k{n}", "auxiliary", Text.same(f"l{n}"), Text.same(f"v{n}")) for n in range(8))
    cls, obj = bodies(make_face(kind, fields=fields))
    places = template_paths(cls)
    assert (places[0], len(places)) == (first, 6)
    by_id = {f"object.textModulesData['{m['id']}']": m["body"] for m in obj["textModulesData"]}
    shown = [by_id[path] for path in places if path in by_id]
    assert shown == [f"v{n}" for n in range(len(shown))]
    late = parts(object_body(make_face(kind, fields=fields), ISSUER, URLS))
    assert late == [f"field:k{n}" for n in range(len(shown), 8)]


def test_news_stand_beside_a_field_of_that_name_and_not_twice() -> None:
    field = FaceField("news", "back", Text.same("News"), Text.same("Old"))
    _, obj = bodies(make_face(fields=(field,), news=Text(de="Neu", en="New")))
    assert [(m["id"], m["body"]) for m in obj["textModulesData"]] == [("news", "New"), ("news-1", "Old")]
    _, obj = bodies(make_face(fields=(field,), news=Text.same("Old")))
    assert [m["body"] for m in obj["textModulesData"]] == ["Old"]


def test_what_does_not_fit_is_cut_and_named() -> None:
    long = Text(de="ä" * 600, en="short")
    field = FaceField("story", "back", Text.same("H" * 40), long)
    rendering = object_body(make_face(fields=(field,)), ISSUER, URLS)
    (module,) = rendering.body["textModulesData"]
    assert len(module["localizedBody"]["translatedValues"][0]["value"]) == 500
    assert (len(module["header"]), module["body"]) == (35, "short")
    assert parts(rendering) == ["field:story.label", "field:story"]
    assert {loss.how for loss in rendering.losses} == {"changed"}


def test_the_eleventh_text_and_the_eleventh_shop_are_left_out_and_named() -> None:
    fields = tuple(FaceField(f"k{n}", "back", Text.same("h"), Text.same("v")) for n in range(11))
    places = tuple(Place(n, n, f"shop {n}") for n in range(13))
    face = make_face(fields=fields, places=places)
    cls, obj = class_body(face, ISSUER, URLS), object_body(face, ISSUER, URLS)
    assert len(obj.body["textModulesData"]) == len(cls.body["merchantLocations"]) == 10
    assert parts(obj) == ["field:k10"]
    shops = next(loss for loss in cls.losses if loss.part == "places")
    assert shops.says.en.startswith("3 shops are missing: Google takes 10 for all cards and 10 per card")


def test_shops_the_card_was_used_at_stand_on_it_where_the_class_has_no_room() -> None:
    places = tuple(Place(n, n, f"shop {n}") for n in range(13))
    face = make_face(places=places, places_used=(places[12], places[3]))
    cls, obj = class_body(face, ISSUER, URLS), object_body(face, ISSUER, URLS)
    assert obj.body["merchantLocations"] == [{"latitude": 12, "longitude": 12}]
    assert faults("LoyaltyObject", obj.body) == []
    shops = next(loss for loss in cls.losses if loss.part == "places")
    assert shops.says.en.startswith("2 shops are missing")


def test_a_link_google_cannot_open_is_left_out_and_named() -> None:
    field = FaceField("app", "back", Text.same("App"), Text.same("Open"), link="stempel://card")
    rendering = object_body(make_face(fields=(field,)), ISSUER, URLS)
    assert [uri["id"] for uri in rendering.body["linksModuleData"]["uris"]] == ["page"]
    assert parts(rendering) == ["field:app.link"]


@pytest.mark.parametrize(
    "name, google", [("qr", "QR_CODE"), ("aztec", "AZTEC"), ("pdf417", "PDF_417"), ("code128", "CODE_128")]
)
def test_the_first_barcode_of_the_face_is_shown(name: Any, google: str) -> None:
    _, obj = bodies(make_face(barcode_formats=(name,)))
    assert faults("LoyaltyObject", obj) == []
    assert obj["barcode"]["type"] == google


@pytest.mark.parametrize("kind", KINDS)
def test_a_rotating_barcode_goes_with_a_still_one_and_without_screenshots(kind: Any) -> None:
    face = make_face(kind, rotates=True, barcode_formats=("aztec", "pdf417"))
    _, obj = bodies(face)
    assert faults(f"{SCHEMAS[kind]}Object", obj) == []
    assert obj["barcode"] == {
        "type": "PDF_417",
        "value": face.barcode,
        "alternateText": "7K3W-Q9XM-A4PT-HC2E",
    }
    rotating = obj["rotatingBarcode"]
    assert rotating["type"] == "PDF_417"
    assert rotating["valuePattern"] == "ST201JDEXAMPLE0000000000000000{totp_value_0}"
    assert rotating["totpDetails"]["periodMillis"] == "30000"
    (parameter,) = rotating["totpDetails"]["parameters"]
    assert len(bytes.fromhex(parameter["key"])) == 20
    assert face.barcode not in str(rotating)
    assert rotating["alternateText"] == "•••• HC2E"
    shown = {name: part for name, part in obj.items() if name != "barcode"}
    assert not [code for code in (face.code, "7K3W-Q9XM-A4PT-HC2E") if code in str(shown)]
    assert obj["passConstraints"] == {"screenshotEligibility": "INELIGIBLE"}


def test_a_barcode_that_cannot_rotate_stays_still_and_is_named() -> None:
    rendering = object_body(make_face(rotates=True, barcode_formats=("code128",)), ISSUER, URLS)
    assert "rotatingBarcode" not in rendering.body
    assert "rotates" in parts(rendering)


def test_smart_tap_is_there_only_where_terminals_are_set_up() -> None:
    face = make_face(nfc="TAP-1")
    cls, obj = bodies(face)
    assert "enableSmartTap" not in cls
    assert "smartTapRedemptionValue" not in obj
    assert "nfc" in parts(class_body(face, ISSUER, URLS))
    allowed = Allowed(redemption_issuers=("3388000000000000001",))
    shared, own = class_body(face, ISSUER, URLS, allowed), object_body(face, ISSUER, URLS, allowed)
    assert faults("LoyaltyClass", shared.body) == faults("LoyaltyObject", own.body) == []
    assert shared.body["redemptionIssuers"] == ["3388000000000000001"]
    assert (shared.body["enableSmartTap"], own.body["smartTapRedemptionValue"]) == (True, "TAP-1")
    assert "nfc" not in parts(shared)


def test_shops_are_left_out_and_named_for_an_issuer_who_may_not_have_them() -> None:
    rendering = class_body(make_face(), ISSUER, URLS, Allowed(merchant_locations=False))
    assert "merchantLocations" not in rendering.body
    assert "places" in parts(rendering)


@pytest.mark.parametrize("shareable, word", [(True, "MULTIPLE_HOLDERS"), (False, "ONE_USER_ALL_DEVICES")])
def test_a_card_is_handed_on_where_the_design_lets_it(shareable: bool, word: str) -> None:
    cls, _ = bodies(make_face(shareable=shareable))
    assert cls["multipleDevicesAndHoldersAllowedStatus"] == word


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_on_one_card_alone_never_changes_the_class(kind: Any) -> None:
    one = make_face(kind)
    other = replace(
        one,
        card_id="card_2",
        code="2222222222222222",
        barcode="0" * 26,
        state="blocked",
        version=99,
        available=Money(0, one.balance.asset),
        page_url="https://k.example/c/other",
        fields=(FaceField("own", "primary", Text.same("For you"), Text.same("Ada")),),
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
        news=Text.same("News"),
        member_name="Ada",
    )
    if kind == "coupon":
        other = replace(other, fields=one.fields)
    assert bodies(one)[0] == bodies(other)[0]
