"""Many tills at once: what is there is granted exactly once, and a request sent often happens once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from passes.ledger.verify import verify
from tests.fixtures.api import Answer, Client, Shop, counted, eur

TILLS = 16
UNITS = 100
TWINS = 50
TRIES = 20
"""Each waits half a minute for what another has in hand (`tests/conftest.py`)."""

Json = dict[str, Any]


def at_once(work: Callable[[int], Any], workers: int) -> list[Any]:
    """`work` in so many threads, which all begin at the same moment."""
    barrier = Barrier(workers)

    def begin(number: int) -> Any:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(begin, range(workers)))


def patiently(till: Client, path: str, body: Json, key: str | None = None) -> Answer:
    """Ask like a till does: again with the same key while the answer is "busy"."""
    key = key or str(uuid4())
    for _ in range(TRIES):
        answer = till.post(path, body, key=key)
        if answer.status != 503 and answer.code != "idempotency_key_in_use":
            return answer
    raise AssertionError("busy for ever")


def race(shop: Shop, path: str, body: Json, tries_each: int = 1) -> Counter[int]:
    """So many tries of sixteen tills, counted by status."""
    till = shop.till

    def work(_: int) -> list[int]:
        return [patiently(till, path, body).status for _ in range(tries_each)]

    return Counter(status for statuses in at_once(work, TILLS) for status in statuses)


def assert_books_are_sound(shop: Shop) -> None:
    with shop.services.database.read() as uow:
        assert verify(uow).faults == []


@pytest.mark.parametrize("kind", ["gift", "points", "coupon"])
def test_sixteen_tills_on_a_card_with_a_hundred_units_are_granted_exactly_a_hundred(
    shop: Shop, kind: str
) -> None:
    card, body, refused = {
        "gift": lambda: (shop.gift(UNITS), {"amount": eur(1)}, 402),
        "points": lambda: (shop.points(UNITS), {"amount": counted(1, "POINT")}, 402),
        "coupon": lambda: (shop.card("coupon", rules={"uses": UNITS}), {"order_total": eur(999)}, 409),
    }[kind]()
    tries = -(-UNITS * 5 // 4 // TILLS)
    statuses = race(shop, "/redemptions", {"card_id": card["id"], **body}, tries)
    assert statuses == {201: UNITS, refused: tries * TILLS - UNITS}
    assert shop.balance(card) == 0
    assert_books_are_sound(shop)


def test_every_stamp_of_sixteen_tills_is_on_the_card(shop: Shop) -> None:
    card = shop.card()
    assert race(shop, "/stamps", {"card_id": card["id"], "count": 3}, 2) == {201: 2 * TILLS}
    now = shop.state(card)
    assert 10 * now["rewards"] + now["balance"]["amount"] == 3 * 2 * TILLS
    assert now["version"] == 1 + 2 * TILLS
    assert_books_are_sound(shop)


def test_one_reward_is_handed_out_once(shop: Shop) -> None:
    card = shop.stamped(10)
    statuses = race(shop, "/redemptions", {"card_id": card["id"], "reward": True})
    assert statuses == {201: 1, 409: TILLS - 1}


def test_a_day_gives_its_stamps_and_no_more(shop: Shop) -> None:
    card = shop.card("stamp", rules={"max_stamps_per_day": 5})
    assert race(shop, "/stamps", {"card_id": card["id"], "count": 1}) == {201: 5, 409: TILLS - 5}
    assert shop.balance(card) == 5


def test_a_card_that_is_not_reloadable_is_loaded_once(shop: Shop) -> None:
    card = shop.card("gift", rules={"reloadable": False})
    assert race(shop, "/loads", {"card_id": card["id"], "amount": eur(500)}) == {201: 1, 409: TILLS - 1}
    assert shop.balance(card) == 500


def test_refunds_of_sixteen_tills_never_exceed_what_was_taken(shop: Shop) -> None:
    card = shop.gift(1000)
    taken = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(1000)})
    statuses = race(shop, f"/redemptions/{taken['id']}/refund", {"amount": eur(100)})
    assert statuses == {201: 10, 409: TILLS - 10}
    assert shop.balance(card) == 1000
    assert_books_are_sound(shop)


def test_a_sale_is_undone_once_whoever_asks(shop: Shop) -> None:
    card = shop.card()
    sale = shop.till.post("/stamps", {"card_id": card["id"], "count": 4})
    assert race(shop, f"/stamps/{sale['id']}/reverse", {}) == {201: 1, 409: TILLS - 1}
    assert (shop.balance(card), shop.state(card)["owed"]["amount"]) == (0, 0)


def paid(shop: Shop) -> tuple[str, Json]:
    return "/redemptions", {"card_id": shop.gift(TWINS)["id"], "amount": eur(1)}


def refused(shop: Shop) -> tuple[str, Json]:
    return "/redemptions", {"card_id": shop.gift(5)["id"], "amount": eur(6)}


def refused_unless_first(shop: Shop) -> tuple[str, Json]:
    return "/redemptions", {"card_id": shop.gift(5)["id"], "amount": eur(5)}


def stamped(shop: Shop) -> tuple[str, Json]:
    return "/stamps", {"card_id": shop.card()["id"], "count": 1}


def issued(shop: Shop) -> tuple[str, Json]:
    return "/cards", {"program_id": shop.program("gift"), "amount": eur(500)}


def program_made(shop: Shop) -> tuple[str, Json]:
    return "/programs", {
        "kind": "gift",
        "name": "Geschenk",
        "slug": f"geschenk-{uuid4().hex}",
        "currency": "EUR",
        "rules": {},
    }


@pytest.mark.parametrize("request_for", [paid, refused, refused_unless_first, stamped, issued, program_made])
def test_the_same_request_sent_fifty_times_at_once_has_one_effect(
    shop: Shop, request_for: Callable[[Shop], tuple[str, Json]]
) -> None:
    path, body = request_for(shop)
    caller, key = shop.everything, str(uuid4())
    answers = at_once(lambda _: patiently(caller, path, body, key), TWINS)
    assert len({(answer.status, answer.raw) for answer in answers}) == 1
    assert sum(not answer.is_replay for answer in answers) == 1
    expected = 402 if request_for is refused else 201
    assert answers[0].status == expected
    if request_for in (paid, stamped):
        assert shop.balance({"id": body["card_id"]}) == (TWINS - 1 if request_for is paid else 1)
    if request_for is program_made:
        assert len(shop.manager.get("/programs")["items"]) == 1
    assert_books_are_sound(shop)


def test_one_key_for_two_requests_at_once_does_one_of_them(shop: Shop) -> None:
    cards, key = [shop.card() for _ in range(2)], str(uuid4())
    till = shop.till
    answers = at_once(
        lambda n: patiently(till, "/stamps", {"card_id": cards[n % 2]["id"], "count": 1}, key), TILLS
    )
    statuses = Counter(answer.status for answer in answers)
    assert statuses == {201: TILLS // 2, 422: TILLS // 2}
    assert sorted(shop.balance(card) for card in cards) == [0, 1]
