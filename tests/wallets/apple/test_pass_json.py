"""What a phone is told: every kind as a legal pass.json, with exact money and nothing unsaid."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from passes.cards.face import CardFace, DesignImages, FaceField, Kind, Role, Stamps, Text
from passes.money import POINT, USE, Money
from passes.wallets.apple.pass_json import WebService, document, pass_json, to_bytes, w3c_date
from passes.wallets.signing.identity import SigningIdentity
from tests.factories.faces import BARCODE, BLUE, KINDS, make_face
from tests.wallets.apple.pass_rules import validate_pass_json

Fields = dict[str, dict[str, Any]]


@pytest.fixture
def built(identity: SigningIdentity, web_service: WebService) -> Any:
    """Builds a face, holds it to the validator and gives pass.json as a phone parses it."""

    def build(face: CardFace) -> dict[str, Any]:
        content = pass_json(face, identity, web_service)
        assert validate_pass_json(content) == []
        return json.loads(to_bytes(content), parse_float=Decimal)

    return build


def fields_of(content: dict[str, Any]) -> Fields:
    style = content.get("storeCard") or content["coupon"]
    return {field["key"]: field | {"role": role} for role, fields in style.items() for field in fields}


@pytest.mark.parametrize(
    "kind, style",
    [("stamp", "storeCard"), ("gift", "storeCard"), ("points", "storeCard"), ("coupon", "coupon")],
)
def test_each_kind_has_its_style(built: Any, kind: Kind, style: str) -> None:
    assert style in built(make_face(kind))


@pytest.mark.parametrize("required", range(1, 31))
@pytest.mark.parametrize("filled", [0, 1, 30])
def test_stamp_cards_of_every_length_are_legal(built: Any, required: int, filled: int) -> None:
    stamps = Stamps(min(filled, required), required, rewards=filled % 2)
    fields = fields_of(built(make_face("stamp", stamps=stamps)))
    assert fields["balance"]["value"] == f"{stamps.filled} / {required}"


def test_the_pass_names_card_identity_shop_and_service(
    built: Any, identity: SigningIdentity, web_service: WebService
) -> None:
    face = make_face("stamp")
    content = built(face)
    assert content["formatVersion"] == 1
    assert content["serialNumber"] == face.card_id
    assert content["passTypeIdentifier"] == identity.pass_type_identifier
    assert content["teamIdentifier"] == identity.team_identifier
    assert content["organizationName"] == "Café Größenwahn"
    assert content["description"] == "Coffee card"
    assert content["webServiceURL"] == web_service.url
    assert content["authenticationToken"] == web_service.token


def test_without_a_web_service_neither_address_nor_token_is_written(identity: SigningIdentity) -> None:
    content = pass_json(make_face(), identity, None)
    assert validate_pass_json(content) == []
    assert not {"webServiceURL", "authenticationToken"} & content.keys()


def test_the_code_to_scan_is_a_qr_code_with_the_typed_code_below(built: Any) -> None:
    content = built(make_face())
    assert content["barcodes"] == [
        {
            "format": "PKBarcodeFormatQR",
            "message": BARCODE,
            "messageEncoding": "iso-8859-1",
            "altText": "7K3W-Q9XM-A4PT-HC2E",
        }
    ]
    assert "barcode" not in content


def test_colours_are_written_as_apple_reads_them(built: Any) -> None:
    content = built(make_face(colors=BLUE))
    assert content["backgroundColor"] == "rgb(11, 61, 145)"
    assert content["foregroundColor"] == "rgb(255, 255, 255)"


@pytest.mark.parametrize(
    "money, number",
    [
        (Money(1250, "EUR"), b"12.50"),
        (Money(0, "EUR"), b"0.00"),
        (Money(1, "EUR"), b"0.01"),
        (Money(110, "EUR"), b"1.10"),
        (Money(1250, "JPY"), b"1250"),
        (Money(1250, "KWD"), b"1.250"),
        (Money(2**53 - 1, "EUR"), b"90071992547409.91"),
        (Money(2**53 - 1, "CLF"), b"900719925474.0991"),
    ],
)
def test_money_is_an_exact_number_beside_its_currency(
    identity: SigningIdentity, web_service: WebService, money: Money, number: bytes
) -> None:
    content = pass_json(make_face("gift", balance=money), identity, web_service)
    assert validate_pass_json(content) == []
    assert b'"key":"balance","value":' + number + b"," in to_bytes(content)
    parsed = fields_of(json.loads(to_bytes(content), parse_float=Decimal))["balance"]
    assert parsed["value"] == money.as_decimal()
    assert parsed["currencyCode"] == money.asset
    assert "numberStyle" not in parsed
    assert content["semantics"]["balance"] == {"amount": number.decode(), "currencyCode": money.asset}


def test_only_gift_cards_tell_the_phone_a_balance_in_money(built: Any) -> None:
    assert [kind for kind in KINDS if "semantics" in built(make_face(kind))] == ["gift"]


def test_points_stay_as_people_write_them(built: Any) -> None:
    assert fields_of(built(make_face("points", balance=Money(1280, POINT))))["balance"]["value"] == "1280"


@pytest.mark.parametrize("kind", KINDS)
def test_news_always_has_its_field_so_that_a_phone_can_announce_a_change(built: Any, kind: Kind) -> None:
    quiet = fields_of(built(make_face(kind)))["news"]
    assert quiet == {
        "key": "news",
        "value": "–",
        "label": "Latest news",
        "changeMessage": "%@",
        "role": "backFields",
    }
    loud = fields_of(built(make_face(kind, news=Text("Alles Gute!", "Happy birthday!"))))["news"]
    assert loud == quiet | {"value": "Happy birthday!"}


def test_a_changed_balance_is_announced_in_both_languages(
    identity: SigningIdentity, web_service: WebService
) -> None:
    written = document(make_face("gift"), identity, web_service)
    message = fields_of(written.content)["balance"]["changeMessage"]
    assert dict(written.texts)[message] == Text("Neuer Stand: %@", "Now: %@")


def test_the_back_holds_code_links_and_terms(built: Any) -> None:
    face = make_face("stamp")
    fields = fields_of(built(face))
    assert fields["code"]["value"] == "7K3W-Q9XM-A4PT-HC2E"
    assert fields["page"]["value"] == face.page_url
    assert fields["enrol"]["value"] == face.enrol_url
    assert fields["website"]["value"] == face.website
    assert fields["terms"]["value"] == "No cash value."
    assert {fields[key]["role"] for key in ("code", "page", "enrol", "website", "terms")} == {"backFields"}


def test_a_gift_card_is_not_offered_to_friends_by_link(built: Any) -> None:
    assert "enrol" not in fields_of(built(make_face("gift")))


def test_what_the_face_does_not_have_is_left_out(built: Any) -> None:
    content = built(make_face("gift", terms=None, website=None, places=(), fields=()))
    assert not {"terms", "website"} & fields_of(content).keys()
    assert not {"locations", "expirationDate", "voided", "userInfo", "sharingProhibited"} & content.keys()


def test_a_field_of_the_faces_own_stands_in_for_ours(built: Any) -> None:
    own = FaceField("terms", "back", Text.same("AGB"), Text.same("Siehe Aushang."))
    fields = fields_of(built(make_face("gift", fields=(own,))))
    assert fields["terms"]["value"] == "Siehe Aushang."


@pytest.mark.parametrize("role, room", [("header", 3), ("primary", 1), ("secondary", 4), ("auxiliary", 4)])
def test_fields_beyond_what_a_role_shows_move_to_the_back(built: Any, role: Role, room: int) -> None:
    many = tuple(FaceField(f"f{i}", role, Text.same(f"L{i}"), Text.same(f"V{i}")) for i in range(7))
    fields = fields_of(built(make_face("points", fields=many)))
    assert [fields[f"f{i}"]["role"] for i in range(7)] == [f"{role}Fields"] * room + ["backFields"] * (
        7 - room
    )


def test_secondary_fields_come_before_auxiliary_ones_where_room_is_short(built: Any) -> None:
    roles: list[Role] = ["auxiliary"] * 3 + ["secondary"] * 3
    many = tuple(FaceField(f"f{i}", role, Text.same("L"), Text.same("V")) for i, role in enumerate(roles))
    fields = fields_of(built(make_face("points", fields=many)))
    assert [fields[f"f{i}"]["role"] for i in range(6)] == [
        "auxiliaryFields",
        "backFields",
        "backFields",
        "secondaryFields",
        "secondaryFields",
        "secondaryFields",
    ]


def test_a_date_is_left_to_the_phone_to_write(built: Any) -> None:
    field = fields_of(built(make_face("coupon")))["valid_until"]
    assert field["value"] == "2026-12-31T22:59:00Z"
    assert field["dateStyle"] == "PKDateStyleMedium"


def test_a_link_is_the_only_html(built: Any) -> None:
    link = FaceField(
        "shop", "back", Text.same("Shop"), Text.same("Q & <A>"), link="https://shop.example/?a=1&b='2'"
    )
    field = fields_of(built(make_face("gift", fields=(link,))))["shop"]
    assert field["attributedValue"] == (
        '<a href="https://shop.example/?a=1&amp;b=&#x27;2&#x27;">Q &amp; &lt;A&gt;</a>'
    )


@pytest.mark.parametrize(
    "at, written",
    [
        (datetime(2026, 11, 22, 9, 30, 15, 250_000, tzinfo=UTC), "2026-11-22T09:30:15Z"),
        (datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))), "2026-06-30T22:30:00Z"),
        (datetime(2026, 1, 1, tzinfo=timezone(-timedelta(hours=3, minutes=30))), "2026-01-01T03:30:00Z"),
    ],
)
def test_dates_have_neither_fractions_nor_offsets_phones_dislike(at: datetime, written: str) -> None:
    assert w3c_date(at) == written


def test_an_expiring_card_says_when(built: Any) -> None:
    at = datetime(2029, 12, 31, 22, 59, 59, 999_999, tzinfo=UTC)
    assert built(make_face("gift", expires_at=at))["expirationDate"] == "2029-12-31T22:59:59Z"


@pytest.mark.parametrize(
    "face, voided",
    [
        (make_face("coupon", balance=Money(0, USE)), True),
        (make_face("gift", state="expired"), True),
        (make_face("stamp", state="deactivated"), True),
        (make_face("gift", balance=Money(0, "EUR")), False),
        (make_face("stamp", state="blocked"), False),
        (make_face("coupon"), False),
    ],
    ids=str,
)
def test_a_spent_card_is_voided_and_no_other(built: Any, face: CardFace, voided: bool) -> None:
    assert built(face).get("voided", False) is voided


def test_the_shop_is_named_once_beside_the_logo(built: Any) -> None:
    assert built(make_face())["logoText"] == "Café Größenwahn"
    with_logo = make_face(images=DesignImages(logo=b"not opened here"))
    assert built(with_logo)["logoText"] == "Coffee card"


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_of_the_face_is_there_in_both_languages(
    identity: SigningIdentity, web_service: WebService, kind: Kind
) -> None:
    face = make_face(kind, news=Text("Neu: Zimtschnecken", "New: cinnamon buns"))
    texts = {text for _, text in document(face, identity, web_service).texts}
    expected = {face.description, face.terms, face.news, *(field.label for field in face.fields)}
    expected |= {place.text for place in face.places}
    assert {text for text in expected if text and text.de != text.en} <= texts


def test_strange_texts_make_no_illegal_pass(built: Any) -> None:
    strange = 'a\x00b\ud800c\n"\\ 🎂 %@ </script>'
    face = make_face(
        "coupon",
        organization=strange,
        description=Text.same(strange),
        terms=Text(strange, strange + "!"),
        website=strange,
        news=Text.same(strange),
        fields=(FaceField("x", "primary", Text.same(strange), Text.same(strange)),),
    )
    assert built(face)["organizationName"] == 'abc\n"\\ 🎂 %@ </script>'


def test_what_is_no_json_is_refused_by_its_type() -> None:
    with pytest.raises(TypeError):
        to_bytes({"value": object()})
