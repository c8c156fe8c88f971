"""`/sync`: what a till did offline is booked once and in order, each call by itself."""

from typing import Any
from uuid import uuid4

import pytest

from passes.clock import format_rfc3339
from passes.errors import Busy
from passes.redemption import service
from tests.fixtures.api import Answer, Client, Shop, eur
from tests.web.api_v1.offline import EARLIER, assert_books_are_sound, lost, spent, sync, told

Json = dict[str, Any]


def test_each_operation_is_booked_in_its_order_and_answered_as_its_call_would(shop: Shop) -> None:
    gift, stamps = shop.gift(1000), shop.card("stamp")
    load = told("loads", {"card_id": gift["id"], "amount": eur(500)})
    results = sync(
        shop.till,
        told("/stamps", {"card_id": stamps["id"], "count": 3}),
        spent(gift, 900),
        load,
        spent(gift, 600),
    )
    assert [r["status"] for r in results] == [201] * 4
    assert [r["body"]["balance_after"]["amount"] for r in results] == [3, 100, 600, 0]
    assert results[1]["body"]["occurred_at"] == format_rfc3339(EARLIER)
    assert "overspend" not in results[1]["body"]
    assert [entry["type"] for entry in shop.history(gift)] == ["redeem", "load", "redeem", "issue"]
    assert_books_are_sound(shop)


def test_what_a_till_sent_and_lost_the_answer_of_may_be_told_again(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    body = {"card_id": card["id"], "amount": eur(400)}
    first = shop.till.post("/redemptions", body, key=key).ok()
    (again,) = sync(shop.till, told("/redemptions", body, key=key))
    assert (again["status"], again["body"]) == (201, first.json)
    online = shop.till.post("/redemptions", body, key=key)
    assert (online.raw, online.is_replay) == (first.raw, True)
    assert shop.balance(card) == 600


def test_telling_everything_twice_books_it_once(shop: Shop) -> None:
    card = shop.gift(1000)
    operations = [spent(card, 700), spent(card, 700), told("/nonsense", {})]
    first = sync(shop.till, *operations)
    assert sync(shop.till, *operations) == first
    assert sync(shop.till, *reversed(operations)) == list(reversed(first))
    assert (shop.balance(card), lost(shop, card)) == (0, 400)


def test_a_key_names_one_request_in_a_batch_too(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    first, twin, other = sync(
        shop.till, spent(card, 100, key=key), spent(card, 100, key=key), spent(card, 200, key=key)
    )
    assert twin == first
    assert (other["status"], other["body"]["code"]) == (422, "idempotency_key_reused")
    assert shop.balance(card) == 900


def test_unknown_calls_are_not_found_in_their_own_result(shop: Shop) -> None:
    card = shop.gift(1000)
    calls = ("/sync", "/cards/lookup", "/programs", "/", "/redemptions/", "/redemptions/x/y", "/api/v1/loads")
    results = sync(shop.till, *(told(call, {}) for call in calls), spent(card, 100))
    assert [r["status"] for r in results] == [404] * len(calls) + [201]
    assert {r["body"]["code"] for r in results[:-1]} == {"not_found"}


def test_every_call_that_needs_a_key_can_be_told_later(shop: Shop) -> None:
    gift, stamps = shop.gift(5000), shop.card("stamp")
    pay = shop.till.post("/redemptions", {"card_id": gift["id"], "amount": eur(1000)}).ok()["id"]
    sale = shop.till.post("/stamps", {"card_id": stamps["id"], "count": 4}).ok()["id"]
    held = [
        shop.till.post("/holds", {"card_id": gift["id"], "amount": eur(500)}).ok()["id"] for _ in range(2)
    ]
    results = sync(
        shop.everything,
        told(f"/redemptions/{pay}/refund", {"amount": eur(400)}),
        told(f"/stamps/{sale}/reverse"),
        told(f"/holds/{held[0]}/capture", {"amount": eur(200)}),
        told(f"/holds/{held[1]}/void"),
        told("/holds", {"card_id": gift["id"], "amount": eur(100)}),
        told("/cards", {"program_id": gift["program_id"], "amount": eur(100)}),
        told("/reversals", {"idempotency_key": "never sent"}),
        told(
            "/adjustments",
            {
                "card_id": gift["id"],
                "direction": "increase",
                "amount": eur(100),
                "reason": "support",
            },
        ),
        told(f"/cards/{stamps['id']}/replace", {"reason": "lost"}),
    )
    assert [r["status"] for r in results] == [201, 201, 201, 200, 201, 201, 201, 201, 201]
    assert_books_are_sound(shop)


def test_what_the_key_may_not_do_is_refused_in_its_own_result(shop: Shop) -> None:
    card, other = shop.gift(1000), shop.location("Anderswo")
    body = {"card_id": card["id"], "direction": "increase", "amount": eur(1), "reason": "support"}
    bound = shop.client("till", location_id=shop.location("Hier"))
    elsewhere = told("/redemptions", {"card_id": card["id"], "amount": eur(1), "location_id": other})
    results = sync(bound, told("/adjustments", body), elsewhere, spent(card, 100))
    assert [(r["status"], r["body"].get("code")) for r in results] == [
        (403, "scope_missing"),
        (403, "location_not_allowed"),
        (201, None),
    ]


def test_the_whole_is_refused_to_nobody_and_to_a_key_that_is_no_tills(shop: Shop) -> None:
    body = {"operations": [spent(shop.gift(1000), 100)]}
    assert Client(shop.app, None).post("/sync", body).status == 401
    assert shop.manager.post("/sync", body).code == "scope_missing"


def test_a_body_that_is_wrong_in_itself_is_so_in_its_own_result(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    wrong = told("/redemptions", {"card_id": card["id"], "amount": {"amount": 1.5, "asset": "EUR"}}, key=key)
    result, good = sync(shop.till, wrong, spent(card, 100))
    assert (result["status"], result["body"]["errors"][0]["field"], good["status"]) == (
        422,
        "amount.amount",
        201,
    )
    assert sync(shop.till, spent(card, 100, key=key))[0]["status"] == 201, "it was not remembered"


@pytest.mark.parametrize(
    "change, field",
    [
        ({"occurred_at": "yesterday"}, "operations.0.occurred_at"),
        ({"idempotency_key": ""}, "operations.0.idempotency_key"),
        ({"idempotency_key": "k" * 256}, "operations.0.idempotency_key"),
        ({"idempotency_key": "schön"}, "operations.0.idempotency_key"),
        ({"call": "/redemp\0tions"}, "operations.0.call"),
        ({"body": []}, "operations.0.body"),
        ({"surprise": 1}, "operations.0.surprise"),
    ],
)
def test_an_operation_that_is_none_refuses_the_whole(shop: Shop, change: Json, field: str) -> None:
    card = shop.gift(1000)
    wrong = {**spent(card, 100), **change}
    refused = shop.till.post("/sync", {"operations": [wrong, spent(card, 100)]}, key=None)
    assert (refused.status, refused.fields) == (422, [field])
    assert shop.balance(card) == 1000


def test_five_hundred_at_once_and_not_one_more(shop: Shop) -> None:
    card = shop.gift(100_000)
    assert {r["status"] for r in sync(shop.till, *(spent(card, 1) for _ in range(500)))} == {201}
    refused = shop.till.post("/sync", {"operations": [spent(card, 1) for _ in range(501)]}, key=None)
    assert (refused.status, refused.fields) == (422, ["operations"])
    assert shop.balance(card) == 99_500
    assert sync(shop.till) == []


def test_a_key_for_the_whole_is_not_needed_and_replays_when_given(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    body = {"operations": [spent(card, 400)]}
    first = shop.till.post("/sync", body, key=key).ok()
    again = shop.till.post("/sync", body, key=key)
    assert (again.status, again.raw, again.is_replay, first.is_replay) == (200, first.raw, True, False)
    other: Answer = shop.till.post("/sync", {"operations": [spent(card, 1)]}, key=key)
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert shop.balance(card) == 600


def test_the_whole_and_an_operation_cannot_share_a_key(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    refused = shop.till.post("/sync", {"operations": [spent(card, 1), spent(card, 1, key=key)]}, key=key)
    assert (refused.status, refused.fields) == (422, ["operations.1.idempotency_key"])
    assert shop.balance(card) == 1000


def test_what_cannot_be_done_now_stops_the_rest_and_is_never_remembered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, key = shop.gift(1000), str(uuid4())
    operations = [
        spent(card, 100),
        told("/loads", {"card_id": card["id"], "amount": eur(50)}),
        spent(card, 1),
    ]

    def busy(*_: Any) -> None:
        raise Busy("The database is restarting.")

    with monkeypatch.context() as restarting:
        restarting.setattr(service, "load", busy)
        results = sync(shop.till, *operations, key=key)
    assert [r["status"] for r in results] == [201, 503, 503]
    assert shop.balance(card) == 900
    results = sync(shop.till, *operations, key=key)
    assert [r["status"] for r in results] == [201, 201, 201]
    assert shop.balance(card) == 949


def test_a_reversed_key_is_refused_when_it_is_told_later(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    shop.till.post("/reversals", {"idempotency_key": key}).ok()
    (result,) = sync(shop.till, spent(card, 100, key=key))
    assert (result["status"], result["body"]["code"]) == (409, "reversed")
    assert shop.balance(card) == 1000
