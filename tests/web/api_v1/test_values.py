"""What a value may be: integers of an asset, plain texts, moments with an offset; no lookalikes."""

from typing import Any

import pytest

from tests.fixtures.api import Client, Shop, eur

MAX = 2**53 - 1
NO_AMOUNTS = [
    "10.0",
    "1e2",
    "true",
    '"5"',
    "null",
    "0",
    "-1",
    str(2**53),
    str(2**63),
    str(2**64),
    "1" + "0" * 400,
    "-1" + "0" * 400,
    "1e400",
    "[]",
    "{}",
]
NO_JSON = [
    "NaN",
    "Infinity",
    "-Infinity",
    "01",
    "1.",
    "'5'",
    "0x10",
    "undefined",
]


def load_of(card: dict[str, Any], amount: str) -> bytes:
    return f'{{"card_id": "{card["id"]}", "amount": {{"amount": {amount}, "asset": "EUR"}}}}'.encode()


@pytest.mark.parametrize("text", NO_AMOUNTS, ids=lambda text: text[:12])
def test_what_only_looks_like_an_amount_is_a_wrong_field(shop: Shop, text: str) -> None:
    card = shop.card("gift")
    answer = shop.till.post("/loads", raw=load_of(card, text))
    assert (answer.status, answer.code, answer.fields) == (422, "invalid_request", ["amount.amount"])
    assert shop.balance(card) == 0


@pytest.mark.parametrize("text", NO_JSON)
def test_what_is_no_number_of_json_is_no_json(shop: Shop, text: str) -> None:
    answer = shop.till.post("/loads", raw=load_of(shop.card("gift"), text))
    assert (answer.status, answer.code) == (400, "malformed_json")


def test_the_largest_amount_is_accepted_and_a_card_holds_no_more(shop: Shop) -> None:
    card = shop.card("gift")
    assert shop.till.post("/loads", {"card_id": card["id"], "amount": eur(MAX)}).status == 201
    answer = shop.till.post("/loads", {"card_id": card["id"], "amount": eur(1)})
    assert (answer.status, answer.code, answer["limit"]) == (409, "program_limit", "maximum_balance")
    assert shop.balance(card) == MAX


@pytest.mark.parametrize("text", ["2.0", "true", '"2"', "0", "-3", str(2**53), str(2**80)])
def test_a_count_is_an_integer_too(shop: Shop, text: str) -> None:
    card = shop.card()
    answer = shop.till.post("/stamps", raw=f'{{"card_id": "{card["id"]}", "count": {text}}}'.encode())
    assert (answer.status, answer.fields) == (422, ["count"])


@pytest.mark.parametrize("asset", ["eur", "EURO", "QQQ", "", "€", "PTS", None, 978])
def test_an_asset_nobody_knows_is_a_wrong_field(shop: Shop, asset: Any) -> None:
    body = {"card_id": shop.card("gift")["id"], "amount": {"amount": 1, "asset": asset}}
    answer = shop.till.post("/loads", body)
    assert (answer.status, answer.fields) == (422, ["amount.asset"])


@pytest.mark.parametrize(
    "path, body, field",
    [
        ("/loads", {"amount": {"amount": 1, "asset": "EUR"}}, "card_id"),
        ("/stamps", {"card_id": "card_1"}, "count"),
        ("/cards", {"program_id": "prog_1", "member_id": "mem_1", "member": {}}, "member"),
        ("/reversals", {}, "reference"),
        (
            "/baskets",
            {"mode": "all", "order_total": {"amount": 1, "asset": "EUR"}, "instruments": [{}]},
            "instruments.0.card_id",
        ),
    ],
)
def test_fields_that_do_not_go_together_are_named(till: Client, path: str, body: Any, field: str) -> None:
    answer = till.post(path, body)
    assert (answer.status, answer.code, answer.fields) == (422, "invalid_request", [field])


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"5", b"null", b"true"])
def test_a_body_that_is_no_object_is_422(till: Client, body: bytes) -> None:
    answer = till.post("/stamps", raw=body)
    assert (answer.status, answer.code, answer.fields) == (422, "invalid_request", ["body"])


@pytest.mark.parametrize("body", [b"", b"{", b"{}x", b"\xff", b"\xef\xbb\xbf{}", b'{"a": "\xed\xa0\x80"}'])
def test_a_body_that_is_no_json_is_400(till: Client, body: bytes) -> None:
    answer = till.post("/stamps", raw=body)
    assert (answer.status, answer.code) == (400, "malformed_json")


@pytest.mark.parametrize("path", ["/stamps", "/loads", "/redemptions", "/cards", "/cards/lookup", "/members"])
def test_an_empty_body_is_400_wherever_a_body_has_something_to_say(shop: Shop, path: str) -> None:
    assert shop.everything.post(path, raw=b"").code == "malformed_json"


@pytest.mark.parametrize("depth", [60, 300, 1200, 30_000])
def test_bottomless_nesting_is_no_json(shop: Shop, depth: int) -> None:
    body = b'{"kind": "gift", "name": "x", "rules": {"a": ' + b"[" * depth + b"]" * depth + b"}}"
    answer = shop.manager.post("/programs", raw=body)
    assert (answer.status, answer.code) == (400, "malformed_json")


@pytest.mark.parametrize("text", [r"\u0000", r"a\u0000b", r"\u001b[31m", r"\u007f"])
@pytest.mark.parametrize("field", ["reference", "note", "location_id", "card_id"])
def test_a_control_character_is_a_wrong_field(shop: Shop, field: str, text: str) -> None:
    named = "" if field == "card_id" else f'"card_id": "{shop.card()["id"]}", '
    body = f'{{{named}"count": 1, "{field}": "{text}"}}'
    answer = shop.till.post("/stamps", raw=body.encode())
    assert (answer.status, answer.fields) == (422, [field])


@pytest.mark.parametrize("text", [r"\ud800", r"\udfff", r"\udc00\ud800"])
def test_half_a_character_is_no_json(till: Client, text: str) -> None:
    answer = till.post("/stamps", raw=f'{{"code": "x", "count": 1, "note": "{text}"}}'.encode())
    assert (answer.status, answer.code) == (400, "malformed_json")


def test_every_other_character_of_the_world_is_kept(shop: Shop) -> None:
    texts = {"note": "Grüße 👩🏽‍🍳 \u202eأهلا\ufffd", "reference": "№ 7"}
    body = {"card_id": shop.card()["id"], "count": 1, **texts}
    answer = shop.till.post("/stamps", body)
    assert (answer.status, answer["note"], answer["reference"]) == (201, body["note"], body["reference"])


def test_a_nul_in_an_address_is_an_unknown_id(shop: Shop) -> None:
    assert shop.reader.get("/cards/%00").code == "card_not_found"
    assert shop.manager.post("/cards/card_%00/block", {"reason": "lost"}).code == "card_not_found"
    assert shop.manager.get("/members/a%00").code == "not_found"


def test_a_field_nobody_knows_is_named(shop: Shop) -> None:
    answer = shop.till.post("/stamps", {"card_id": shop.card()["id"], "count": 1, "counts": 2})
    assert (answer.status, answer.fields) == (422, ["counts"])


@pytest.mark.parametrize(
    "when", ["2030-01-01", "2030-01-01T00:00:00", "1.1.2030", 1893456000, "", "2030-02-30T00:00:00Z", "9999"]
)
def test_a_moment_without_an_offset_is_a_wrong_field(shop: Shop, when: Any) -> None:
    answer = shop.till.post("/cards", {"program_id": shop.program("gift"), "expires_at": when})
    assert (answer.status, answer.fields) == (422, ["expires_at"])


def test_a_moment_comes_back_in_utc(shop: Shop) -> None:
    card = shop.card("gift", expires_at="2030-01-01T00:30:00+01:00")
    assert card["expires_at"] == "2029-12-31T23:30:00Z"


@pytest.mark.parametrize("field", ["reference", "note"])
def test_a_text_may_not_go_on_for_ever(shop: Shop, field: str) -> None:
    longest = {"reference": 200, "note": 500}[field]
    card = shop.card()
    body = {"card_id": card["id"], "count": 1}
    assert shop.till.post("/stamps", {**body, field: "x" * longest}).status == 201
    answer = shop.till.post("/stamps", {**body, field: "x" * (longest + 1)})
    assert (answer.status, answer.fields) == (422, [field])
