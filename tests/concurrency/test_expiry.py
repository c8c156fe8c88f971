"""Expiry under many hands: what runs out is booked once, however many jobs and tills meet over it."""

from collections import Counter
from datetime import timedelta

import pytest

from passes.clock import FixedClock
from passes.redemption import lots
from passes.redemption.expiry import run_due
from tests.concurrency.test_tills import assert_books_are_sound, at_once, patiently
from tests.fixtures.api import Shop, counted, eur

HANDS = 8


def test_jobs_and_tills_at_once_let_points_run_out_once(shop: Shop, clock: FixedClock) -> None:
    cards = [shop.points(100, points_expire_after_days=5) for _ in range(3)]
    clock.at += timedelta(days=2)
    for card in cards:
        shop.till.post("/stamps", {"card_id": card["id"], "count": 60}).ok()
    clock.at += timedelta(days=4)

    def work(hand: int) -> Counter[int]:
        if hand % 2:
            assert run_due(shop.services.database).failed == 0
            return Counter()
        body = {"amount": counted(25, "POINT")}
        return Counter(
            patiently(shop.till, "/redemptions", {"card_id": c["id"], **body}).status for c in cards
        )

    assert sum(at_once(work, HANDS), Counter()) == {201: 6, 402: 6}
    for card in cards:
        booked = Counter(entry["type"] for entry in shop.history(card))
        assert (booked["expire"], booked["redeem"], shop.balance(card)) == (1, 2, 10)
    assert_books_are_sound(shop)


def test_jobs_captures_and_refunds_at_once_end_a_card_once(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, expiry={"after_days": 2})
    paid = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(300)}).ok()
    body = {"card_id": card["id"], "amount": eur(200), "expires_in_s": 500_000}
    hold = shop.till.post("/holds", body).ok()
    clock.at += timedelta(days=2)
    paths = {0: f"/holds/{hold['id']}/capture", 1: f"/redemptions/{paid['id']}/refund"}

    def work(hand: int) -> int:
        if hand in paths:
            return patiently(shop.till, paths[hand], {}).status
        assert run_due(shop.services.database).failed == 0
        return 0

    assert Counter(at_once(work, HANDS)) == {0: HANDS - 2, 201: 2}
    booked = [entry for entry in shop.history(card) if entry["type"] == "expire"]
    assert ([entry["amount"] for entry in booked], shop.balance(card)) == ([eur(500)], 300)
    assert_books_are_sound(shop)


def test_a_job_that_dies_on_a_card_leaves_it_whole_for_the_next(
    shop: Shop, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = [shop.points(100, points_expire_after_days=5) for _ in range(4)]
    clock.at += timedelta(days=6)
    sound, calls = lots.reschedule, iter(range(99))

    def dies_in_between(uow: object, card_id: str) -> None:
        if next(calls) % 2:
            raise OSError("gone")
        sound(uow, card_id)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(lots, "reschedule", dies_in_between)
    report = run_due(shop.services.database)
    assert (report.cards, report.failed, report.emptied) == (4, 2, 2)
    monkeypatch.setattr(lots, "reschedule", sound)
    assert run_due(shop.services.database).emptied == 2
    assert [[entry["type"] for entry in shop.history(card)] for card in cards] == [["expire", "earn"]] * 4
    assert_books_are_sound(shop)
