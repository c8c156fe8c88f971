"""What a till did without the network, told later; and barcodes it can check alone."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from passes.clock import FixedClock, format_rfc3339
from tests.fixtures.api import Answer, Client, Shop, eur

promise = pytest.mark.promise
Json = dict[str, Any]


def told(call: str, body: Json, at: datetime, key: str | None = None) -> Json:
    """One operation as a till tells it."""
    moment = {"call": call, "idempotency_key": key or str(uuid4()), "occurred_at": format_rfc3339(at)}
    return {**moment, "body": body}


def sync(till: Client, *operations: Json, key: str | None = None) -> Answer:
    return till.post("/sync", {"operations": list(operations)}, key=key)


def spend(card: Json, cents: int) -> Json:
    return {"card_id": card["id"], "amount": eur(cents)}


@promise("M27", "S1", "I13")
def test_what_was_done_offline_is_answered_one_by_one_in_order(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(500)
    operations = [told("/redemptions", spend(card, cents), clock.at) for cents in (100, 200)]
    answer = sync(shop.till, *operations)
    assert answer.status == 200
    results = answer["results"]
    assert all(set(result) == {"idempotency_key", "status", "body"} for result in results)
    assert [result["idempotency_key"] for result in results] == [o["idempotency_key"] for o in operations]
    assert [result["status"] for result in results] == [201, 201]
    assert [result["body"]["balance_after"] for result in results] == [eur(400), eur(200)]
    assert shop.balance(card) == 200


@promise("S1")
def test_a_sync_has_up_to_500_operations(shop: Shop, clock: FixedClock) -> None:
    wrong = [told("/nowhere", {}, clock.at) for _ in range(501)]
    assert sync(shop.till, *wrong).status == 422
    answer = sync(shop.till, *wrong[:500])
    assert (answer.status, len(answer["results"])) == (200, 500)


@promise("I13", "I16")
def test_a_sync_accepts_a_key_without_needing_one(shop: Shop, clock: FixedClock) -> None:
    card, key = shop.gift(500), str(uuid4())
    operation = told("/redemptions", spend(card, 100), clock.at)
    first, again = (sync(shop.till, operation, key=key) for _ in range(2))
    assert (first.status, again.raw, again.is_replay) == (200, first.raw, True)
    assert sync(shop.till, operation)["results"] == first["results"]
    assert shop.balance(card) == 400


@promise("S2")
@pytest.mark.parametrize("call", ["/nowhere", "/cards/lookup/x", "", "redemptions/../loads", "/openapi.json"])
def test_an_unknown_call_is_not_found_in_its_own_result(shop: Shop, clock: FixedClock, call: str) -> None:
    card = shop.gift(500)
    if not call:
        assert sync(shop.till, told(call, {}, clock.at)).status == 422
        return
    answer = sync(shop.till, told(call, {}, clock.at), told("/redemptions", spend(card, 100), clock.at))
    assert [result["status"] for result in answer["results"]] == [404, 201]


@promise("S3", "M28")
def test_what_is_older_than_seven_days_is_refused_in_its_own_result(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(500)
    clock.at += timedelta(days=10)
    limit = clock.at - timedelta(days=7)
    ages = [limit - timedelta(seconds=1), limit]
    answer = sync(shop.till, *(told("/redemptions", spend(card, 100), at) for at in ages))
    assert [result["status"] for result in answer["results"]] == [422, 201]
    assert shop.balance(card) == 400


@promise("M27", "S4")
def test_a_refused_operation_undoes_no_other(shop: Shop, clock: FixedClock) -> None:
    card, stamps = shop.gift(500), shop.card()
    answer = sync(
        shop.till,
        told("/redemptions", spend(card, 100), clock.at),
        told("/redemptions", {"card_id": stamps["id"], "reward": True}, clock.at),
        told("/stamps", {"card_id": stamps["id"], "count": 1}, clock.at),
    )
    assert [result["status"] for result in answer["results"]] == [201, 409, 201]
    assert (shop.balance(card), shop.balance(stamps)) == (400, 1)


@promise("S5")
def test_a_key_is_done_once_in_whatever_it_comes(shop: Shop, clock: FixedClock) -> None:
    card, key = shop.gift(500), str(uuid4())
    first = shop.till.post("/redemptions", spend(card, 100), key=key)
    operation = told("/redemptions", spend(card, 100), clock.at, key)
    for _ in range(2):
        (result,) = sync(shop.till, operation)["results"]
        assert (result["status"], result["body"]) == (201, first.json)
    (changed,) = sync(shop.till, told("/redemptions", spend(card, 101), clock.at, key))["results"]
    assert (changed["status"], changed["body"]["code"]) == (422, "idempotency_key_reused")
    assert shop.balance(card) == 400


@promise("M28")
def test_expiry_is_judged_by_when_it_happened(shop: Shop, clock: FixedClock) -> None:
    ends = clock.at + timedelta(days=1)
    card = shop.card("gift", amount=eur(500), expires_at=format_rfc3339(ends))
    before, after = ends - timedelta(hours=1), ends + timedelta(hours=1)
    clock.at = ends + timedelta(days=2)
    answer = sync(shop.till, *(told("/redemptions", spend(card, 100), at) for at in (before, after)))
    assert [result["status"] for result in answer["results"]] == [201, 409]
    assert answer["results"][1]["body"]["code"] == "card_expired"


@promise("M28")
def test_the_limit_of_a_day_is_that_of_the_day_it_happened(shop: Shop, clock: FixedClock) -> None:
    card = shop.card("stamp", rules={"max_stamps_per_day": 1})
    body = {"card_id": card["id"], "count": 1}
    days = [clock.at, clock.at + timedelta(days=1), clock.at + timedelta(days=1, hours=1)]
    clock.at += timedelta(days=2)
    answer = sync(shop.till, *(told("/stamps", body, at) for at in days))
    assert [result["status"] for result in answer["results"]] == [201, 201, 409]
    assert answer["results"][2]["body"]["limit"] == "max_stamps_per_day"


@promise("M28")
def test_a_blocked_card_is_blocked_now(shop: Shop, clock: FixedClock) -> None:
    card, before = shop.gift(500), clock.at
    clock.at += timedelta(hours=1)
    shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"}).ok()
    (result,) = sync(shop.till, told("/redemptions", spend(card, 100), before))["results"]
    assert (result["status"], result["body"]["code"]) == (409, "card_not_active")


@promise("M29", "F53")
def test_what_no_card_held_is_said_and_not_taken_from_the_card(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(500)
    operations = [told("/redemptions", spend(card, 300), clock.at) for _ in range(2)]
    first, second = sync(shop.till, *operations)["results"]
    assert first["body"].get("overspend") is None
    assert second["status"] == 201
    assert second["body"]["overspend"] == eur(100)
    lost = second["body"]
    assert (lost["amount"], lost["delta"]) == (eur(200), {"amount": -200, "asset": "EUR"})
    assert (lost["balance_after"], shop.balance(card)) == (eur(0), 0)


@promise("C5", "C6")
def test_a_signed_barcode_names_its_card_like_any_code(shop: Shop) -> None:
    offer = {
        "kind": "gift",
        "name": "Geschenk",
        "currency": "EUR",
        "rules": {},
        "design": {"barcode": "signed"},
    }
    program = shop.manager.post("/programs", offer).ok()
    card = shop.till.post("/cards", {"program_id": program["id"], "amount": eur(500)}).ok()
    with shop.services.database.read() as uow:
        signed = shop.services.read_face(uow, card["id"]).barcode
    assert len(signed) > 60
    for written in (signed, signed.lower(), f" {signed[:20]} {signed[20:40]}-{signed[40:]} "):
        assert shop.till.post("/cards/lookup", {"code": written}).ok()["id"] == card["id"]
        assert shop.till.post("/redemptions", {"code": written, "amount": eur(1)}).status == 201
