"""Holds and adjustments."""

from datetime import timedelta
from typing import Any

import pytest

from passes.clock import FixedClock, format_rfc3339, parse_rfc3339
from tests.fixtures.api import Answer, Shop, counted, eur

promise = pytest.mark.promise


def hold(shop: Shop, card: Any, cents: int = 300, **more: Any) -> Answer:
    return shop.till.post("/holds", {"card_id": card["id"], "amount": eur(cents), **more})


def available(shop: Shop, card: Any) -> int:
    amount: int = shop.state(card)["available"]["amount"]
    return amount


@promise("M18", "M19", "F13")
def test_a_hold_sets_value_aside_for_a_quarter_of_an_hour(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(500)
    held = hold(shop, card)
    assert (held.status, held["status"]) == (201, "open")
    assert (held["amount"], held["captured"]) == (eur(300), eur(0))
    assert parse_rfc3339(held["expires_at"]) == clock.at + timedelta(seconds=900)
    assert (shop.balance(card), available(shop, card)) == (500, 200)
    for client in (shop.till, shop.reader):
        assert client.get(f"/holds/{held['id']}").json == held.json
    answer = hold(shop, card, 201)
    assert (answer.status, answer.code, answer["available"]) == (402, "insufficient_balance", eur(200))
    payment = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(201)})
    assert (payment.code, payment["available"]) == ("insufficient_balance", eur(200))


@promise("M18", "E25")
def test_only_money_and_points_are_held(shop: Shop) -> None:
    points = shop.points(9)
    assert shop.till.post("/holds", {"card_id": points["id"], "amount": counted(9, "POINT")}).status == 201
    for kind in ("stamp", "coupon"):
        assert hold(shop, shop.card(kind)).code == "wrong_kind"


@promise("F19")
@pytest.mark.parametrize(
    "seconds, status", [(1, 201), (2_592_000, 201), (0, 422), (2_592_001, 422), (-1, 422), (1.5, 422)]
)
def test_a_hold_lasts_a_second_to_thirty_days(shop: Shop, seconds: Any, status: int) -> None:
    assert hold(shop, shop.gift(500), expires_in_s=seconds).status == status


@promise("M20", "F18")
@pytest.mark.parametrize("cents", [None, 300, 120])
def test_a_capture_takes_and_frees_the_rest(shop: Shop, cents: int | None) -> None:
    card = shop.gift(500)
    held = hold(shop, card)
    taken = cents or 300
    made = shop.till.post(f"/holds/{held['id']}/capture", {} if cents is None else {"amount": eur(cents)})
    assert (made.status, made["type"], made["amount"]) == (201, "capture", eur(taken))
    assert made["delta"] == counted(-taken, "EUR")
    inside = made["hold"]
    assert (inside["id"], inside["status"], inside["captured"]) == (held["id"], "captured", eur(taken))
    assert (shop.balance(card), available(shop, card)) == (500 - taken, 500 - taken)


@promise("M21", "F18")
def test_a_void_frees_all(shop: Shop) -> None:
    card = shop.gift(500)
    held = hold(shop, card)
    gone = shop.till.post(f"/holds/{held['id']}/void")
    assert (gone.status, gone["id"], gone["status"], gone["captured"]) == (200, held["id"], "voided", eur(0))
    assert (shop.balance(card), available(shop, card)) == (500, 500)
    assert shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(500)}).status == 201


@promise("M22", "E16")
@pytest.mark.parametrize("end", ["capture", "void", "expiry"])
@pytest.mark.parametrize("later", ["capture", "void"])
def test_a_hold_ends_once(shop: Shop, clock: FixedClock, end: str, later: str) -> None:
    card = shop.gift(500)
    path = f"/holds/{hold(shop, card)['id']}"
    if end == "expiry":
        clock.at += timedelta(seconds=900)
    else:
        shop.till.post(f"{path}/{end}").ok()
    status = {"capture": "captured", "void": "voided", "expiry": "expired"}[end]
    assert shop.till.get(path)["status"] == status
    answer = shop.till.post(f"{path}/{later}")
    assert (answer.status, answer.code, answer["hold_status"]) == (409, "hold_not_open", status)
    assert available(shop, card) == shop.balance(card) == (200 if end == "capture" else 500)


@promise("M22")
def test_a_hold_is_open_until_its_last_second(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(500)
    path = f"/holds/{hold(shop, card)['id']}"
    clock.at += timedelta(seconds=899)
    assert shop.till.post(f"{path}/capture").status == 201


@promise("F3")
@pytest.mark.parametrize("path", ["/redemptions", "/holds"])
def test_a_waiting_card_is_neither_spent_nor_held(shop: Shop, path: str) -> None:
    answer = shop.till.post(path, {"card_id": shop.card("gift")["id"], "amount": eur(5)})
    assert (answer.status, answer.code, answer["state"]) == (409, "card_not_active", "pending")


@promise("F4", "F49")
@pytest.mark.parametrize("path", ["/redemptions", "/holds", "/loads", "/stamps"])
def test_a_card_past_its_time_is_neither_spent_held_loaded_nor_stamped(
    shop: Shop, clock: FixedClock, path: str
) -> None:
    ends = format_rfc3339(clock.at + timedelta(days=1))
    stamps = path == "/stamps"
    card = (
        shop.card("stamp", expires_at=ends) if stamps else shop.card("gift", amount=eur(9), expires_at=ends)
    )
    body = {"card_id": card["id"], **({"count": 1} if stamps else {"amount": eur(5)})}
    clock.at += timedelta(days=1, microseconds=-1)
    assert (shop.till.post(path, body).status, shop.state(card)["state"]) == (201, "active")
    clock.at += timedelta(microseconds=1)
    answer = shop.till.post(path, body)
    assert (answer.status, answer.code, shop.state(card)["state"]) == (409, "card_expired", "expired")


@promise("F59")
def test_closing_a_card_voids_its_holds(shop: Shop) -> None:
    card = shop.gift(500)
    held = hold(shop, card)
    shop.manager.post(f"/cards/{card['id']}/deactivate", {"reason": "lost"}).ok()
    assert shop.till.get(f"/holds/{held['id']}")["status"] == "voided"
    assert available(shop, card) == 500


@promise("F7")
def test_replacing_moves_balance_rewards_and_open_holds(shop: Shop) -> None:
    card, stamps = shop.gift(500), shop.stamped(13)
    held = hold(shop, card)
    new = shop.manager.post(f"/cards/{card['id']}/replace", {"reason": "damaged"}).ok()
    assert (new["balance"], new["available"]) == (eur(500), eur(200))
    made = shop.till.post(f"/holds/{held['id']}/capture").ok()
    assert (made["card_id"], made["balance_after"]) == (new["id"], eur(200))
    full = shop.manager.post(f"/cards/{stamps['id']}/replace", {"reason": "damaged"}).ok()
    assert (full["balance"]["amount"], full["rewards"]) == (3, 1)
    emptied = shop.state(stamps)
    assert (emptied["balance"]["amount"], emptied["rewards"], emptied["state"]) == (0, 0, "deactivated")


@promise("M26", "F31")
@pytest.mark.parametrize("reason", "complimentary support correction migration chargeback other".split())
def test_an_adjustment_has_a_reason_from_a_list(shop: Shop, reason: str) -> None:
    body = {"card_id": shop.gift(500)["id"], "amount": eur(100), "reason": reason}
    more = shop.manager.post("/adjustments", {**body, "direction": "increase"})
    assert (more.status, more["type"], more["balance_after"]) == (201, "adjust", eur(600))
    less = shop.manager.post("/adjustments", {**body, "direction": "decrease"})
    assert (less["amount"], less["delta"]) == (eur(100), counted(-100, "EUR"))


@promise("M26", "F31", "F32", "F33")
@pytest.mark.parametrize("reason", ["", "because", None, "damaged!", 7])
def test_a_reason_from_no_list_is_a_wrong_field(shop: Shop, reason: Any) -> None:
    card = shop.gift(500)
    body = {"card_id": card["id"], "amount": eur(1), "direction": "increase", "reason": reason}
    assert shop.manager.post("/adjustments", body).fields == ["reason"]
    for verb in ("block", "unblock", "deactivate", "replace"):
        assert shop.manager.post(f"/cards/{card['id']}/{verb}", {"reason": reason}).fields == ["reason"]


@promise("F32")
@pytest.mark.parametrize("reason", "lost stolen fraud_suspected customer_request closed other".split())
def test_a_card_is_stopped_for_a_reason_from_a_list(shop: Shop, reason: str) -> None:
    path = f"/cards/{shop.card()['id']}"
    for verb in ("block", "unblock", "deactivate"):
        assert shop.manager.post(f"{path}/{verb}", {"reason": reason}).status == 200


@promise("F33")
@pytest.mark.parametrize(
    "reason, status", [("lost", 201), ("stolen", 201), ("damaged", 201), ("other", 201), ("closed", 422)]
)
def test_a_card_is_replaced_for_a_reason_from_a_list(shop: Shop, reason: str, status: int) -> None:
    assert shop.manager.post(f"/cards/{shop.card()['id']}/replace", {"reason": reason}).status == status
