"""The judge of all bodies must find what is wrong, or its silence would mean nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from passes.wallets.google.bodies import PublicUrls, class_body, object_body
from tests.factories.faces import make_face
from tests.fakes.walletobjects import aliased, canonical, faults

ISSUER = "3388000000012345678"
URLS = PublicUrls(*(f"https://k.example/{name}" for name in ("logo.png", "hero.png", "cb", "wide.png")))
SCHEMAS = {"stamp": "Loyalty", "coupon": "Offer", "gift": "GiftCard"}
Mutant = Callable[[dict[str, Any]], Any]


def put(path: str, value: Any) -> Mutant:
    """Sets what stands at a dotted path, numbers being places in arrays."""
    *way, last = path.split(".")

    def change(body: Any) -> None:
        for step in way:
            body = body[int(step)] if step.isdigit() else body[step]
        body[last] = value

    return change


def drop(path: str) -> Mutant:
    *way, last = path.split(".")

    def change(body: Any) -> None:
        for step in way:
            body = body[step]
        del body[last]

    return change


CLASS_MUTANTS = [
    ("stamp", put("logo", "x"), "LoyaltyClass.logo: unknown field"),
    ("stamp", put("programLogo.sourceUri.url", "x"), "sourceUri.url: unknown field"),
    ("stamp", drop("programLogo"), "LoyaltyClass.programLogo: is required"),
    ("stamp", drop("issuerName"), "LoyaltyClass.issuerName: is required"),
    ("stamp", put("id", "roesterei"), "LoyaltyClass.id: is not issuer"),
    ("stamp", put("id", "123.ä"), "LoyaltyClass.id: is not issuer"),
    ("stamp", put("hexBackgroundColor", "brown"), "hexBackgroundColor: is no #rrggbb"),
    ("stamp", put("reviewStatus", "underReview"), "reviewStatus: 'underReview' is not one"),
    ("stamp", put("reviewStatus", "FINE"), "reviewStatus: 'FINE' is not one"),
    ("stamp", put("merchantLocations", [{"latitude": 1, "longitude": 1}] * 11), "11 items, 10 are allowed"),
    ("stamp", put("merchantLocations", [{"latitude": "52", "longitude": 1}]), "'52' is no double"),
    ("stamp", put("programLogo.privateImageId", "x"), "needs exactly one of sourceUri"),
    ("stamp", put("programLogo.sourceUri.uri", "/logo.png"), "uri: is no absolute address"),
    ("stamp", put("callbackOptions.url", "http://k.example"), "url: is not https"),
    ("stamp", put("locations", []), "locations: is deprecated"),
    ("stamp", put("programName", {"de": "x"}), "programName: {'de': 'x'} is no string"),
    ("stamp", put("localizedProgramName", "x"), "localizedProgramName: is no object"),
    ("stamp", put("linksModuleData.uris", {}), "uris: is no array"),
    ("coupon", drop("redemptionChannel"), "redemptionChannel: is required"),
    ("gift", put("allowBarcodeRedemption", "true"), "'true' is no boolean"),
    ("gift", put("programName", "x"), "programName: unknown field"),
]
OBJECT_MUTANTS = [
    ("stamp", put("hasUsers", True), "hasUsers: is output only"),
    ("stamp", put("hexBackgroundColor", "#ffffff"), "hexBackgroundColor: unknown field"),
    ("stamp", put("state", "DEAD"), "state: 'DEAD' is not one"),
    ("stamp", put("loyaltyPoints.balance", {"string": "3", "int": 3}), "needs exactly one of string"),
    ("stamp", put("loyaltyPoints.balance", {"int": 2**31}), "is no int32"),
    ("stamp", put("loyaltyPoints.balance", {"int": True}), "True is no int32"),
    ("stamp", drop("barcode.type"), "barcode.type: is required"),
    ("stamp", put("barcode.type", "TEXT_ONLY"), "TEXT_ONLY has no alternateText"),
    ("stamp", put("textModulesData.0.id", "a.b"), "id: only letters"),
    ("stamp", put("textModulesData.0.id", "front_2"), "two modules share an id"),
    ("stamp", put("textModulesData.0.header", "x" * 36), "header: is longer than 35"),
    ("stamp", put("textModulesData.0.body", "x" * 501), "body: is longer than 500"),
    ("stamp", put("linksModuleData.uris.0.uri", "javascript:1"), "scheme Google does not open"),
    ("coupon", drop("classId"), "classId: is required"),
    ("gift", drop("cardNumber"), "cardNumber: is required"),
    ("gift", put("balance.micros", 12500000), "12500000 is no int64"),
    ("gift", put("balance.micros", "12.5"), "'12.5' is no int64"),
    ("gift", put("balance.micros", str(2**63)), "is no int64"),
    ("gift", put("balanceUpdateTime.date", "2026-11-22T09:30:00"), "needs an offset"),
    ("gift", put("validTimeInterval", {"end": {"date": "soon"}}), "is no ISO 8601 time"),
    (
        "gift",
        put(
            "validTimeInterval", {"start": {"date": "2026-01-01T00:00"}, "end": {"date": "2026-02-01T00:00Z"}}
        ),
        "both ends need an offset",
    ),
]


@pytest.mark.parametrize("kind, mutant, fault", CLASS_MUTANTS)
def test_a_class_with_a_fault_is_refused(kind: Any, mutant: Mutant, fault: str) -> None:
    body = class_body(make_face(kind), ISSUER, URLS).body
    assert faults(f"{SCHEMAS[kind]}Class", body) == []
    mutant(body)
    assert any(fault in found for found in faults(f"{SCHEMAS[kind]}Class", body))


@pytest.mark.parametrize("kind, mutant, fault", OBJECT_MUTANTS)
def test_an_object_with_a_fault_is_refused(kind: Any, mutant: Mutant, fault: str) -> None:
    body = object_body(make_face(kind), ISSUER, URLS).body
    assert faults(f"{SCHEMAS[kind]}Object", body) == []
    mutant(body)
    assert any(fault in found for found in faults(f"{SCHEMAS[kind]}Object", body))


def test_a_patch_may_be_partial_and_clear_but_nothing_else() -> None:
    assert faults("LoyaltyObject", {"accountName": None, "state": "ACTIVE"}, patch=True) == []
    assert faults("LoyaltyObject", {"accountName": None}) != []
    assert faults("LoyaltyObject", {"state": "DEAD"}, patch=True) != []
    assert faults("LoyaltyObject", {"loyaltyPoints": {"label": "Points"}}, patch=True) == []
    assert faults("LoyaltyObject", {"linksModuleData": {"uris": [{"id": "x"}]}}, patch=True) != []


def test_answers_use_the_older_spelling_and_lead_back_to_the_same_body() -> None:
    body = class_body(make_face(), ISSUER, URLS).body
    answered = aliased("LoyaltyClass", body)
    assert answered["reviewStatus"] == "underReview"
    assert answered["multipleDevicesAndHoldersAllowedStatus"] == "multipleHolders"
    assert canonical("LoyaltyClass", {"kind": "walletobjects#loyaltyClass", **answered}) == body
