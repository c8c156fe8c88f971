"""A reversal and what it reverses at the same moment: in whatever order they come, nothing is left of it."""

from collections import Counter
from uuid import uuid4

import pytest

from tests.concurrency.test_tills import assert_books_are_sound, at_once, patiently
from tests.fixtures.api import Shop, eur

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
