"""What a till did offline is judged by when it happened: points that had not run out then are spent."""

from datetime import timedelta
from typing import Any

from passes.clock import FixedClock
from tests.fixtures.api import Shop, counted
from tests.redemption.ending import end_of_day, expire

Json = dict[str, Any]
IN_TIME = "2026-03-07T20:00:00Z"


def tell(shop: Shop, card: Json) -> Json:
    body = {"card_id": card["id"], "amount": counted(40, "POINT")}
    told = {"call": "redemptions", "idempotency_key": card["id"], "occurred_at": IN_TIME, "body": body}
    (result,) = shop.till.post("/sync", {"operations": [told]}).ok()["results"]
    assert result["status"] == 201
    booked: Json = result["body"]
    return booked


def test_points_spent_in_time_are_spent_until_they_are_booked_as_gone(shop: Shop, clock: FixedClock) -> None:
    early, late = (shop.points(100, points_expire_after_days=5) for _ in range(2))
    clock.at = end_of_day(5) + timedelta(hours=3)
    assert tell(shop, early)["delta"] == counted(-40, "POINT")
    expire(shop)
    assert [entry["delta"]["amount"] for entry in shop.history(early)] == [-60, -40, 100]
    booked = tell(shop, late)
    assert (booked["delta"], booked["overspend"]) == (counted(0, "POINT"), counted(40, "POINT"))
    expire(shop)
