"""The fine print: scopes, lists, bodies and unknown names."""

from datetime import timedelta
from typing import Any

import pytest

from passes.clock import FixedClock, format_rfc3339
from passes.merchants.access import SCOPES
from tests.fixtures.api import Client, Shop, documented, eur

promise = pytest.mark.promise
LISTS = {
    "/programs": "read",
    "/members": "read",
    "/locations": "read",
    "/transactions": "read",
    "/webhooks": "manage",
    "/campaigns": "marketing",
}
OPENS = {
    ("POST", "/programs"): {"manage"},
    ("GET", "/programs"): {"read", "manage"},
    ("POST", "/cards"): {"manage", "till"},
    ("GET", "/cards/x"): {"read", "till"},
    ("GET", "/transactions"): {"read"},
    ("POST", "/stamps"): {"till"},
    ("POST", "/adjustments"): {"manage"},
    ("POST", "/campaigns"): {"marketing"},
}


def three(shop: Shop, clock: FixedClock) -> list[Any]:
    """Three transactions, a minute apart, oldest first."""
    card, made = shop.card("gift"), []
    for _ in range(3):
        made.append(shop.till.post("/loads", {"card_id": card["id"], "amount": eur(100)}).ok().json)
        clock.at += timedelta(minutes=1)
    return made


@promise("F34", "K1")
@pytest.mark.parametrize("call", OPENS, ids=str)
def test_scopes_do_not_contain_each_other(shop: Shop, call: tuple[str, str]) -> None:
    method, path = call
    for scope in SCOPES:
        client = shop.client(scope)
        status = (client.post(path, {}) if method == "POST" else client.get(path)).status
        assert (status == 403) is (scope not in OPENS[call]), (scope, status)


@promise("F35", "V8")
@pytest.mark.parametrize("path", LISTS)
def test_a_page_has_one_to_two_hundred_rows(shop: Shop, path: str) -> None:
    client = shop.client(LISTS[path])
    for limit in (1, 200):
        assert client.get(path, limit=limit).status == 200
    for limit in (0, 201, -1, "x", 1.5, ""):
        answer = client.get(path, limit=limit)
        assert (answer.status, answer.fields) == (422, ["limit"]), limit


@promise("F35")
def test_a_page_has_fifty_rows_unless_told_otherwise(shop: Shop) -> None:
    for number in range(51):
        shop.manager.post("/locations", {"name": f"Shop {number}"}).ok()
    assert len(shop.manager.get("/locations")["items"]) == 50


@promise("F36", "R17")
def test_lists_are_newest_first_and_by_id_within_a_moment(shop: Shop, clock: FixedClock) -> None:
    made = three(shop, clock)
    made += three(shop, FixedClock(clock.at))
    listed = shop.reader.get("/transactions")["items"]
    assert {item["id"] for item in listed} == {item["id"] for item in made}
    order = [(item["created_at"], item["id"]) for item in listed]
    assert order == sorted(order, reverse=True)
    assert len({at for at, _ in order}) < len(order)


@promise("F37")
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_walk_meets_every_row_once_whatever_is_added_meanwhile(
    shop: Shop, clock: FixedClock, limit: int
) -> None:
    before = {entry["id"] for entry in three(shop, clock)} | {e["id"] for e in three(shop, clock)}
    met: list[str] = []
    for number, entry in enumerate(shop.reader.walk("/transactions", limit=limit)):
        met.append(entry["id"])
        if number % 2:
            shop.gift(5)
    assert len(met) == len(set(met))
    assert set(met) >= before
    assert [entry for entry in met if entry in before] == sorted(before, reverse=True)


@promise("F38")
def test_since_is_inclusive_and_until_exclusive(shop: Shop, clock: FixedClock) -> None:
    first, second, third = three(shop, clock)
    found = shop.reader.get("/transactions", since=first["created_at"], until=third["created_at"])["items"]
    assert [item["id"] for item in found] == [second["id"], first["id"]]


@promise("F39", "E3")
@pytest.mark.parametrize("path", ["/cards", "/stamps", "/loads", "/redemptions", "/holds", "/reversals"])
def test_an_empty_body_is_no_json(till: Client, path: str) -> None:
    answer = till.post(path, raw=b"")
    assert (answer.status, answer.code) == (400, "malformed_json")


@promise("F40")
@pytest.mark.parametrize("raw", [b"[]", b"null", b"7", b'"x"', b"true"])
def test_a_body_that_is_no_object_is_wrong(till: Client, raw: bytes) -> None:
    for path in ("/cards", "/stamps", "/loads", "/redemptions", "/holds", "/reversals"):
        assert till.post(path, raw=raw).code == "invalid_request"


@promise("F41")
@pytest.mark.parametrize(
    "field, value", [("program_id", "prog_none"), ("member_id", "mem_none"), ("location_id", "loc_none")]
)
def test_an_unknown_name_in_a_body_is_not_found(shop: Shop, field: str, value: str) -> None:
    body = {"program_id": shop.program("stamp"), field: value}
    answer = shop.till.post("/cards", body)
    assert (answer.status, answer.code) == (404, "not_found")


@promise("F41")
def test_an_unknown_location_of_a_payment_is_not_found(shop: Shop) -> None:
    body = {"card_id": shop.card()["id"], "count": 1, "location_id": "loc_none"}
    assert shop.till.post("/stamps", body).code == "not_found"


@promise("F42", "E8")
@pytest.mark.parametrize("name", [{"card_id": "prog_1"}, {"code": "?"}, {"code": "B9GG-E7MC-B8W6-56P3"}])
def test_an_unknown_card_is_always_card_not_found(shop: Shop, name: dict[str, str]) -> None:
    asked = [
        shop.till.post("/stamps", {**name, "count": 1}),
        shop.till.post("/loads", {**name, "amount": eur(1)}),
        shop.till.post("/redemptions", {**name, "amount": eur(1)}),
        shop.till.post("/holds", {**name, "amount": eur(1)}),
        shop.manager.post(
            "/adjustments", {**name, "amount": eur(1), "direction": "increase", "reason": "other"}
        ),
        shop.till.get("/cards/card_none"),
        shop.reader.get("/cards/card_none/transactions"),
        shop.manager.post("/cards/card_none/block", {"reason": "lost"}),
        shop.manager.post("/cards/card_none/replace", {"reason": "lost"}),
    ]
    assert {(answer.status, answer.code) for answer in asked} == {(404, "card_not_found")}


@promise("F44")
@pytest.mark.parametrize("query", [{"type": "gift"}, {"cursor": "x"}, {"cursor": "{}"}, {"since": "today"}])
def test_a_filter_nobody_knows_is_a_wrong_field(shop: Shop, query: dict[str, str]) -> None:
    answer = shop.reader.get("/transactions", **query)
    assert (answer.status, answer.fields) == (422, list(query))


@promise("F45")
def test_what_creates_answers_201(shop: Shop) -> None:
    everything, gift, sale = shop.everything, shop.gift(500), shop.card()
    pay = {"card_id": gift["id"], "amount": eur(5)}
    campaign = {"name": "x", "trigger": {"type": "manual"}, "message": {"de": "x", "en": "x"}}
    created = [
        ("/programs", {"kind": "points", "name": "P", "rules": {"point_per": eur(100)}}),
        ("/members", {"name": "Ada"}),
        ("/locations", {"name": "Mitte"}),
        ("/cards", {"program_id": shop.program("stamp")}),
        ("/stamps", {"card_id": sale["id"], "count": 1}),
        ("/loads", pay),
        ("/redemptions", pay),
        ("/holds", pay),
        ("/adjustments", {**pay, "direction": "increase", "reason": "other"}),
        ("/reversals", {"reference": "r"}),
        ("/campaigns", campaign),
        ("/webhooks", {"url": "https://shop.example/x"}),
        (f"/cards/{sale['id']}/replace", {"reason": "lost"}),
    ]
    assert {path: everything.post(path, body).status for path, body in created} == {
        path: 201 for path, _ in created
    }


@promise("F51")
@pytest.mark.parametrize("uses", [1, 3])
def test_issuing_a_coupon_books_its_uses(shop: Shop, uses: int) -> None:
    card = shop.card("coupon", rules={"uses": uses})
    (entry,) = shop.history(card)
    amount = {"amount": uses, "asset": "USE"}
    assert (entry["type"], entry["amount"], entry["delta"]) == ("issue", amount, amount)


@promise("F50", "P9", "F16")
def test_an_offers_time_is_not_the_cards(shop: Shop, clock: FixedClock) -> None:
    ends = format_rfc3339(clock.at + timedelta(days=1))
    card = shop.card("coupon", rules={"valid_until": ends})
    assert card["expires_at"] is None
    clock.at += timedelta(days=1)
    answer = shop.till.post("/redemptions", {"card_id": card["id"], "order_total": eur(1000)})
    assert (answer.code, answer["reason"]) == ("offer_not_applicable", "no_longer_valid")
    assert shop.state(card)["state"] == "active"


@promise("F61")
def test_an_answer_nobody_announced_fails_whoever_gets_it(shop: Shop) -> None:
    assert shop.program("gift")
    answer = shop.reader.get("/programs")
    documented().check("GET", "/programs", 200, answer.headers, answer.raw)
    for status, body in (
        (202, answer.raw),
        (200, b'{"items": []}'),
        (200, b'{"items": 5, "next_cursor": 1}'),
    ):
        with pytest.raises(AssertionError):
            documented().check("GET", "/programs", status, answer.headers, body)
