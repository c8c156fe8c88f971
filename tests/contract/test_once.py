"""Doing something once: what an idempotency key promises."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from passes.clock import FixedClock
from passes.db.baton import BATON
from passes.redemption import service
from tests.fixtures.api import Answer, Client, Shop, counted, eur

promise = pytest.mark.promise
MOVES = (
    "/cards",
    "/stamps",
    "/stamps/x/reverse",
    "/loads",
    "/redemptions",
    "/redemptions/x/refund",
    "/holds",
    "/holds/x/capture",
    "/holds/x/void",
    "/reversals",
    "/adjustments",
    "/cards/x/replace",
)


def stamp(client: Client, card: Any, key: str | None, **more: Any) -> Answer:
    return client.post("/stamps", {"card_id": card["id"], "count": 1, **more}, key=key)


@promise("I1", "R15")
@pytest.mark.parametrize("path", MOVES)
def test_what_moves_value_needs_a_key(shop: Shop, path: str) -> None:
    assert shop.everything.post(path, {}, key=None).code == "idempotency_key_required"


@promise("I2")
def test_a_key_has_one_to_255_printable_characters(shop: Shop) -> None:
    card = shop.card()
    for key in ("k", "~" * 255, "with space"):
        assert stamp(shop.till, card, key).status == 201
    for key in ("k" * 256, "ä", "tab\there"):
        answer = stamp(shop.till, card, key)
        assert (answer.status, answer.fields) == (422, ["Idempotency-Key"])


@promise("I3")
def test_a_key_belongs_to_the_merchant(shop: Shop, other_shop: Shop) -> None:
    key, card, theirs = str(uuid4()), shop.card(), other_shop.card()
    first = stamp(shop.till, card, key)
    assert stamp(other_shop.till, theirs, key).is_replay is False
    another_till = Client(shop.app, shop.new_key("till").key)
    assert stamp(another_till, card, key).raw == first.raw
    assert (shop.balance(card), other_shop.balance(theirs)) == (1, 1)


@promise("I4")
def test_a_key_is_remembered_for_ever(shop: Shop, clock: FixedClock) -> None:
    key, card = str(uuid4()), shop.card()
    first = stamp(shop.till, card, key)
    clock.at += timedelta(days=3653)
    assert stamp(shop.till, card, key).raw == first.raw
    assert shop.balance(card) == 1


@promise("I5")
def test_the_same_request_gets_the_first_answer_byte_for_byte(shop: Shop) -> None:
    key, card = str(uuid4()), shop.card()
    first = stamp(shop.till, card, key)
    stamp(shop.till, card, str(uuid4())).ok()
    again = stamp(shop.till, card, key)
    assert (first.status, first.is_replay) == (201, False)
    assert (again.status, again.raw, again.is_replay) == (201, first.raw, True)
    assert shop.balance(card) == 2


@promise("I6", "E26")
@pytest.mark.parametrize(
    "path, more",
    [("/stamps", {"count": 2}), ("/stamps", {"note": "x"}), ("/redemptions", {"count": None})],
)
def test_another_request_under_the_same_key_is_refused(shop: Shop, path: str, more: dict[str, Any]) -> None:
    key, card = str(uuid4()), shop.card()
    stamp(shop.till, card, key).ok()
    body = {"card_id": card["id"], "count": 1, **more}
    if path == "/redemptions":
        body = {"card_id": card["id"], "reward": True}
    answer = shop.till.post(path, body, key=key)
    assert (answer.status, answer.code) == (422, "idempotency_key_reused")
    assert shop.balance(card) == 1


@promise("I6")
def test_the_same_body_at_another_address_is_refused(shop: Shop) -> None:
    key, pay = str(uuid4()), {"card_id": shop.gift(500)["id"], "amount": eur(100)}
    shop.till.post("/redemptions", pay, key=key).ok()
    assert shop.till.post("/loads", pay, key=key).code == "idempotency_key_reused"


@promise("I7", "E22")
def test_a_twin_is_told_to_wait_or_waits_and_replays(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    key, card, till = str(uuid4()), shop.card(), shop.till
    inside, go_on = threading.Event(), threading.Event()
    whole = service.rules.earn

    def slow(*given: Any, **named: Any) -> Any:
        inside.set()
        go_on.wait(120)
        return whole(*given, **named)

    monkeypatch.setattr(service.rules, "earn", slow)
    answers: list[Answer] = []
    first = threading.Thread(target=lambda: answers.append(stamp(till, card, key)))
    twin = threading.Thread(target=lambda: answers.append(stamp(till, card, key)))
    first.start()
    assert inside.wait(120)
    twin.start()
    twin.join(0.2)
    go_on.set()
    first.join(120)
    twin.join(120)
    done = [answer for answer in answers if answer.status == 201]
    told = [answer for answer in answers if answer.status != 201]
    assert len({answer.raw for answer in done}) == 1
    assert sum(not answer.is_replay for answer in done) == 1
    assert all(answer.code in ("idempotency_key_in_use", "busy") for answer in told)
    assert shop.balance(card) == 1


@promise("I7", "E22")
@pytest.mark.usefixtures("impatient")
def test_a_twin_that_has_waited_long_enough_is_told_that_the_first_is_still_running(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, card, till = str(uuid4()), shop.card(), shop.till
    inside, go_on = threading.Event(), threading.Event()
    whole = service.rules.earn

    def slow(*given: Any, **named: Any) -> Any:
        if not inside.is_set():
            inside.set()
            # As whoever waits for the database does; nothing else takes a call long.
            BATON.waiting_for(go_on.wait, 120)
        return whole(*given, **named)

    monkeypatch.setattr(service.rules, "earn", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(stamp, till, card, key)
        try:
            assert inside.wait(120)
            told = stamp(till, card, key)
        finally:
            go_on.set()
        assert (told.status, told.code) == (409, "idempotency_key_in_use")
        assert first.result(120).status == 201
    assert stamp(till, card, key).is_replay
    assert shop.balance(card) == 1


@promise("I8")
def test_a_definite_refusal_is_replayed(shop: Shop) -> None:
    gift, card = shop.gift(500), shop.card()
    asked: list[tuple[int, str, Any]] = [
        (402, "/redemptions", {"card_id": gift["id"], "amount": eur(501)}),
        (404, "/stamps", {"card_id": "card_none", "count": 1}),
        (409, "/redemptions", {"card_id": card["id"], "reward": True}),
        (422, "/loads", {"card_id": card["id"], "amount": eur(1)}),
        (422, "/loads", {"card_id": gift["id"], "amount": counted(1, "USD")}),
    ]
    keys = [str(uuid4()) for _ in asked]
    first = [shop.till.post(path, body, key=key) for key, (_, path, body) in zip(keys, asked, strict=True)]
    shop.till.post("/loads", {"card_id": gift["id"], "amount": eur(100)}).ok()
    shop.till.post("/stamps", {"card_id": card["id"], "count": 10}).ok()
    again = [shop.till.post(path, body, key=key) for key, (_, path, body) in zip(keys, asked, strict=True)]
    assert [answer.status for answer in first] == [status for status, _, _ in asked]
    assert [answer.raw for answer in again] == [answer.raw for answer in first]
    assert all(answer.is_replay for answer in again)


@promise("I9")
def test_what_is_not_definite_is_not_remembered(shop: Shop) -> None:
    key, card = str(uuid4()), shop.card()
    bound = shop.client("till", location_id=shop.location())
    statuses = [
        shop.till.post("/stamps", raw=b"{", key=key).status,
        stamp(Client(shop.app, "nobody"), card, key).status,
        stamp(shop.reader, card, key).status,
        stamp(bound, card, key, location_id=shop.location("Nord")).status,
        stamp(shop.till, card, key, count=0).status,
    ]
    assert statuses == [400, 401, 403, 403, 422]
    done = stamp(shop.till, card, key)
    assert (done.status, done.is_replay) == (201, False)


@promise("I10")
def test_spacing_and_order_do_not_count(shop: Shop) -> None:
    key, card = str(uuid4()), shop.card()
    first = shop.till.post("/stamps", raw=f'{{"card_id":"{card["id"]}","count":1}}'.encode(), key=key)
    again = shop.till.post("/stamps", raw=f'{{ "count" : 1,\n"card_id":"{card["id"]}" }}'.encode(), key=key)
    assert (first.status, again.raw) == (201, first.raw)


@promise("I11")
def test_validation_comes_before_the_look_at_the_key(shop: Shop) -> None:
    key, card = str(uuid4()), shop.card()
    stamp(shop.till, card, key).ok()
    assert stamp(shop.till, card, key, count=0).code == "invalid_request"


@promise("I12", "I16")
@pytest.mark.parametrize("verb", ["block", "deactivate"])
def test_stopping_a_card_needs_no_key_and_takes_one(shop: Shop, verb: str) -> None:
    body = {"reason": "lost"}
    assert shop.manager.post(f"/cards/{shop.card()['id']}/{verb}", body, key=None).status == 200
    path, key = f"/cards/{shop.card()['id']}/{verb}", str(uuid4())
    first, again = (shop.manager.post(path, body, key=key) for _ in range(2))
    assert (first.status, again.raw, again.is_replay) == (200, first.raw, True)


@promise("I12")
def test_unblocking_needs_no_key_and_takes_one(shop: Shop) -> None:
    for key in (None, str(uuid4())):
        path = f"/cards/{shop.card()['id']}"
        shop.manager.post(f"{path}/block", {"reason": "lost"}).ok()
        assert shop.manager.post(f"{path}/unblock", {"reason": "lost"}, key=key).status == 200
    assert shop.manager.post(f"{path}/unblock", {"reason": "lost"}, key=key).is_replay


@promise("I14")
def test_a_lookup_needs_no_key(shop: Shop) -> None:
    assert shop.till.post("/cards/lookup", {"code": shop.card()["code"]}, key=None).status == 200


@promise("I15")
@pytest.mark.parametrize("key", [None, ""])
def test_a_missing_key_is_seen_first(shop: Shop, key: str | None) -> None:
    for client in (Client(shop.app, None), shop.reader, shop.till):
        answer = client.post("/stamps", raw=b"{", key=key)
        assert (answer.status, answer.code) == (400, "idempotency_key_required")


@promise("I16")
def test_a_given_key_replays_on_every_post(shop: Shop) -> None:
    for path, body in (("/members", {"name": "Ada"}), ("/locations", {"name": "Nord"})):
        key = str(uuid4())
        first, again = (shop.manager.post(path, body, key=key) for _ in range(2))
        assert (first.status, again.raw, again.is_replay) == (201, first.raw, True)
