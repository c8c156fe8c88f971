"""A reversal and what it reverses at the same moment: in whatever order they come, nothing is left of it."""

import time
from collections import Counter
from uuid import uuid4

import pytest

from passes.redemption import undoing
from tests.concurrency.deadlocks import deadlocks
from tests.concurrency.test_tills import assert_books_are_sound, at_once, patiently
from tests.fixtures.api import Shop, eur
from tests.mutants import damage

ROUNDS = 8


@pytest.mark.parametrize("name", ["idempotency_key", "reference"])
def test_a_payment_under_way_is_undone_or_never_happens(shop: Shop, name: str) -> None:
    outcomes: Counter[str] = Counter()
    for _ in range(ROUNDS):
        card, key = shop.gift(1000), str(uuid4())
        pay = {"card_id": card["id"], "amount": eur(100), "reference": key}
        calls = [("/redemptions", pay, key), ("/reversals", {name: key}, None)] * 2
        answers = at_once(lambda n, calls=calls: patiently(shop.till, *calls[n]), len(calls))
        assert shop.balance(card) == 1000
        outcomes.update(answer["outcome"] for answer in answers[1::2])
        late = shop.till.post("/redemptions", pay, key=key)
        assert (late.status, late.code) == (409, "reversed")
    assert outcomes.keys() <= {"reversed", "tombstoned", "already_reversed"}
    assert_books_are_sound(shop)


def test_of_many_reversals_at_once_one_undoes(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(100)}, key=key).ok()
    answers = at_once(lambda _: patiently(shop.till, "/reversals", {"idempotency_key": key}), 8)
    assert Counter(answer["outcome"] for answer in answers) == {"reversed": 1, "already_reversed": 7}
    assert shop.balance(card) == 1000
    assert_books_are_sound(shop)


def undo_one_hold_three_ways(shop: Shop) -> None:
    """A captured hold, reversed by its key, by its capture's key and by the receipt at the same moment."""
    for _ in range(ROUNDS):
        card, placed, taken = shop.gift(1000), str(uuid4()), str(uuid4())
        body = {"card_id": card["id"], "amount": eur(300), "reference": placed}
        held = shop.till.post("/holds", body, key=placed).ok()
        shop.till.post(f"/holds/{held['id']}/capture", {"reference": placed}, key=taken).ok()
        ways = [{"idempotency_key": taken}, {"idempotency_key": placed}, {"reference": placed}] * 2
        answers = at_once(lambda n, ways=ways: patiently(shop.till, "/reversals", ways[n]), len(ways))
        assert {answer.status for answer in answers} == {201}
        assert sum(len(answer["transactions"]) for answer in answers) == 1
        assert shop.state(card)["available"] == shop.state(card)["balance"] == eur(1000)
    assert deadlocks(shop.services.database) == 0


def test_one_hold_reversed_under_three_names_at_once_is_undone_once_and_nobody_waits_in_a_ring(
    shop: Shop,
) -> None:
    undo_one_hold_three_ways(shop)
    assert_books_are_sound(shop)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_things_buried_before_their_card_is_in_hand_are_noticed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = "    in_hand = cards.lock_current("
    early = "    for thing in things:\n        tombstones.bury_thing(uow, call.merchant_id, thing)\n"
    early += "    time.sleep(0.05)\n"
    damage(monkeypatch, undoing, "undo", (lock, early + lock))
    monkeypatch.setattr(undoing, "time", time, raising=False)
    with pytest.raises(AssertionError):
        undo_one_hold_three_ways(shop)
