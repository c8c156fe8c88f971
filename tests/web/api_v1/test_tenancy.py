"""Nothing crosses between merchants: what is another's looks exactly like what does not exist."""

from typing import Any

import pytest

from passes.cards import queries
from passes.merchants import signing_keys
from passes.web.api_v1.operation import Operation
from tests.fixtures.api import Shop, eur
from tests.web.api_v1.requests import ALL, LISTS, WITH_ID, call, name_of, thing_for, without_ids

Json = dict[str, Any]
CARD_CALLS = [o for o in ALL if o.name in ("add_stamps", "load", "redeem", "hold", "adjust", "look_up_card")]


@pytest.mark.parametrize("operation", WITH_ID, ids=name_of)
def test_another_merchants_id_looks_exactly_like_an_unknown_one(
    shop: Shop, other_shop: Shop, operation: Operation
) -> None:
    theirs = thing_for(other_shop, operation)
    assert call(other_shop.everything, operation, theirs).code not in ("not_found", "card_not_found")
    unknown = theirs[:-8] + ("0" * 8 if theirs[-8:] != "0" * 8 else "1" * 8)
    answers = [call(shop.everything, operation, thing) for thing in (theirs, unknown)]
    assert without_ids(answers[0]) == without_ids(answers[1])
    expected = "card_not_found" if operation.path.startswith("/cards") else "not_found"
    assert [answer.code for answer in answers] == [expected, expected]


@pytest.mark.parametrize("operation", CARD_CALLS, ids=name_of)
@pytest.mark.parametrize("field", ["card_id", "code"])
def test_another_merchants_card_cannot_be_named_in_a_body(
    shop: Shop, other_shop: Shop, operation: Operation, field: str
) -> None:
    if operation.name == "look_up_card" and field == "card_id":
        return
    card = other_shop.gift(1000)
    body = {
        "add_stamps": {"count": 1},
        "load": {"amount": eur(1)},
        "redeem": {"amount": eur(1)},
        "hold": {"amount": eur(1)},
        "adjust": {"amount": eur(1), "direction": "decrease", "reason": "correction"},
        "look_up_card": {},
    }[operation.name]
    name = card["id"] if field == "card_id" else card["code"]
    answer = call(shop.everything, operation, body={**body, field: name})
    assert (answer.status, answer.code) == (404, "card_not_found")
    assert other_shop.balance(card) == 1000


def test_another_merchants_program_member_and_location_are_unknown(shop: Shop, other_shop: Shop) -> None:
    member = other_shop.manager.post("/members", {"name": "Ada"})["id"]
    mine = {"program_id": shop.program("stamp")}
    for body in (
        {"program_id": other_shop.program("stamp")},
        {**mine, "member_id": member},
        {**mine, "location_id": other_shop.location()},
    ):
        answer = shop.till.post("/cards", body)
        assert (answer.status, answer.code) == (404, "not_found")


def named(item: dict[str, Any]) -> str:
    """What tells an item of a list from all others, whosoever they are."""
    return str(item.get("id") or item.get("kid") or item.get("till_id") or item["location_id"])


@pytest.mark.parametrize("operation", LISTS, ids=name_of)
def test_no_list_shows_anything_of_another_merchant(
    shop: Shop, other_shop: Shop, operation: Operation
) -> None:
    if "<id>" in operation.path:
        return
    approve = next(o for o in WITH_ID if o.name == "approve")
    for merchant in (shop, other_shop):
        thing_for(merchant, approve)
        card = merchant.stamped(1, **{})
        merchant.manager.post("/members", {"name": "Ada", "external_id": "1"}).ok()
        merchant.location()
        merchant.everything.post(
            "/campaigns",
            {"name": "Hallo", "trigger": {"type": "manual"}, "message": {"de": "Hallo", "en": "Hello"}},
        ).ok()
        merchant.everything.post("/webhooks", {"url": "https://shop.example/events"}).ok()
        assert card["program_id"]
        limits = {"location_id": merchant.location("Süd"), "limits": [{"asset": "EUR", "exposure": 50_000}]}
        merchant.manager.request("PUT", "/offline/limits", body=limits).ok()
        with merchant.services.database.write() as uow:
            signing_keys.rotate(uow, merchant.services.token_key, merchant.id, "barcode", "test")
    mine = {named(item) for item in shop.everything.walk(operation.path)}
    theirs = {named(item) for item in other_shop.everything.walk(operation.path)}
    assert mine
    assert theirs
    assert mine.isdisjoint(theirs)


def test_a_filter_does_not_reach_across(shop: Shop, other_shop: Shop) -> None:
    place = other_shop.location()
    card = other_shop.card()
    other_shop.till.post(
        "/stamps", {"card_id": card["id"], "count": 1, "location_id": place, "reference": "r1"}
    ).ok()
    for query in ({"location_id": place}, {"reference": "r1"}):
        assert shop.reader.get("/transactions", **query)["items"] == []


def test_a_missing_filter_by_merchant_would_be_noticed(
    shop: Shop, other_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaky(uow: Any, merchant_id: str, card_id: str) -> Any:
        return queries.by_id_anywhere(uow, card_id)

    monkeypatch.setattr(queries, "get", leaky)
    get_card = next(o for o in ALL if o.name == "get_card")
    with pytest.raises(AssertionError):
        test_another_merchants_id_looks_exactly_like_an_unknown_one(shop, other_shop, get_card)
