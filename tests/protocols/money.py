"""One request for every endpoint that moves value, and more where one endpoint has several ways to go.

Each is a function that prepares a fresh merchant's cards and returns the path, the body, and the status the
answer must have. An endpoint that needs an Idempotency-Key and is missing here fails the sweep.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from passes.web.api_v1.blueprint import operations
from tests.fixtures.api import Shop, counted, eur

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What is sent, and the status of its answer. `is_one_commit` is False for what commits in parts."""

    path: str
    body: Json
    status: int = 201
    is_one_commit: bool = True


Prepare = Callable[[Shop], Request]
RECEIPT = "receipt 1"
EARLIER = "2026-03-02T08:00:00Z"


def _paid(shop: Shop) -> Json:
    card = shop.gift(1000)
    return shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(400)}).ok().json


def _held(shop: Shop) -> Json:
    card = shop.gift(1000)
    return shop.till.post("/holds", {"card_id": card["id"], "amount": eur(400)}).ok().json


def issue(shop: Shop) -> Request:
    return Request("/cards", {"program_id": shop.program("gift"), "amount": eur(500), "reference": RECEIPT})


def issue_to_a_new_member(shop: Shop) -> Request:
    return Request("/cards", {"program_id": shop.program("stamp"), "member": {"name": "Ada"}})


def replace(shop: Shop) -> Request:
    card = shop.gift(1000)
    shop.till.post("/holds", {"card_id": card["id"], "amount": eur(400)}).ok()
    return Request(f"/cards/{card['id']}/replace", {"reason": "lost"})


def stamp(shop: Shop) -> Request:
    return Request("/stamps", {"card_id": shop.stamped(8)["id"], "count": 4})


def collect(shop: Shop) -> Request:
    return Request("/stamps", {"card_id": shop.points(3)["id"], "purchase": eur(1234)})


def reverse_stamps(shop: Shop) -> Request:
    card = shop.stamped(8)
    sale = shop.till.post("/stamps", {"card_id": card["id"], "count": 4}).ok()
    return Request(f"/stamps/{sale['id']}/reverse", {})


def load(shop: Shop) -> Request:
    return Request("/loads", {"card_id": shop.gift(100)["id"], "amount": eur(400)})


def first_load(shop: Shop) -> Request:
    return Request("/loads", {"card_id": shop.card("gift")["id"], "amount": eur(400)})


def pay(shop: Shop) -> Request:
    body = {"card_id": shop.gift(1000)["id"], "amount": eur(400), "reference": RECEIPT}
    return Request("/redemptions", body)


def pay_too_much(shop: Shop) -> Request:
    return Request("/redemptions", {"card_id": shop.gift(100)["id"], "amount": eur(400)}, 402)


def take_a_reward(shop: Shop) -> Request:
    return Request("/redemptions", {"card_id": shop.stamped(12)["id"], "reward": True})


def buy_a_mug(shop: Shop) -> Request:
    return Request("/redemptions", {"card_id": shop.points(60)["id"], "reward_id": "mug"})


def use_a_coupon(shop: Shop) -> Request:
    return Request("/redemptions", {"card_id": shop.card("coupon")["id"], "order_total": eur(999)})


def refund(shop: Shop) -> Request:
    return Request(f"/redemptions/{_paid(shop)['id']}/refund", {"amount": eur(150)})


def hold(shop: Shop) -> Request:
    return Request("/holds", {"card_id": shop.gift(1000)["id"], "amount": eur(400)})


def capture(shop: Shop) -> Request:
    return Request(f"/holds/{_held(shop)['id']}/capture", {"amount": eur(300)})


def void(shop: Shop) -> Request:
    return Request(f"/holds/{_held(shop)['id']}/void", {}, 200)


def reverse_by_key(shop: Shop) -> Request:
    card = shop.gift(1000)
    shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(400)}, key="the payment").ok()
    return Request("/reversals", {"idempotency_key": "the payment"})


def reverse_the_unknown(shop: Shop) -> Request:
    return Request("/reversals", {"idempotency_key": "never sent"})


def reverse_by_receipt(shop: Shop) -> Request:
    for _ in range(2):
        body = {"card_id": shop.gift(1000)["id"], "amount": eur(400), "reference": RECEIPT}
        shop.till.post("/redemptions", body).ok()
    return Request("/reversals", {"reference": RECEIPT})


def adjust(shop: Shop) -> Request:
    body = {"card_id": shop.points(60)["id"], "direction": "decrease", "amount": counted(9, "POINT")}
    return Request("/adjustments", {**body, "reason": "support"})


def _basket(shop: Shop) -> Json:
    """An order that two gift cards, a reward and a coupon pay for."""
    lines: list[Json] = [{"card_id": shop.gift(700)["id"], "amount": eur(300)}]
    lines += [{"card_id": shop.gift(700)["id"]}, {"card_id": shop.card("coupon")["id"]}]
    return {"mode": "all", "order_total": eur(1000), "instruments": lines, "reference": RECEIPT}


def pay_a_basket(shop: Shop) -> Request:
    return Request("/baskets", _basket(shop))


def pay_what_there_is(shop: Shop) -> Request:
    body = _basket(shop)
    body["instruments"][0]["amount"] = eur(900)
    return Request("/baskets", {**body, "mode": "partial"})


def refund_a_basket(shop: Shop) -> Request:
    made = shop.till.post("/baskets", _basket(shop)).ok()
    return Request(f"/baskets/{made['id']}/refund", {})


def sync(shop: Shop) -> Request:
    """What a till did offline: each operation is a commit of its own."""
    bodies = [{"card_id": shop.gift(500)["id"], "amount": eur(amount)} for amount in (200, 900)]
    told = [
        {"call": "redemptions", "idempotency_key": f"offline {n}", "occurred_at": EARLIER, "body": body}
        for n, body in enumerate(bodies)
    ]
    return Request("/sync", {"operations": told}, 200, is_one_commit=False)


REQUESTS: dict[str, list[Prepare]] = {
    "issue_card": [issue, issue_to_a_new_member],
    "replace_card": [replace],
    "add_stamps": [stamp, collect],
    "reverse_stamps": [reverse_stamps],
    "load": [load, first_load],
    "redeem": [pay, pay_too_much, take_a_reward, buy_a_mug, use_a_coupon],
    "refund": [refund],
    "hold": [hold],
    "capture": [capture],
    "void": [void],
    "reverse": [reverse_by_key, reverse_the_unknown, reverse_by_receipt],
    "adjust": [adjust],
    "pay_basket": [pay_a_basket, pay_what_there_is],
    "refund_basket": [refund_a_basket],
    "sync": [sync],
}
"""By the name of the operation."""

ALL = [prepare for prepares in REQUESTS.values() for prepare in prepares]


def endpoints() -> set[str]:
    """The names of the operations that must not be sent without a key, or bring the keys of others.

    What a reader may ask for moves nothing, though a key may come with it.
    """
    keyed = {o.name for o in operations() if o.key == "required" or (o.in_parts and o.key != "none")}
    return keyed - {o.name for o in operations() if "read" in o.scopes}
