"""What a till sold offline counts as of when it was, and what no card held of it is booked and said."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from passes.audit.models import AuditEntry
from passes.cards import queries as cards
from passes.clock import FixedClock, format_rfc3339
from tests.fixtures.api import Shop, counted, eur
from tests.fixtures.databases import START
from tests.web.api_v1.offline import EARLIER, assert_books_are_sound, lost, spent, sync, told

Json = dict[str, Any]


@pytest.mark.parametrize("allow_partial", [False, True])
def test_what_exceeds_the_balance_is_booked_as_the_merchants_loss_and_said(
    shop: Shop, allow_partial: bool
) -> None:
    card = shop.gift(300)
    body = {"card_id": card["id"], "amount": eur(1000), "allow_partial": allow_partial}
    (result,) = sync(shop.till, told("/redemptions", body))
    booked = result["body"]
    assert result["status"] == 201
    assert (booked["amount"], booked["delta"]) == (eur(300), eur(-300))
    assert (booked["overspend"], booked["balance_after"], booked["remaining_due"]) == (eur(700), eur(0), None)
    assert lost(shop, card) == 700
    assert shop.history(card)[0] == booked
    assert_books_are_sound(shop)


def test_an_empty_card_loses_nothing_and_the_merchant_everything(shop: Shop) -> None:
    card = shop.gift(300)
    _, second = sync(shop.till, spent(card, 300), spent(card, 250))
    assert (second["status"], second["body"]["amount"], second["body"]["delta"]) == (201, eur(0), eur(0))
    assert (second["body"]["overspend"], lost(shop, card)) == (eur(250), 250)
    assert_books_are_sound(shop)


def test_what_is_held_for_somebody_else_is_not_there_for_an_offline_sale(shop: Shop) -> None:
    card = shop.gift(1000)
    held = shop.till.post("/holds", {"card_id": card["id"], "amount": eur(800)}).ok()
    (result,) = sync(shop.till, spent(card, 500))
    assert (result["body"]["amount"], result["body"]["overspend"]) == (eur(200), eur(300))
    assert shop.till.post(f"/holds/{held['id']}/capture").status == 201
    assert_books_are_sound(shop)


def test_an_overspent_redemption_gives_back_at_most_what_the_card_lost(shop: Shop) -> None:
    card = shop.gift(300)
    (result,) = sync(shop.till, spent(card, 1000))
    path = f"/redemptions/{result['body']['id']}/refund"
    refused = shop.till.post(path, {"amount": eur(301)})
    assert (refused.code, refused["refundable"]) == ("refund_exceeds_redemption", eur(300))
    assert shop.till.post(path).ok()["amount"] == eur(300)
    assert shop.balance(card) == 300
    assert_books_are_sound(shop)


def test_points_and_their_rewards_overspend_too(shop: Shop) -> None:
    card = shop.points(60)
    mug = {"card_id": card["id"], "reward_id": "mug"}
    first, second, third = sync(
        shop.till,
        told("/redemptions", mug),
        told("/redemptions", mug),
        told("/redemptions", {"card_id": card["id"], "amount": counted(7, "POINT")}),
    )
    assert "overspend" not in first["body"]
    assert second["body"]["amount"] == counted(10, "POINT")
    assert second["body"]["overspend"] == counted(40, "POINT")
    assert third["body"]["overspend"] == counted(7, "POINT")
    assert lost(shop, card) == 47
    assert_books_are_sound(shop)


def test_a_coupon_or_a_reward_shown_twice_is_refused_the_second_time(shop: Shop) -> None:
    coupon, full = shop.card("coupon"), shop.stamped(10)
    use = {"card_id": coupon["id"], "order_total": eur(1000)}
    take = {"card_id": full["id"], "reward": True}
    results = sync(shop.till, *(told("/redemptions", body) for body in (use, use, take, take)))
    said = [(r["status"], r["body"].get("code")) for r in results]
    assert said == [(201, None), (409, "already_redeemed"), (201, None), (409, "no_reward_available")]
    assert_books_are_sound(shop)


def test_overspend_is_in_the_audit_log(shop: Shop) -> None:
    card = shop.gift(300)
    (result,) = sync(shop.till, spent(card, 1000))
    with shop.services.database.read() as uow:
        wanted = select(AuditEntry.details).where(
            AuditEntry.action == "offline.overspend", AuditEntry.subject == card["id"]
        )
        assert uow.conn.execute(wanted).scalars().all() == [
            {"transaction": result["body"]["id"], "overspend": eur(700), "location_id": None}
        ]


def test_expiry_is_judged_at_the_moment_of_the_sale(shop: Shop, clock: FixedClock) -> None:
    ends = START + timedelta(hours=1)
    card = shop.card("gift", amount=eur(1000), expires_at=format_rfc3339(ends))
    clock.at = ends + timedelta(hours=5)
    before, after = sync(
        shop.till, spent(card, 100, at=ends - timedelta(seconds=1)), spent(card, 100, at=ends)
    )
    assert (before["status"], before["body"]["amount"]) == (201, eur(100))
    assert (after["status"], after["body"]["code"]) == (409, "card_expired")


def test_an_offer_is_good_when_the_customer_took_it_up(shop: Shop, clock: FixedClock) -> None:
    coupon = shop.card("coupon", rules={"uses": 2, "valid_until": "2026-03-02T12:00:00Z"})
    clock.at = START + timedelta(days=1)
    body = {"card_id": coupon["id"], "order_total": eur(1000)}
    in_time, late = sync(
        shop.till,
        told("/redemptions", body, at=datetime.fromisoformat("2026-03-02T11:59:59Z")),
        told("/redemptions", body, at=datetime.fromisoformat("2026-03-02T12:00:00Z")),
    )
    assert in_time["status"] == 201
    assert (late["body"]["code"], late["body"]["reason"]) == ("offer_not_applicable", "no_longer_valid")


def test_a_days_stamps_are_counted_on_the_day_they_were_earned(shop: Shop, clock: FixedClock) -> None:
    """The shop is in Berlin, where 2 March ends at 23:00 UTC."""
    card = shop.card("stamp", rules={"max_stamps_per_day": 2})
    clock.at = START + timedelta(days=2)
    late = datetime.fromisoformat("2026-03-02T22:59:59Z")

    def stamp(at: datetime) -> Json:
        return told("/stamps", {"card_id": card["id"], "count": 1}, at=at)

    results = sync(shop.till, stamp(late), stamp(late), stamp(late), stamp(late + timedelta(seconds=1)))
    assert [r["status"] for r in results] == [201, 201, 409, 201]
    assert results[2]["body"]["limit"] == "max_stamps_per_day"
    today = [shop.till.post("/stamps", {"card_id": card["id"], "count": 1}).status for _ in range(3)]
    assert today == [201, 201, 409]


def test_seven_days_back_and_not_a_moment_from_now(shop: Shop) -> None:
    card = shop.gift(1000)
    key = str(uuid4())
    week = timedelta(days=7)
    results = sync(
        shop.till,
        spent(card, 1, at=START - week),
        spent(card, 1, at=START - week - timedelta(microseconds=1), key=key),
        spent(card, 1, at=START),
        spent(card, 1, at=START + timedelta(seconds=1)),
    )
    assert [r["status"] for r in results] == [201, 422, 201, 422]
    assert {e["field"] for r in results for e in r["body"].get("errors", [])} == {"occurred_at"}
    assert shop.balance(card) == 998
    assert sync(shop.till, spent(card, 1, key=key))[0]["status"] == 201, "it was not remembered"


def test_what_was_booked_in_time_keeps_its_answer_however_late_it_is_told_again(
    shop: Shop, clock: FixedClock
) -> None:
    card = shop.gift(1000)
    operation = spent(card, 100)
    first = sync(shop.till, operation)
    clock.at = START + timedelta(days=30)
    assert sync(shop.till, operation) == first


def test_the_state_of_a_card_is_judged_now(shop: Shop) -> None:
    card = shop.gift(1000)
    shop.manager.post(f"/cards/{card['id']}/block", {"reason": "stolen"}).ok()
    (result,) = sync(shop.till, spent(card, 100))
    assert (result["status"], result["body"]["code"], result["body"]["state"]) == (
        409,
        "card_not_active",
        "blocked",
    )


def test_the_last_purchase_is_when_it_was_and_never_earlier_than_known(shop: Shop) -> None:
    def last(card: Json) -> datetime | None:
        with shop.services.database.read() as uow:
            return cards.get(uow, shop.id, card["id"]).last_purchase_at

    card = shop.gift(1000)
    paid, _ = sync(shop.till, spent(card, 100, at=EARLIER), spent(card, 100, at=EARLIER - timedelta(hours=1)))
    assert last(card) == EARLIER
    shop.till.post(f"/redemptions/{paid['body']['id']}/refund").ok()
    assert last(card) == EARLIER - timedelta(hours=1)


def test_a_basket_of_an_offline_till_is_paid_by_the_merchant_where_no_card_held_it(shop: Shop) -> None:
    poor, rich = shop.gift(300), shop.gift(10_000, maximum_balance=eur(20_000))
    lines = [{"card_id": poor["id"], "amount": eur(500)}, {"card_id": rich["id"]}]
    body = {"mode": "all", "order_total": eur(2000), "instruments": lines}
    (result,) = sync(shop.till, told("/baskets", body))
    basket = result["body"]
    assert result["status"] == 201
    assert [line["transaction"]["amount"] for line in basket["results"]] == [eur(300), eur(1500)]
    assert basket["results"][0]["transaction"]["overspend"] == eur(200)
    assert (basket["paid"], basket["remaining_due"]) == (eur(2000), eur(0))
    assert (shop.balance(poor), shop.balance(rich), lost(shop, poor), lost(shop, rich)) == (0, 8500, 200, 0)
    assert_books_are_sound(shop)
