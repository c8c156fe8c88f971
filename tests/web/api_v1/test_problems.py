"""How the API says no: one form for every refusal, and one order in which it looks for reasons."""

from typing import Any
from uuid import uuid4

import pytest

from passes.clock import FixedClock
from passes.merchants import keys
from passes.web.problems import STATUS
from tests.fixtures.api import Answer, Client, Shop, eur

NOBODYS = "sk_stempel_" + "0" * 49


def assert_problem(answer: Answer, code: str) -> None:
    assert answer.headers["Content-Type"] == "application/problem+json"
    status, title = STATUS[code]
    body = answer.json
    assert (answer.status, body["status"], body["code"], body["title"]) == (status, status, code, title)
    assert body["type"].endswith(code)
    assert len(body["detail"]) > 10


def every_refusal(shop: Shop) -> list[tuple[str, Answer]]:
    """One of each."""
    till, gift, stamp = shop.till, shop.gift(500), shop.card()
    key = str(uuid4())
    till.post("/stamps", {"card_id": stamp["id"], "count": 1}, key=key)
    pay = {"card_id": gift["id"], "amount": eur(501)}
    return [
        ("idempotency_key_required", till.post("/stamps", {}, key=None)),
        ("malformed_json", till.post("/stamps", raw=b"{")),
        ("unauthenticated", Client(shop.app, None).post("/stamps")),
        ("insufficient_balance", till.post("/redemptions", pay)),
        ("scope_missing", shop.reader.post("/stamps")),
        ("card_not_found", till.get("/cards/card_none")),
        ("not_found", shop.manager.get("/programs/prog_none")),
        (
            "not_found",
            shop.client("marketing").post("/segments/preview", {"audience": {"program_id": "prog_none"}}),
        ),
        ("card_not_active", till.post("/redemptions", {**pay, "card_id": shop.card("gift")["id"]})),
        ("no_reward_available", till.post("/redemptions", {"card_id": stamp["id"], "reward": True})),
        ("invalid_request", till.post("/stamps", {"card_id": stamp["id"]})),
        ("asset_mismatch", till.post("/redemptions", {**pay, "amount": {"amount": 1, "asset": "USD"}})),
        ("wrong_kind", till.post("/loads", {"card_id": stamp["id"], "amount": eur(1)})),
        ("idempotency_key_reused", till.post("/stamps", {"card_id": stamp["id"], "count": 2}, key=key)),
    ]


def test_every_refusal_is_a_problem_document(shop: Shop) -> None:
    for code, answer in every_refusal(shop):
        assert_problem(answer, code)


def test_a_refusal_carries_what_its_code_needs(shop: Shop) -> None:
    card = shop.gift(500)
    answer = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(501)})
    assert answer["available"] == eur(500)
    shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"}).ok()
    answer = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(5)})
    assert answer["state"] == "blocked"


def test_every_wrong_field_is_named_at_once(shop: Shop) -> None:
    answer = shop.till.post("/loads", {"code": 5, "amount": {"amount": 0, "asset": "?"}, "note": 1})
    assert sorted(answer.fields) == ["amount.amount", "amount.asset", "code", "note"]
    assert all(error["message"] for error in answer["errors"])


@pytest.mark.parametrize("path", ["/nowhere", "/cards/a/b/c/d", "/"])
def test_an_address_that_does_not_exist_is_a_problem_too(till: Client, path: str) -> None:
    assert_problem(till.get(path), "not_found")


def test_a_method_that_does_not_exist_is_a_problem_too(till: Client) -> None:
    assert_problem(till.request("PUT", "/stamps", body={}), "method_not_allowed")


def test_a_body_of_more_than_sixteen_megabytes_is_a_problem_too(till: Client) -> None:
    assert_problem(till.post("/stamps", raw=b" " * (16 * 2**20 + 1)), "too_large")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic dGlsbDpkb29y", f"Bearer {NOBODYS}", "Bearer \xfc", "Bearer a b"],
)
def test_a_key_that_is_none_is_unauthenticated_and_told_how(shop: Shop, header: str) -> None:
    response = shop.app.test_client().get("/api/v1/programs", headers={"Authorization": header})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(shop: Shop, scheme: str) -> None:
    header = {"Authorization": f"{scheme} {shop.reader.key}"}
    assert shop.app.test_client().get("/api/v1/programs", headers=header).status_code == 200


def test_a_revoked_key_opens_nothing_any_more(shop: Shop) -> None:
    new = shop.new_key("read")
    client = Client(shop.app, new.key)
    assert client.get("/programs").status == 200
    with shop.services.database.write() as uow:
        keys.revoke_key(uow, shop.id, new.id, "test")
    assert client.get("/programs").code == "unauthenticated"


def test_the_key_comes_first_then_who_asks_what_for_in_which_form_and_about_which_card(shop: Shop) -> None:
    """Each request has everything wrong that the next ones have, and one thing more."""
    nobody, reader, till = Client(shop.app, None), shop.reader, shop.till
    unknown: Any = {"card_id": "card_none", "count": 1}
    asked = [
        (nobody.post("/stamps", raw=b"{", key=None), "idempotency_key_required"),
        (nobody.post("/stamps", raw=b"{", key=""), "idempotency_key_required"),
        (nobody.post("/stamps", raw=b"{", key="x" * 256), "unauthenticated"),
        (reader.post("/stamps", raw=b"{", key="x" * 256), "scope_missing"),
        (till.post("/stamps", raw=b"{", key="x" * 256), "malformed_json"),
        (till.post("/stamps", {"count": "x"}, key="x" * 256), "invalid_request"),
        (till.post("/stamps", {"count": "x"}), "invalid_request"),
        (till.post("/stamps", {**unknown, "location_id": "loc_none"}), "not_found"),
        (till.post("/stamps", unknown), "card_not_found"),
    ]
    assert [answer.code for answer, _ in asked] == [code for _, code in asked]


def test_the_form_is_looked_at_before_the_history_of_the_key(shop: Shop) -> None:
    card, key = shop.card(), str(uuid4())
    shop.till.post("/stamps", {"card_id": card["id"], "count": 1}, key=key).ok()
    assert shop.till.post("/stamps", {"card_id": card["id"], "count": 0}, key=key).code == "invalid_request"


def test_the_kind_is_looked_at_before_the_state_of_a_card(shop: Shop, clock: FixedClock) -> None:
    card = shop.card("gift")
    assert shop.till.post("/stamps", {"card_id": card["id"], "count": 1}).code == "wrong_kind"


@pytest.mark.parametrize("given", [{}, {"code": "x", "card_id": "y"}])
def test_a_card_is_named_by_exactly_one_of_code_and_id(till: Client, given: dict[str, str]) -> None:
    assert till.post("/stamps", {**given, "count": 1}).code == "invalid_request"
