"""Values: what counts as an amount, a time, an id and a list."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.api import Answer, Client, Shop, counted, eur

promise = pytest.mark.promise
LARGEST = 2**53 - 1
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def load(shop: Shop, text: str) -> Answer:
    """Load an amount written as `text` onto a gift card."""
    card = shop.card("gift")
    body = f'{{"card_id": "{card["id"]}", "amount": {{"amount": {text}, "asset": "EUR"}}}}'
    return shop.till.post("/loads", raw=body.encode())


def leaves(value: Any) -> Iterator[Any]:
    """Everything in a JSON value that is neither object nor list."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        yield value
    else:
        for part in inner:
            yield from leaves(part)


def of_every_kind(shop: Shop) -> list[Any]:
    """Answers about one card of each kind, with a transaction, a hold, a program and a member."""
    gift, points, stamp, coupon = shop.gift(500), shop.points(10), shop.stamped(1), shop.card("coupon")
    held = shop.till.post("/holds", {"card_id": gift["id"], "amount": eur(5)}).ok()
    member = shop.manager.post("/members", {"name": "Ada"}).ok()
    cards = [shop.state(card) for card in (gift, points, stamp, coupon)]
    entries = [entry for card in cards for entry in shop.history(card)]
    return [*cards, *entries, held.json, member.json, *shop.reader.get("/programs")["items"]]


@promise("V1", "V2")
def test_money_counts_in_minor_units_and_the_rest_in_assets_of_their_own(shop: Shop) -> None:
    assert shop.state(shop.gift(1250))["balance"] == {"amount": 1250, "asset": "EUR"}
    assert shop.state(shop.stamped(3))["balance"] == counted(3, "STAMP")
    assert shop.state(shop.points(7))["balance"] == counted(7, "POINT")
    assert shop.card("coupon")["balance"] == counted(1, "USE")
    full = shop.stamped(10)
    taken = shop.till.post("/redemptions", {"card_id": full["id"], "reward": True}).ok()
    assert taken["amount"] == counted(1, "REWARD")


@promise("V3")
@pytest.mark.parametrize("text", ["0", "-1", "-1250"])
def test_an_amount_in_a_request_is_positive(shop: Shop, text: str) -> None:
    assert load(shop, text).code == "invalid_request"


@promise("V4")
def test_an_amount_in_an_answer_may_be_nothing(shop: Shop) -> None:
    assert shop.card("stamp")["balance"] == counted(0, "STAMP")


@promise("V5")
def test_nothing_is_a_float(shop: Shop) -> None:
    assert not [leaf for answer in of_every_kind(shop) for leaf in leaves(answer) if isinstance(leaf, float)]


@promise("V6")
def test_every_time_is_utc(shop: Shop) -> None:
    times = [
        value
        for answer in of_every_kind(shop)
        for name, value in answer.items()
        if name.endswith("_at") and value is not None
    ]
    assert len(times) > 20
    assert all(UTC_TIME.fullmatch(value) for value in times)


@promise("V7")
def test_an_id_begins_with_its_type(shop: Shop) -> None:
    campaign = {"name": "x", "trigger": {"type": "manual"}, "message": {"de": "x", "en": "x"}}
    found = {str(answer["id"]).partition("_")[0] for answer in of_every_kind(shop)}
    found.add(str(shop.manager.post("/locations", {"name": "Mitte"})["id"]).partition("_")[0])
    found.add(str(shop.client("marketing").post("/campaigns", campaign)["id"]).partition("_")[0])
    assert found == {"card", "txn", "hold", "prog", "mem", "loc", "camp"}


@promise("V8")
def test_a_list_is_walked_with_limit_and_cursor(shop: Shop) -> None:
    card = shop.gift(300)
    for _ in range(2):
        shop.till.post("/loads", {"card_id": card["id"], "amount": eur(1)}).ok()
    path = f"/cards/{card['id']}/transactions"
    first = shop.reader.get(path, limit=2).ok()
    last = shop.reader.get(path, limit=2, cursor=first["next_cursor"]).ok()
    assert set(first.json) == {"items", "next_cursor"}
    assert (len(first["items"]), len(last["items"]), last["next_cursor"]) == (2, 1, None)


@promise("V9")
@pytest.mark.parametrize("text", ["10.0", "true", '"5"', "null", "[5]", "1e2"])
def test_what_only_looks_like_an_amount_is_none(shop: Shop, text: str) -> None:
    answer = load(shop, text)
    assert (answer.status, answer.fields) == (422, ["amount.amount"])


@promise("V10")
def test_an_amount_ends_at_two_to_the_fifty_third_less_one(shop: Shop) -> None:
    assert load(shop, str(LARGEST)).ok()["balance_after"] == eur(LARGEST)
    assert load(shop, str(LARGEST + 1)).code == "invalid_request"


@promise("V11")
@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_json(shop: Shop, text: str) -> None:
    answer = load(shop, text)
    assert (answer.status, answer.code) == (400, "malformed_json")


@promise("V12")
@pytest.mark.parametrize("text", ["1e400", "1" + "0" * 30, "-" + "9" * 400])
def test_a_number_beyond_every_integer_is_a_wrong_field(shop: Shop, text: str) -> None:
    assert load(shop, text).code == "invalid_request"


@promise("V13")
@pytest.mark.parametrize("asset", ["XXQ", "eur", "", "€", "BTC"])
def test_an_asset_nobody_knows_is_a_wrong_field(till: Client, asset: str) -> None:
    answer = till.post("/loads", {"code": "x", "amount": counted(5, asset)})
    assert (answer.status, answer.fields) == (422, ["amount.asset"])
