"""The validator finds every fault that has made a phone refuse a pass, and none in a good one."""

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from passes.wallets.apple.pass_json import WebService, pass_json
from passes.wallets.signing.identity import SigningIdentity
from tests.factories.faces import KINDS, make_face
from tests.wallets.apple.pass_rules import validate_pass_json

Pass = dict[str, Any]
GONE = object()


def put(*path: str | int, value: object) -> Callable[[Pass], None]:
    """A change to a pass: the value at `path`, or nothing there when it is GONE."""

    def change(content: Any) -> None:
        for step in path[:-1]:
            content = content[step]
        if value is GONE:
            del content[path[-1]]
        else:
            content[path[-1]] = value

    return change


def field(index: int, **attributes: object) -> Callable[[Pass], None]:
    return lambda content: content["storeCard"]["backFields"][index].update(attributes)


def primary(**attributes: object) -> Callable[[Pass], None]:
    return lambda content: content["storeCard"]["primaryFields"][0].update(attributes)


def more(role: str, count: int) -> Callable[[Pass], None]:
    extra = [{"key": f"extra{role}{i}", "value": "x"} for i in range(count)]
    return lambda content: content["storeCard"].update({role: content["storeCard"].get(role, []) + extra})


def beacon(number: int) -> dict[str, Any]:
    return {"proximityUUID": f"E2C56DB5-DFFB-48D2-B060-D0F5A71096{number:02X}"}


def action(**other: str) -> dict[str, Any]:
    return {"identifier": "shop", "type": "shop", "url": "https://shop.example"} | other


@pytest.fixture
def good(identity: SigningIdentity, web_service: WebService) -> Pass:
    return copy.deepcopy(pass_json(make_face("gift"), identity, web_service))


@pytest.mark.parametrize("kind", KINDS)
def test_passes_of_our_own_have_no_fault(
    identity: SigningIdentity, web_service: WebService, kind: Any
) -> None:
    assert validate_pass_json(pass_json(make_face(kind), identity, web_service)) == []


FAULTS = {
    "formatVersion": [
        put("formatVersion", value=2),
        put("formatVersion", value=True),
        put("formatVersion", value=GONE),
    ],
    "passTypeIdentifier": [
        put("passTypeIdentifier", value="de.example"),
        put("passTypeIdentifier", value=GONE),
    ],
    "teamIdentifier": [put("teamIdentifier", value=""), put("teamIdentifier", value=5)],
    "serialNumber": [put("serialNumber", value="a/b"), put("serialNumber", value="x" * 65)],
    "organizationName": [put("organizationName", value=GONE)],
    "description": [put("description", value="")],
    "style": [put("coupon", value={}), put("storeCard", value=GONE)],
    "storeCard": [put("storeCard", value=[]), more("secondaryFields", 5), more("auxiliaryFields", 5)],
    "storeCard.headerFields": [more("headerFields", 4), put("storeCard", "headerFields", value={})],
    "storeCard.primaryFields": [more("primaryFields", 1)],
    "storeCard.footerFields": [more("footerFields", 1)],
    "storeCard.backFields": [put("storeCard", "backFields", value=["news"])],
    "groupingIdentifier": [put("groupingIdentifier", value="cards")],
    "sharing": [put("sharing", value=True)],
    "voided": [put("voided", value="true"), put("voided", value=1), put("voided", value=None)],
    "logoText": [put("logoText", value=7)],
    "maxDistance": [
        put("maxDistance", value="100"),
        put("maxDistance", value=True),
        put("maxDistance", value=float("nan")),
        put("maxDistance", value=0),
    ],
    "beacons": [put("beacons", value=[beacon(n) for n in range(11)])],
    "beacons[0].proximityUUID": [
        put("beacons", value=[{"major": 1}]),
        put("beacons", value=[{"proximityUUID": "e2c56db5-dffb-48d2-b060-d0f5a71096e0"}]),
    ],
    "beacons[0].major": [
        put("beacons", value=[beacon(1) | {"major": 65_536}]),
        put("beacons", value=[beacon(1) | {"major": "1"}]),
    ],
    "beacons[0].relevantText": [put("beacons", value=[beacon(1) | {"relevantText": ""}])],
    "relevantDates": [
        put("relevantDates", value=[{"date": "2026-11-22T09:30:00Z"}]),
        put("relevantDate", value="2026-11-22T09:30:00Z"),
    ],
    "featuredActions": [put("featuredActions", value=[action()] * 3)],
    "featuredActions[0].type": [put("featuredActions", value=[action(type="dance")])],
    "featuredActions[0].identifier": [put("featuredActions", value=[action(identifier="")])],
    "featuredActions[0].url": [put("featuredActions", value=[action(url="http://shop.example")])],
    "barcode": [put("barcode", value={})],
    "barcodes": [put("barcodes", value={})],
    "barcodes[0].format": [
        put("barcodes", 0, "format", value="PKBarcodeFormatEAN13"),
        put("barcodes", 0, value="x"),
    ],
    "barcodes[0].message": [put("barcodes", 0, "message", value="")],
    "barcodes[0].messageEncoding": [
        put("barcodes", 0, "messageEncoding", value=GONE),
        put("barcodes", 0, "message", value="Größe 星"),
    ],
    "barcodes[0].altText": [put("barcodes", 0, "altText", value=5)],
    "locations": [put("locations", value=[{"latitude": 1, "longitude": 1}] * 11)],
    "locations[0].latitude": [
        put("locations", 0, "latitude", value=91),
        put("locations", 0, "latitude", value="52"),
    ],
    "locations[0].longitude": [
        put("locations", 0, "longitude", value=-181),
        put("locations", 0, "longitude", value=GONE),
    ],
    "locations[0].relevantText": [
        put("locations", 0, "relevantText", value=1),
        put("locations", 0, "relevantText", value=""),
    ],
    "backgroundColor": [
        put("backgroundColor", value="#ffffff"),
        put("backgroundColor", value="rgb(256, 0, 0)"),
        put("backgroundColor", value="rgb(1.0, 0, 0)"),
    ],
    "expirationDate": [
        put("expirationDate", value="2026-11-22T09:30:00.000Z"),
        put("expirationDate", value="2026-11-22T09:30:00+0100"),
        put("expirationDate", value="2026-11-22T09:30:00ZZ"),
        put("expirationDate", value="2026-11-22"),
        put("expirationDate", value="2026-13-22T09:30:00Z"),
        put("expirationDate", value=1795000000),
    ],
    "webServiceURL": [
        put("webServiceURL", value="http://karten.example/apple"),
        put("webServiceURL", value="https:///apple"),
        put("authenticationToken", value=GONE),
        put("webServiceURL", value=GONE),
    ],
    "authenticationToken": [put("authenticationToken", value="x" * 15)],
    "semantics.balance": [put("semantics", "balance", "amount", value=Decimal("12.50"))],
    "nfc.encryptionPublicKey": [put("nfc", value={"message": "1"})],
    "nfc.message": [put("nfc", value={"message": "ü" * 33})],
    "appLaunchURL": [put("appLaunchURL", value="shop://")],
    "storeCard.backFields[0].key": [field(0, key="")],
    "storeCard.backFields[0].value": [
        field(0, value=["a"]),
        field(0, value=True),
        field(0, currencyCode="EUR"),
        field(0, numberStyle="PKNumberStyleDecimal", value="10"),
        field(0, dateStyle="PKDateStyleShort", value="tomorrow"),
    ],
    "storeCard.backFields[0].label": [field(0, label=5)],
    "storeCard.backFields[0].changeMessage": [field(0, changeMessage="News!"), field(0, changeMessage="")],
    "storeCard.backFields[0].textAlignment": [field(0, textAlignment="PKTextAlignmentLeft")],
    "storeCard.backFields[0].dateStyle": [field(0, dateStyle="short", value="2026-11-22T09:30:00Z")],
    "storeCard.backFields[0].isRelative": [field(0, isRelative="yes")],
    "storeCard.backFields[0].attributedValue": [
        field(0, attributedValue="<b>bold</b>"),
        field(0, attributedValue='<a href="x" onclick="y">z</a>'),
    ],
    "storeCard.backFields[0].dataDetectorTypes": [
        field(0, dataDetectorTypes=["Phone"]),
        field(0, dataDetectorTypes="PKDataDetectorTypeLink"),
    ],
    "storeCard.backFields[0].colour": [field(0, colour="red")],
    "storeCard.primaryFields[0].textAlignment": [primary(textAlignment="PKTextAlignmentJustified")],
    "storeCard.primaryFields[0].attributedValue": [primary(attributedValue="x")],
    "storeCard.primaryFields[0].dataDetectorTypes": [primary(dataDetectorTypes=[])],
    "storeCard.primaryFields[0].currencyCode": [
        primary(numberStyle="PKNumberStyleDecimal"),
        primary(currencyCode="€"),
    ],
    "storeCard.primaryFields[0].value": [primary(value="12.50"), primary(value=Decimal("NaN"))],
}
CASES = [
    pytest.param(where, change, id=f"{where}-{number}")
    for where, changes in FAULTS.items()
    for number, change in enumerate(changes)
]


@pytest.mark.parametrize("where, change", CASES)
def test_a_planted_fault_is_found_where_it_is(good: Pass, where: str, change: Callable[[Pass], None]) -> None:
    change(good)
    assert any(fault.startswith(f"{where}:") for fault in validate_pass_json(good)), validate_pass_json(good)


def test_two_fields_of_one_key_are_found_across_roles(good: Pass) -> None:
    primary(key="news")(good)
    assert validate_pass_json(good) == [
        "storeCard: the key 'news' stands on 2 fields; it must be unique in the pass"
    ]


def test_a_development_pass_may_be_served_without_tls(good: Pass) -> None:
    good["webServiceURL"] = "http://127.0.0.1:8000/apple"
    assert validate_pass_json(good, development=True) == []
    assert validate_pass_json(good) == ["webServiceURL: must be https"]
    good["webServiceURL"] = "ftp://127.0.0.1/apple"
    assert validate_pass_json(good, development=True) == ["webServiceURL: must be https"]


def test_whatever_is_thrown_at_it_the_answer_is_a_list_of_sentences() -> None:
    for content in (
        {},
        {"storeCard": None, "barcodes": None, "locations": 5},
        {"coupon": {"backFields": [{}]}},
    ):
        faults = validate_pass_json(content)
        assert faults
        assert all(": " in fault for fault in faults)


def test_every_legal_date_form_is_taken(good: Pass) -> None:
    for date in (
        "2026-11-22T09:30Z",
        "2026-11-22T09:30:00Z",
        "2026-11-22T09:30:00+01:00",
        "2026-11-22T09:30-03:30",
    ):
        good["expirationDate"] = date
        assert validate_pass_json(good) == []
