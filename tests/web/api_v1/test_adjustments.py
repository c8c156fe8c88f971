"""Adjustments: a manager puts right any kind of card, with a reason, within what is there."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from passes.audit.models import AuditEntry
from passes.clock import FixedClock
from tests.fixtures.api import Answer, Shop, counted, eur

Json = dict[str, Any]


def adjust(shop: Shop, card: Json, direction: str, amount: Json, **more: Any) -> Answer:
    body = {"card_id": card["id"], "direction": direction, "amount": amount, "reason": "correction"}
    return shop.manager.post("/adjustments", body | more)


@pytest.mark.parametrize(
    "kind, asset, before",
    [("gift", "EUR", 20), ("points", "POINT", 20), ("stamp", "STAMP", 7), ("coupon", "USE", 1)],
)
def test_every_kind_goes_up_and_down_by_what_is_said(shop: Shop, kind: str, asset: str, before: int) -> None:
    card = {
        "gift": lambda: shop.gift(20),
        "points": lambda: shop.points(20),
        "stamp": lambda: shop.stamped(7),
        "coupon": lambda: shop.card("coupon"),
    }[kind]()
    up = adjust(shop, card, "increase", counted(2, asset), reference="k1", note="Kulanz")
    assert (up.status, up["type"], up["amount"]) == (201, "adjust", counted(2, asset))
    assert (up["delta"], up["balance_after"]) == (counted(2, asset), counted(before + 2, asset))
    assert (up["reference"], up["note"]) == ("k1", "Kulanz")
    down = adjust(shop, card, "decrease", counted(before + 2, asset))
    assert (down["amount"], down["delta"]) == (counted(before + 2, asset), counted(-before - 2, asset))
    assert shop.balance(card) == 0
    assert shop.history(card)[:2] == [down.json, up.json]


def test_a_stamp_card_filled_by_an_adjustment_turns_rounds_into_rewards(shop: Shop) -> None:
    card = shop.stamped(7)
    answer = adjust(shop, card, "increase", counted(15, "STAMP"))
    assert (answer["rewards_after"], answer["balance_after"]) == (2, counted(2, "STAMP"))


def test_an_increase_pays_what_the_card_owes_first(shop: Shop) -> None:
    card = shop.card("points")
    sale = shop.till.post("/stamps", {"card_id": card["id"], "count": 50}).ok()
    shop.till.post("/redemptions", {"card_id": card["id"], "reward_id": "mug"}).ok()
    shop.till.post(f"/stamps/{sale['id']}/reverse").ok()
    answer = adjust(shop, card, "increase", counted(60, "POINT"))
    assert (answer["amount"], answer["delta"]) == (counted(60, "POINT"), counted(10, "POINT"))
    assert shop.state(card)["owed"] == counted(0, "POINT")


def test_a_decrease_stops_at_what_is_available(shop: Shop) -> None:
    card = shop.gift(1000)
    shop.till.post("/holds", {"card_id": card["id"], "amount": eur(400)}).ok()
    answer = adjust(shop, card, "decrease", eur(601))
    assert (answer.status, answer.code, answer["available"]) == (402, "insufficient_balance", eur(600))
    assert adjust(shop, card, "decrease", eur(600)).status == 201


def test_an_increase_stops_at_the_programs_highest_balance(shop: Shop) -> None:
    card = shop.gift(1000, maximum_balance=eur(1500))
    assert adjust(shop, card, "increase", eur(501))["limit"] == "maximum_balance"
    assert adjust(shop, card, "increase", eur(500)).status == 201


@pytest.mark.parametrize("asset", ["USD", "POINT", "REWARD"])
def test_an_adjustment_is_in_what_the_card_counts(shop: Shop, asset: str) -> None:
    answer = adjust(shop, shop.gift(1000), "increase", counted(1, asset))
    assert (answer.status, answer.code) == (422, "asset_mismatch")


@pytest.mark.parametrize(
    "reason", ["complimentary", "support", "correction", "migration", "chargeback", "other"]
)
def test_the_audit_log_says_who_adjusted_what_and_why(shop: Shop, reason: str) -> None:
    card = shop.gift(1000)
    entry = adjust(shop, card, "decrease", eur(1), reason=reason).ok()
    with shop.services.database.read() as uow:
        query = select(AuditEntry.details).where(
            AuditEntry.subject == card["id"], AuditEntry.action == "cards.adjust"
        )
        details = uow.conn.execute(query).scalar_one()
    assert details == {
        "transaction": entry["id"],
        "direction": "decrease",
        "amount": eur(1),
        "reason": reason,
    }


@pytest.mark.parametrize(
    "field, value", [("reason", "lost"), ("reason", None), ("direction", "set"), ("amount", eur(0))]
)
def test_an_unknown_reason_or_direction_is_refused(shop: Shop, field: str, value: Any) -> None:
    answer = shop.manager.post(
        "/adjustments",
        {
            "card_id": "card_1",
            "direction": "increase",
            "amount": eur(1),
            "reason": "other",
            field: value,
        },
    )
    assert answer.status == 422
    assert answer.fields[0].startswith(field)


def test_only_an_active_card_is_adjusted(shop: Shop, clock: FixedClock) -> None:
    assert adjust(shop, shop.card("gift"), "increase", eur(1))["state"] == "pending"
    for verb, state in (("block", "blocked"), ("deactivate", "deactivated")):
        card = shop.gift(1000)
        shop.manager.post(f"/cards/{card['id']}/{verb}", {"reason": "lost"}).ok()
        assert adjust(shop, card, "increase", eur(1))["state"] == state
    card = shop.gift(1000, expiry={"after_days": 1})
    clock.at += timedelta(days=2)
    assert adjust(shop, card, "decrease", eur(1)).code == "card_expired"


def test_the_same_key_adjusts_once(shop: Shop) -> None:
    card = shop.gift(1000)
    body = {"card_id": card["id"], "direction": "increase", "amount": eur(1), "reason": "other"}
    first, again = (shop.manager.post("/adjustments", body, key=f"adjust {card['id']}") for _ in range(2))
    assert (first.raw, again.is_replay, shop.balance(card)) == (again.raw, True, 1001)
