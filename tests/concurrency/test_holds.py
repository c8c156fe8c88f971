"""Holds under many hands: one of two ends wins, and what is held and what is spent never overlap."""

from collections import Counter

from tests.concurrency.test_tills import assert_books_are_sound, at_once, patiently, race
from tests.fixtures.api import Shop, eur

TILLS = 16


def test_of_many_captures_at_once_one_is_granted(shop: Shop) -> None:
    card = shop.gift(1000)
    held = shop.till.post("/holds", {"card_id": card["id"], "amount": eur(600)}).ok()
    assert race(shop, f"/holds/{held['id']}/capture", {}) == {201: 1, 409: TILLS - 1}
    assert shop.balance(card) == 400
    assert_books_are_sound(shop)


def test_a_capture_and_a_void_at_once_end_a_hold_once(shop: Shop) -> None:
    for _ in range(5):
        card = shop.gift(1000)
        held = shop.till.post("/holds", {"card_id": card["id"], "amount": eur(600)}).ok()
        ends = [f"/holds/{held['id']}/{end}" for end in ("capture", "void")] * 2
        answers = at_once(lambda n, ends=ends: patiently(shop.till, ends[n], {}), len(ends))
        assert Counter(answer.status >= 400 for answer in answers) == {False: 1, True: 3}
        status = shop.till.get(f"/holds/{held['id']}")["status"]
        assert shop.balance(card) == {"captured": 400, "voided": 1000}[status]
    assert_books_are_sound(shop)


def test_holds_and_payments_at_once_share_what_is_there(shop: Shop) -> None:
    card = shop.gift(100)
    body = {"card_id": card["id"], "amount": eur(20)}
    paths = ["/holds", "/redemptions"] * (TILLS // 2)
    answers = at_once(lambda n: patiently(shop.till, paths[n], body), TILLS)
    assert Counter(answer.status for answer in answers) == {201: 5, 402: TILLS - 5}
    assert shop.state(card)["available"] == eur(0)
    assert_books_are_sound(shop)
