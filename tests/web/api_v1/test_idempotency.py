"""One key, one effect, one answer, for ever."""

import json
from typing import Any
from uuid import uuid4

import pytest

from passes.cards import queries
from passes.clock import FixedClock
from passes.db.engine import Database
from tests.fixtures.api import Answer, Client, Shop, eur


def stamp(client: Client, card: dict[str, Any], key: str | None, **more: Any) -> Answer:
    return client.post("/stamps", {"card_id": card["id"], "count": 1, **more}, key=key)


def test_the_same_request_is_answered_byte_for_byte_and_done_once(shop: Shop, clock: FixedClock) -> None:
    card, key = shop.card(), str(uuid4())
    first = stamp(shop.till, card, key)
    stamp(shop.till, card, str(uuid4()))
    clock.at = clock.at.replace(year=2030)
    again = stamp(shop.till, card, key)
    assert (first.status, first.is_replay) == (201, False)
    assert (again.status, again.raw, again.is_replay) == (201, first.raw, True)
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert shop.balance(card) == 2


def test_another_key_is_another_request(shop: Shop) -> None:
    card = shop.card()
    assert stamp(shop.till, card, "one").raw != stamp(shop.till, card, "two").raw
    assert shop.balance(card) == 2


def test_spacing_and_the_order_of_names_do_not_count(shop: Shop) -> None:
    card, key = shop.card(), str(uuid4())
    body = {"card_id": card["id"], "count": 1, "note": "ü"}
    first = shop.till.post("/stamps", raw=json.dumps(body).encode(), key=key)
    backwards = dict(reversed(body.items()))
    again = shop.till.post("/stamps", raw=json.dumps(backwards, indent=4).encode(), key=key)
    escaped = shop.till.post("/stamps", raw=json.dumps(body, ensure_ascii=False).encode(), key=key)
    assert first.status == 201
    assert again.raw == escaped.raw == first.raw
    assert shop.balance(card) == 1


@pytest.mark.parametrize("more", [{"count": 2}, {"note": "x"}, {"note": None}, {"reference": ""}])
def test_another_body_under_the_same_key_is_refused(shop: Shop, more: dict[str, Any]) -> None:
    card, key = shop.card(), str(uuid4())
    stamp(shop.till, card, key)
    answer = stamp(shop.till, card, key, **more)
    expected = "invalid_request" if more == {"reference": ""} else "idempotency_key_reused"
    assert (answer.status, answer.code, answer.is_replay) == (422, expected, False)
    assert shop.balance(card) == 1


def test_another_address_under_the_same_key_is_refused(shop: Shop) -> None:
    card, key = shop.gift(100), str(uuid4())
    body = {"card_id": card["id"], "amount": eur(10)}
    shop.till.post("/loads", body, key=key).ok()
    assert shop.till.post("/redemptions", body, key=key).code == "idempotency_key_reused"
    assert shop.balance(card) == 110


def test_a_refund_of_something_else_under_the_same_key_is_refused(shop: Shop) -> None:
    card, key = shop.gift(100), str(uuid4())
    one, two = (
        shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(10)})["id"] for _ in range(2)
    )
    shop.till.post(f"/redemptions/{one}/refund", key=key).ok()
    assert shop.till.post(f"/redemptions/{two}/refund", key=key).code == "idempotency_key_reused"


def test_a_key_belongs_to_its_merchant_alone(shop: Shop, other_shop: Shop) -> None:
    mine, theirs, key = shop.card(), other_shop.card(), "1"
    first, second = stamp(shop.till, mine, key), stamp(other_shop.till, theirs, key)
    assert (first.status, second.status, second.is_replay) == (201, 201, False)
    assert first["id"] != second["id"]


def test_a_key_belongs_to_the_merchant_not_to_the_till(shop: Shop) -> None:
    card, key = shop.card(), str(uuid4())
    first = stamp(shop.till, card, key)
    assert stamp(shop.client("till", "manage"), card, key).raw == first.raw


def refusals(shop: Shop) -> list[tuple[str, str, dict[str, Any]]]:
    gift, stamps = shop.gift(500), shop.card()
    return [
        ("insufficient_balance", "/redemptions", {"card_id": gift["id"], "amount": eur(501)}),
        ("card_not_found", "/stamps", {"card_id": "card_none", "count": 1}),
        ("not_found", "/redemptions/txn_none/refund", {}),
        ("no_reward_available", "/redemptions", {"card_id": stamps["id"], "reward": True}),
        ("wrong_kind", "/stamps", {"card_id": gift["id"], "count": 1}),
        ("asset_mismatch", "/loads", {"card_id": gift["id"], "amount": {"amount": 1, "asset": "USD"}}),
    ]


def test_a_definite_refusal_is_an_answer_and_replayed(shop: Shop) -> None:
    for code, path, body in refusals(shop):
        key = str(uuid4())
        first = shop.till.post(path, body, key=key)
        again = shop.till.post(path, body, key=key)
        assert (first.code, first.is_replay) == (code, False)
        assert (again.status, again.raw, again.is_replay) == (first.status, first.raw, True)
        assert again.headers["Content-Type"] == "application/problem+json"


def test_a_refusal_is_replayed_even_when_the_card_could_do_it_now(shop: Shop) -> None:
    card, key = shop.gift(500), str(uuid4())
    body = {"card_id": card["id"], "amount": eur(501)}
    first = shop.till.post("/redemptions", body, key=key)
    shop.till.post("/loads", {"card_id": card["id"], "amount": eur(100)}).ok()
    assert shop.till.post("/redemptions", body, key=key).raw == first.raw
    assert shop.till.post("/redemptions", body).status == 201


def test_what_is_not_definite_is_not_remembered(shop: Shop) -> None:
    card, key = shop.card(), str(uuid4())
    elsewhere = shop.client("till", location_id=shop.location())
    asked = [
        (Client(shop.app, "sk_none").post("/stamps", {"card_id": card["id"], "count": 1}, key=key), 401),
        (stamp(shop.reader, card, key), 403),
        (stamp(elsewhere, card, key, location_id=shop.location("Nord")), 403),
        (shop.till.post("/stamps", raw=b"{", key=key), 400),
        (shop.till.post("/stamps", {"card_id": card["id"], "count": 0}, key=key), 422),
        (stamp(shop.till, card, None), 400),
    ]
    assert [answer.status for answer, _ in asked] == [status for _, status in asked]
    done = stamp(shop.till, card, key)
    assert (done.status, done.is_replay) == (201, False)
    assert shop.balance(card) == 1


def test_a_wrong_field_that_only_the_program_knows_to_be_wrong_is_not_remembered(shop: Shop) -> None:
    card, key = shop.card("stamp", rules={"stamp_per": None}), str(uuid4())
    answer = shop.till.post("/stamps", {"card_id": card["id"], "purchase": eur(500)}, key=key)
    assert (answer.status, answer.fields) == (422, ["purchase"])
    assert stamp(shop.till, card, key).status == 201


@pytest.mark.parametrize("key", ["k", "k" * 255, " k ", "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~", "a key"])
def test_any_printable_ascii_up_to_255_characters_is_a_key(shop: Shop, key: str) -> None:
    card = shop.card()
    first, again = stamp(shop.till, card, key), stamp(shop.till, card, key)
    assert (first.status, again.raw, shop.balance(card)) == (201, first.raw, 1)


@pytest.mark.parametrize("key", ["k" * 256, "schlüssel", "tab\tstop", "\x7f"])
def test_anything_else_is_a_wrong_field(shop: Shop, key: str) -> None:
    answer = stamp(shop.till, shop.card(), key)
    assert (answer.status, answer.fields) == (422, ["Idempotency-Key"])


def test_every_call_that_moves_value_needs_a_key(shop: Shop) -> None:
    for path in ("/stamps", "/stamps/x/reverse", "/loads", "/redemptions", "/redemptions/x/refund", "/cards"):
        for key in (None, ""):
            answer = shop.everything.post(path, {}, key=key)
            assert (answer.status, answer.code) == (400, "idempotency_key_required")


def test_a_given_key_replays_on_every_post(shop: Shop) -> None:
    card = shop.card()
    calls = [
        ("/members", {"name": "Ada"}),
        ("/locations", {"name": "Nord"}),
        ("/programs", {"kind": "gift", "name": "Geschenk", "currency": "EUR", "rules": {}}),
        ("/cards/lookup", {"code": card["code"]}),
        (f"/cards/{card['id']}/block", {"reason": "lost"}),
        (f"/cards/{card['id']}/unblock", {"reason": "other"}),
        (f"/cards/{card['id']}/deactivate", {"reason": "closed"}),
    ]
    for path, body in calls:
        key = str(uuid4())
        first, again = (shop.everything.post(path, body, key=key) for _ in range(2))
        assert first.status < 300, (path, first.raw)
        assert (again.raw, again.is_replay) == (first.raw, True)


def test_a_call_that_moves_no_value_goes_without_a_key(shop: Shop) -> None:
    one, two = (shop.manager.post("/members", {"name": "Ada"}, key=None) for _ in range(2))
    assert one["id"] != two["id"]


def test_an_issued_card_is_issued_once(shop: Shop) -> None:
    body, key = {"program_id": shop.program("gift"), "amount": eur(500)}, str(uuid4())
    first, again = (shop.till.post("/cards", body, key=key) for _ in range(2))
    assert (first.status, again.raw) == (201, first.raw)


def test_a_key_on_a_call_that_is_no_post_does_nothing(shop: Shop) -> None:
    member = shop.manager.post("/members", {"name": "Ada"}).ok()
    for name in ("Bea", "Cleo"):
        answer = shop.manager.request("PATCH", f"/members/{member['id']}", body={"name": name}, key="same")
        assert (answer["name"], answer.is_replay) == (name, False)


@pytest.mark.usefixtures("impatient")
def test_a_busy_database_is_503_done_nothing_and_not_remembered(shop: Shop, database: Database) -> None:
    card, key, till = shop.card(), str(uuid4()), shop.till
    with database.write() as uow:
        queries.lock(uow, shop.id, card_id=card["id"])
        answer = stamp(till, card, key)
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "busy", "1")
    done = stamp(till, card, key)
    assert (done.status, done.is_replay, shop.balance(card)) == (201, False, 1)
