"""Errors, code by code: each is provoked once and has to carry what it promises."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from passes.cards import queries as cards
from passes.clock import FixedClock, format_rfc3339
from passes.db.engine import Database
from passes.ids import new_code
from tests.fixtures.api import Answer, Client, Shop, counted, eur

promise = pytest.mark.promise
Provoke = Callable[[Shop], Answer]


def pay(shop: Shop, card: Any, cents: int, **more: Any) -> Answer:
    return shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(cents), **more})


def hold(shop: Shop) -> str:
    held = shop.till.post("/holds", {"card_id": shop.gift(500)["id"], "amount": eur(100)}).ok()
    return f"/holds/{held['id']}"


def refuse(answer: Answer, status: int, code: str, **carries: Any) -> None:
    """The answer is the refusal, in the form every refusal has, carrying what its code needs."""
    body = answer.json
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, body["status"], body["code"]) == (status, status, code)
    assert all(isinstance(body[name], str) and body[name] for name in ("type", "title", "detail"))
    assert {name: body.get(name) for name in carries} == carries


@promise("E1", "E2")
def test_no_key(shop: Shop) -> None:
    refuse(shop.till.post("/stamps", {}, key=None), 400, "idempotency_key_required")


@promise("E1", "E3")
@pytest.mark.parametrize("raw", [b"", b"{", b"{}}", b"\xff", b"{'a': 1}"])
def test_no_json(shop: Shop, raw: bytes) -> None:
    refuse(shop.till.post("/stamps", raw=raw), 400, "malformed_json")


@promise("E1", "E4")
@pytest.mark.parametrize("key", [None, "", "sk_stempel_wrong"])
def test_nobody(shop: Shop, key: str | None) -> None:
    refuse(Client(shop.app, key).get("/programs"), 401, "unauthenticated")


@promise("E5")
def test_a_scope_too_few(shop: Shop) -> None:
    refuse(shop.reader.post("/stamps", {}), 403, "scope_missing")


@promise("E6")
def test_somebody_elses_location(shop: Shop) -> None:
    bound = shop.client("till", location_id=shop.location("Mitte"))
    body = {"card_id": shop.card()["id"], "count": 1, "location_id": shop.location("Nord")}
    refuse(bound.post("/stamps", body), 403, "location_not_allowed")


@promise("E7")
def test_too_little(shop: Shop) -> None:
    refuse(pay(shop, shop.gift(500), 501), 402, "insufficient_balance", available=eur(500))


@promise("E8")
@pytest.mark.parametrize("name", [{"card_id": "card_none"}, {"card_id": "txn_1"}, {"code": "nonsense"}])
def test_no_such_card(shop: Shop, name: dict[str, str]) -> None:
    refuse(shop.till.post("/stamps", {**name, "count": 1}), 404, "card_not_found")


@promise("E9")
@pytest.mark.parametrize("room", ["programs", "members", "locations"])
def test_no_such_thing(shop: Shop, room: str) -> None:
    refuse(shop.manager.get(f"/{room}/unknown"), 404, "not_found")


@promise("E10")
def test_another_merchants_is_unknown(shop: Shop, other_shop: Shop) -> None:
    card, program = other_shop.gift(500), other_shop.program("stamp")
    paid = pay(other_shop, card, 5)
    pairs = [
        (pay(shop, card, 5), pay(shop, {"id": "card_none"}, 5)),
        (shop.reader.get(f"/cards/{card['id']}"), shop.reader.get("/cards/card_none")),
        (shop.manager.get(f"/programs/{program}"), shop.manager.get("/programs/prog_none")),
        (
            shop.till.post("/cards/lookup", {"code": card["code"]}),
            shop.till.post("/cards/lookup", {"code": "B9GG-E7MC-B8W6-56P3"}),
        ),
        (
            shop.till.post(f"/redemptions/{paid['id']}/refund", {}),
            shop.till.post("/redemptions/txn_none/refund", {}),
        ),
    ]
    for theirs, nobodys in pairs:
        assert theirs.status == 404
        assert theirs.raw == nobodys.raw


@promise("E11")
def test_a_card_that_is_not_active(shop: Shop) -> None:
    card = shop.gift(500)
    shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"}).ok()
    refuse(pay(shop, card, 5), 409, "card_not_active", state="blocked")


@promise("E12")
def test_a_card_past_its_time(shop: Shop, clock: FixedClock) -> None:
    card = shop.card("gift", amount=eur(500), expires_at=format_rfc3339(clock.at + timedelta(days=1)))
    clock.at += timedelta(days=1)
    refuse(pay(shop, card, 5), 409, "card_expired")


@promise("E13")
def test_a_coupon_used_before(shop: Shop) -> None:
    body = {"card_id": shop.card("coupon")["id"], "order_total": eur(1000)}
    shop.till.post("/redemptions", body).ok()
    refuse(shop.till.post("/redemptions", body), 409, "already_redeemed")


@promise("E14")
def test_no_reward(shop: Shop) -> None:
    body = {"card_id": shop.stamped(9)["id"], "reward": True}
    refuse(shop.till.post("/redemptions", body), 409, "no_reward_available")


@promise("E15")
def test_a_refund_too_large(shop: Shop) -> None:
    paid = pay(shop, shop.gift(500), 300)
    shop.till.post(f"/redemptions/{paid['id']}/refund", {"amount": eur(100)}).ok()
    answer = shop.till.post(f"/redemptions/{paid['id']}/refund", {"amount": eur(201)})
    refuse(answer, 409, "refund_exceeds_redemption", refundable=eur(200))


@promise("E16")
def test_a_hold_that_ended(shop: Shop) -> None:
    path = hold(shop)
    shop.till.post(f"{path}/void").ok()
    refuse(shop.till.post(f"{path}/capture"), 409, "hold_not_open", hold_status="voided")


@promise("E17")
def test_a_capture_too_large(shop: Shop) -> None:
    refuse(shop.till.post(f"{hold(shop)}/capture", {"amount": eur(101)}), 409, "capture_exceeds_hold")


@promise("E18")
def test_something_reversed(shop: Shop) -> None:
    key = str(uuid4())
    shop.till.post("/reversals", {"idempotency_key": key}).ok()
    answer = shop.till.post("/stamps", {"card_id": shop.card()["id"], "count": 1}, key=key)
    refuse(answer, 409, "reversed")


@promise("E19")
@pytest.mark.parametrize(
    "rules, cents, limit",
    [
        ({"minimum_load": eur(500)}, 499, "minimum_load"),
        ({"maximum_balance": eur(500)}, 501, "maximum_balance"),
    ],
)
def test_what_the_program_does_not_allow(shop: Shop, rules: dict[str, Any], cents: int, limit: str) -> None:
    card = shop.card("gift", rules=rules)
    answer = shop.till.post("/loads", {"card_id": card["id"], "amount": eur(cents)})
    refuse(answer, 409, "program_limit", limit=limit)


@promise("E20")
def test_an_offer_that_does_not_apply(shop: Shop) -> None:
    card = shop.card("coupon", rules={"minimum_order": eur(1000)})
    answer = shop.till.post("/redemptions", {"card_id": card["id"], "order_total": eur(999)})
    refuse(answer, 409, "offer_not_applicable", reason="minimum_order")


@promise("E21")
@pytest.mark.parametrize("wallet", ["google", "pass.pkpass"])
def test_a_wallet_that_is_not_set_up(shop: Shop, wallet: str) -> None:
    refuse(shop.reader.get(f"/cards/{shop.card()['id']}/{wallet}"), 409, "wallet_not_configured")


@promise("E23")
def test_wrong_fields(shop: Shop) -> None:
    answer = shop.till.post("/loads", {"code": 5, "amount": counted(0, "EUR"), "surprise": 1})
    refuse(answer, 422, "invalid_request")
    assert sorted(answer.fields) == ["amount.amount", "code", "surprise"]
    assert all(set(error) == {"field", "message"} and error["message"] for error in answer["errors"])


@promise("E24")
def test_another_currency(shop: Shop) -> None:
    body = {"card_id": shop.gift(500)["id"], "amount": counted(5, "USD")}
    refuse(shop.till.post("/redemptions", body), 422, "asset_mismatch")


@promise("E25")
def test_another_kind_of_card(shop: Shop) -> None:
    refuse(shop.till.post("/loads", {"card_id": shop.card()["id"], "amount": eur(5)}), 422, "wrong_kind")
    refuse(pay(shop, shop.card("coupon"), 5), 422, "wrong_kind")
    refuse(shop.till.post("/holds", {"card_id": shop.card()["id"], "amount": eur(5)}), 422, "wrong_kind")


@promise("E26")
def test_a_key_used_for_something_else(shop: Shop) -> None:
    card, key = shop.card(), str(uuid4())
    shop.till.post("/stamps", {"card_id": card["id"], "count": 1}, key=key).ok()
    answer = shop.till.post("/stamps", {"card_id": card["id"], "count": 2}, key=key)
    refuse(answer, 422, "idempotency_key_reused")


@promise("E28")
@pytest.mark.usefixtures("impatient")
def test_a_busy_database(shop: Shop, database: Database) -> None:
    card, till = shop.gift(500), shop.till
    with database.write() as uow:
        cards.lock(uow, shop.id, card_id=card["id"])
        answer = till.post("/redemptions", {"card_id": card["id"], "amount": eur(5)})
    refuse(answer, 503, "busy")
    assert int(answer.headers["Retry-After"]) >= 1


@promise("E27")
def test_too_many_guesses(shop: Shop) -> None:
    answers = [guess(shop) for _ in range(100)]
    answer = answers[-1]
    assert answer.status_code == 429
    assert answer.get_json()["code"] == "rate_limited"
    assert answer.content_type == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1


def guess(shop: Shop) -> TestResponse:
    """Look for a card nobody has, from an address of the guesser's own, so that it costs nobody else."""
    return shop.app.test_client().post(
        "/api/v1/cards/lookup",
        json={"code": new_code()},
        headers={"Authorization": f"Bearer {shop.till.key}"},
        environ_base={"REMOTE_ADDR": "192.0.2.27"},
    )
