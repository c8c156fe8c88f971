"""What a key may do: each operation opens for its scopes and for no other, and scopes contain none."""

import pytest

from passes.merchants.access import SCOPES
from passes.web.api_v1 import running as layer
from passes.web.api_v1.operation import Operation
from tests.fixtures.api import Client, Shop
from tests.web.api_v1.requests import ALL, call, name_of

CONTRACT: dict[str, set[str]] = {
    "POST /programs": {"manage"},
    "GET /programs": {"read", "manage"},
    "GET /programs/<id>": {"read", "manage"},
    "PATCH /programs/<id>": {"manage"},
    "GET /programs/<id>/publication": {"read", "manage"},
    "GET /programs/<id>/design": {"read", "manage"},
    "GET /programs/<id>/design.zip": {"read", "manage"},
    "PUT /programs/<id>/design": {"manage"},
    "POST /programs/<id>/design/check": {"read", "manage"},
    "GET /programs/<id>/versions": {"read", "manage"},
    "POST /programs/<id>/versions/<version>/restore": {"manage"},
    "POST /members": {"manage"},
    "GET /members": {"read", "manage"},
    "GET /members/<id>": {"read", "manage"},
    "PATCH /members/<id>": {"manage"},
    "DELETE /members/<id>": {"manage"},
    "GET /members/<id>/export": {"manage"},
    "GET /members/<id>/cards.pkpasses": {"manage"},
    "POST /cards": {"manage", "till"},
    "GET /cards/<id>": {"read", "till"},
    "POST /cards/lookup": {"read", "till"},
    "GET /cards/<id>/transactions": {"read"},
    "GET /transactions": {"read"},
    "POST /cards/<id>/block": {"manage"},
    "POST /cards/<id>/unblock": {"manage"},
    "POST /cards/<id>/deactivate": {"manage"},
    "POST /cards/<id>/replace": {"manage"},
    "GET /cards/<id>/pass.pkpass": {"read"},
    "GET /cards/<id>/google": {"read"},
    "POST /stamps": {"till"},
    "POST /stamps/<id>/reverse": {"till"},
    "POST /loads": {"till"},
    "POST /redemptions": {"till"},
    "POST /redemptions/<id>/refund": {"till"},
    "POST /holds": {"till"},
    "GET /holds/<id>": {"read", "till"},
    "POST /holds/<id>/capture": {"till"},
    "POST /holds/<id>/void": {"till"},
    "POST /baskets": {"till"},
    "GET /baskets/<id>": {"read", "till"},
    "POST /baskets/<id>/refund": {"till"},
    "POST /adjustments": {"manage"},
    "POST /reversals": {"till"},
    "POST /sync": {"till"},
    "GET /offline/keys": {"till", "read"},
    "GET /offline/terms": {"till"},
    "GET /offline/limits": {"manage", "read"},
    "PUT /offline/limits": {"manage"},
    "POST /locations": {"manage"},
    "GET /locations": {"read", "manage"},
    "GET /locations/<id>": {"read", "manage"},
    "POST /limits": {"manage"},
    "GET /signing": {"manage"},
    "GET /google/reconciliation": {"read", "manage"},
    "GET /limits": {"manage"},
    "GET /limits/<id>": {"manage"},
    "DELETE /limits/<id>": {"manage"},
    "GET /limit-incidents": {"manage"},
    "GET /audit-log": {"manage"},
    "GET /approvals": {"manage"},
    "GET /approvals/<id>": {"manage"},
    "POST /approvals/<id>/approve": {"manage"},
    "POST /approvals/<id>/reject": {"manage"},
    "POST /campaigns": {"marketing"},
    "GET /campaigns": {"marketing"},
    "GET /campaigns/<id>": {"marketing"},
    "PATCH /campaigns/<id>": {"marketing"},
    "POST /campaigns/<id>/launch": {"marketing"},
    "POST /campaigns/<id>/pause": {"marketing"},
    "GET /campaigns/<id>/results": {"marketing"},
    "POST /segments/preview": {"marketing"},
    "POST /webhooks": {"manage"},
    "GET /webhooks": {"manage"},
    "GET /webhooks/<id>": {"manage"},
    "DELETE /webhooks/<id>": {"manage"},
    "POST /webhooks/<id>/enable": {"manage"},
    "POST /webhooks/<id>/rotate-secret": {"manage"},
    "GET /webhooks/<id>/deliveries": {"manage"},
    "POST /webhooks/<id>/replay": {"manage"},
}

operations = pytest.mark.parametrize("operation", ALL, ids=name_of)


def test_every_operation_has_the_scopes_of_the_contract() -> None:
    declared = {f"{o.method} {o.path}": set(o.scopes) for o in ALL}
    assert {name: declared[name] for name in CONTRACT} == CONTRACT
    assert declared.keys() <= CONTRACT.keys(), "an operation nobody has thought about"


@operations
def test_an_operation_opens_for_its_scopes_alone(shop: Shop, operation: Operation) -> None:
    opened = {scope for scope in SCOPES if call(shop.client(scope), operation).code != "scope_missing"}
    assert opened == set(operation.scopes)


@operations
def test_all_the_other_scopes_together_do_not_open_it(shop: Shop, operation: Operation) -> None:
    others = tuple(scope for scope in SCOPES if scope not in operation.scopes)
    answer = call(shop.client(*others), operation)
    assert (answer.status, answer.code) == (403, "scope_missing")


@operations
def test_without_a_key_nothing_opens(shop: Shop, operation: Operation) -> None:
    assert call(Client(shop.app, None), operation).status == 401


def test_a_missing_check_of_scopes_would_be_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer, "require_scope", lambda caller, *any_of: None)
    with pytest.raises(AssertionError):
        test_an_operation_opens_for_its_scopes_alone(shop, ALL[0])


def test_a_location_bound_key_books_at_its_location(shop: Shop) -> None:
    here = shop.location()
    till = shop.client("till", location_id=here)
    card = shop.card()
    assert till.post("/stamps", {"card_id": card["id"], "count": 1})["location_id"] == here
    answer = till.post("/stamps", {"card_id": card["id"], "count": 1, "location_id": here})
    assert answer["location_id"] == here


def test_a_location_bound_key_may_not_name_another(shop: Shop) -> None:
    till = shop.client("till", location_id=shop.location())
    elsewhere = shop.location("Nord")
    card = shop.gift(1000)
    taken = till.post("/redemptions", {"card_id": card["id"], "amount": {"amount": 5, "asset": "EUR"}})
    for path, body in (
        ("/stamps", {"card_id": card["id"], "count": 1}),
        ("/loads", {"card_id": card["id"], "amount": {"amount": 5, "asset": "EUR"}}),
        ("/redemptions", {"card_id": card["id"], "amount": {"amount": 5, "asset": "EUR"}}),
        (f"/redemptions/{taken['id']}/refund", {}),
        ("/cards", {"program_id": card["program_id"]}),
    ):
        for named in (elsewhere, "loc_none"):
            answer = till.post(path, {**body, "location_id": named})
            assert (answer.status, answer.code) == (403, "location_not_allowed"), path
    assert shop.balance(card) == 995


def test_an_unbound_key_may_name_any_location_of_its_merchant(shop: Shop, other_shop: Shop) -> None:
    card = shop.card()
    body = {"card_id": card["id"], "count": 1}
    assert shop.till.post("/stamps", {**body, "location_id": shop.location()}).status == 201
    assert shop.till.post("/stamps", body)["location_id"] is None
    for unknown in ("loc_none", other_shop.location()):
        assert shop.till.post("/stamps", {**body, "location_id": unknown}).code == "not_found"
