"""What tests of value that runs out do again and again: let time pass, and book what has ended."""

from datetime import datetime, timedelta
from typing import Any

from passes.clock import FixedClock
from passes.ledger.verify import verify
from passes.redemption.expiry import ExpiryReport, run_due
from tests.fixtures.api import Answer, Shop
from tests.fixtures.databases import START

Json = dict[str, Any]


def expire(shop: Shop, **options: Any) -> ExpiryReport:
    report = run_due(shop.services.database, **options)
    assert report.failed == 0
    with shop.services.database.read() as uow:
        assert verify(uow).faults == []
    return report


def spend(shop: Shop, card: Json, amount: Json, **more: Any) -> Answer:
    return shop.till.post("/redemptions", {"card_id": card["id"], "amount": amount, **more})


def earn(shop: Shop, card: Json, count: int) -> Json:
    made: Json = shop.till.post("/stamps", {"card_id": card["id"], "count": count}).ok().json
    return made


def revive(shop: Shop, card: Json, amount: Json, **more: Any) -> Answer:
    body = {"card_id": card["id"], "direction": "increase", "amount": amount, "reason": "complimentary"}
    return shop.manager.post("/adjustments", body | more)


def days_later(clock: FixedClock, days: int) -> None:
    clock.at += timedelta(days=days)


def ended(shop: Shop, clock: FixedClock, cents: int = 1000) -> Json:
    card = shop.gift(cents, expiry={"after_days": 10})
    days_later(clock, 10)
    return card


def end_of_day(days: int) -> datetime:
    """The end in Berlin of the day so many days after the tests' first, which all lie in winter time."""
    return START.replace(hour=23) + timedelta(days=days)
