"""`/sync`: what a till did offline is booked once, in order, as of when it was, and nothing is hidden."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from passes.audit.models import AuditEntry
from passes.cards import queries as cards
from passes.clock import FixedClock, format_rfc3339
from passes.errors import Busy
from passes.ledger.models import Posting
from passes.ledger.verify import verify
from passes.redemption import service
from tests.fixtures.api import Answer, Client, Shop, counted, eur
from tests.fixtures.databases import START

Json = dict[str, Any]
EARLIER = START - timedelta(hours=1)


def told(call: str, body: Json | None = None, *, at: datetime = EARLIER, key: str | None = None) -> Json:
    """One operation of a till."""
    operation = {"call": call, "idempotency_key": key or str(uuid4()), "occurred_at": format_rfc3339(at)}
    return operation if body is None else {**operation, "body": body}


def spent(card: Json, cents: int, **more: Any) -> Json:
    return told("/redemptions", {"card_id": card["id"], "amount": eur(cents)}, **more)


def sync(till: Client, *operations: Json, key: str | None = None) -> list[Json]:
    """Tell of them; returns the results."""
    results: list[Json] = till.post("/sync", {"operations": list(operations)}, key=key).ok()["results"]
    assert [r["idempotency_key"] for r in results] == [o["idempotency_key"] for o in operations]
    return results


def lost(shop: Shop, card: Json) -> int:
    """What is booked against the offline-loss account of the card's program."""
    account = f"{card['program_id']}.offline_loss.{card['balance']['asset']}"
    with shop.services.database.read() as uow:
        return sum(uow.conn.execute(select(Posting.amount).where(Posting.source == account)).scalars())


def assert_books_are_sound(shop: Shop) -> None:
    with shop.services.database.read() as uow:
        assert verify(uow).faults == []


def test_each_operation_is_booked_in_its_order_and_answered_as_its_call_would(shop: Shop) -> None:
    gift, stamps = shop.gift(1000), shop.card("stamp")
    load = told("loads", {"card_id": gift["id"], "amount": eur(500)})
    results = sync(
        shop.till,
        told("/stamps", {"card_id": stamps["id"], "count": 3}),
        spent(gift, 900),
        load,
        spent(gift, 600),
    )
    assert [r["status"] for r in results] == [201] * 4
    assert [r["body"]["balance_after"]["amount"] for r in results] == [3, 100, 600, 0]
    assert results[1]["body"]["occurred_at"] == format_rfc3339(EARLIER)
    assert "overspend" not in results[1]["body"]
    assert [entry["type"] for entry in shop.history(gift)] == ["redeem", "load", "redeem", "issue"]
    assert_books_are_sound(shop)


def test_what_a_till_sent_and_lost_the_answer_of_may_be_told_again(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    body = {"card_id": card["id"], "amount": eur(400)}
    first = shop.till.post("/redemptions", body, key=key).ok()
    (again,) = sync(shop.till, told("/redemptions", body, key=key))
    assert (again["status"], again["body"]) == (201, first.json)
    online = shop.till.post("/redemptions", body, key=key)
    assert (online.raw, online.is_replay) == (first.raw, True)
    assert shop.balance(card) == 600


def test_telling_everything_twice_books_it_once(shop: Shop) -> None:
    card = shop.gift(1000)
    operations = [spent(card, 700), spent(card, 700), told("/nonsense", {})]
    first = sync(shop.till, *operations)
    assert sync(shop.till, *operations) == first
    assert sync(shop.till, *reversed(operations)) == list(reversed(first))
    assert (shop.balance(card), lost(shop, card)) == (0, 400)


def test_a_key_names_one_request_in_a_batch_too(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    first, twin, other = sync(
        shop.till, spent(card, 100, key=key), spent(card, 100, key=key), spent(card, 200, key=key)
    )
    assert twin == first
    assert (other["status"], other["body"]["code"]) == (422, "idempotency_key_reused")
    assert shop.balance(card) == 900


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
            {"transaction": result["body"]["id"], "overspend": eur(700)}
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


def test_unknown_calls_are_not_found_in_their_own_result(shop: Shop) -> None:
    card = shop.gift(1000)
    calls = ("/sync", "/cards/lookup", "/programs", "/", "/redemptions/", "/redemptions/x/y", "/api/v1/loads")
    results = sync(shop.till, *(told(call, {}) for call in calls), spent(card, 100))
    assert [r["status"] for r in results] == [404] * len(calls) + [201]
    assert {r["body"]["code"] for r in results[:-1]} == {"not_found"}


def test_every_call_that_needs_a_key_can_be_told_later(shop: Shop) -> None:
    gift, stamps = shop.gift(5000), shop.card("stamp")
    pay = shop.till.post("/redemptions", {"card_id": gift["id"], "amount": eur(1000)}).ok()["id"]
    sale = shop.till.post("/stamps", {"card_id": stamps["id"], "count": 4}).ok()["id"]
    held = [
        shop.till.post("/holds", {"card_id": gift["id"], "amount": eur(500)}).ok()["id"] for _ in range(2)
    ]
    results = sync(
        shop.everything,
        told(f"/redemptions/{pay}/refund", {"amount": eur(400)}),
        told(f"/stamps/{sale}/reverse"),
        told(f"/holds/{held[0]}/capture", {"amount": eur(200)}),
        told(f"/holds/{held[1]}/void"),
        told("/holds", {"card_id": gift["id"], "amount": eur(100)}),
        told("/cards", {"program_id": gift["program_id"], "amount": eur(100)}),
        told("/reversals", {"idempotency_key": "never sent"}),
        told(
            "/adjustments",
            {
                "card_id": gift["id"],
                "direction": "increase",
                "amount": eur(100),
                "reason": "support",
            },
        ),
        told(f"/cards/{stamps['id']}/replace", {"reason": "lost"}),
    )
    assert [r["status"] for r in results] == [201, 201, 201, 200, 201, 201, 201, 201, 201]
    assert_books_are_sound(shop)


def test_what_the_key_may_not_do_is_refused_in_its_own_result(shop: Shop) -> None:
    card, other = shop.gift(1000), shop.location("Anderswo")
    body = {"card_id": card["id"], "direction": "increase", "amount": eur(1), "reason": "support"}
    bound = shop.client("till", location_id=shop.location("Hier"))
    elsewhere = told("/redemptions", {"card_id": card["id"], "amount": eur(1), "location_id": other})
    results = sync(bound, told("/adjustments", body), elsewhere, spent(card, 100))
    assert [(r["status"], r["body"].get("code")) for r in results] == [
        (403, "scope_missing"),
        (403, "location_not_allowed"),
        (201, None),
    ]


def test_the_whole_is_refused_to_nobody_and_to_a_key_that_is_no_tills(shop: Shop) -> None:
    body = {"operations": [spent(shop.gift(1000), 100)]}
    assert Client(shop.app, None).post("/sync", body).status == 401
    assert shop.manager.post("/sync", body).code == "scope_missing"


def test_a_body_that_is_wrong_in_itself_is_so_in_its_own_result(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    wrong = told("/redemptions", {"card_id": card["id"], "amount": {"amount": 1.5, "asset": "EUR"}}, key=key)
    result, good = sync(shop.till, wrong, spent(card, 100))
    assert (result["status"], result["body"]["errors"][0]["field"], good["status"]) == (
        422,
        "amount.amount",
        201,
    )
    assert sync(shop.till, spent(card, 100, key=key))[0]["status"] == 201, "it was not remembered"


@pytest.mark.parametrize(
    "change, field",
    [
        ({"occurred_at": "yesterday"}, "operations.0.occurred_at"),
        ({"idempotency_key": ""}, "operations.0.idempotency_key"),
        ({"idempotency_key": "k" * 256}, "operations.0.idempotency_key"),
        ({"idempotency_key": "schön"}, "operations.0.idempotency_key"),
        ({"call": "/redemp\0tions"}, "operations.0.call"),
        ({"body": []}, "operations.0.body"),
        ({"surprise": 1}, "operations.0.surprise"),
    ],
)
def test_an_operation_that_is_none_refuses_the_whole(shop: Shop, change: Json, field: str) -> None:
    card = shop.gift(1000)
    wrong = {**spent(card, 100), **change}
    refused = shop.till.post("/sync", {"operations": [wrong, spent(card, 100)]}, key=None)
    assert (refused.status, refused.fields) == (422, [field])
    assert shop.balance(card) == 1000


def test_five_hundred_at_once_and_not_one_more(shop: Shop) -> None:
    card = shop.gift(100_000)
    assert {r["status"] for r in sync(shop.till, *(spent(card, 1) for _ in range(500)))} == {201}
    refused = shop.till.post("/sync", {"operations": [spent(card, 1) for _ in range(501)]}, key=None)
    assert (refused.status, refused.fields) == (422, ["operations"])
    assert shop.balance(card) == 99_500
    assert sync(shop.till) == []


def test_a_key_for_the_whole_is_not_needed_and_replays_when_given(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    body = {"operations": [spent(card, 400)]}
    first = shop.till.post("/sync", body, key=key).ok()
    again = shop.till.post("/sync", body, key=key)
    assert (again.status, again.raw, again.is_replay, first.is_replay) == (200, first.raw, True, False)
    other: Answer = shop.till.post("/sync", {"operations": [spent(card, 1)]}, key=key)
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert shop.balance(card) == 600


def test_the_whole_and_an_operation_cannot_share_a_key(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    refused = shop.till.post("/sync", {"operations": [spent(card, 1), spent(card, 1, key=key)]}, key=key)
    assert (refused.status, refused.fields) == (422, ["operations.1.idempotency_key"])
    assert shop.balance(card) == 1000


def test_what_cannot_be_done_now_stops_the_rest_and_is_never_remembered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, key = shop.gift(1000), str(uuid4())
    operations = [
        spent(card, 100),
        told("/loads", {"card_id": card["id"], "amount": eur(50)}),
        spent(card, 1),
    ]

    def busy(*_: Any) -> None:
        raise Busy("The database is restarting.")

    with monkeypatch.context() as restarting:
        restarting.setattr(service, "load", busy)
        results = sync(shop.till, *operations, key=key)
    assert [r["status"] for r in results] == [201, 503, 503]
    assert shop.balance(card) == 900
    results = sync(shop.till, *operations, key=key)
    assert [r["status"] for r in results] == [201, 201, 201]
    assert shop.balance(card) == 949


def test_a_reversed_key_is_refused_when_it_is_told_later(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    shop.till.post("/reversals", {"idempotency_key": key}).ok()
    (result,) = sync(shop.till, spent(card, 100, key=key))
    assert (result["status"], result["body"]["code"]) == (409, "reversed")
    assert shop.balance(card) == 1000


def test_the_last_purchase_is_when_it_was_and_never_earlier_than_known(shop: Shop) -> None:
    def last(card: Json) -> datetime | None:
        with shop.services.database.read() as uow:
            return cards.get(uow, shop.id, card["id"]).last_purchase_at

    card = shop.gift(1000)
    paid, _ = sync(shop.till, spent(card, 100, at=EARLIER), spent(card, 100, at=EARLIER - timedelta(hours=1)))
    assert last(card) == EARLIER
    shop.till.post(f"/redemptions/{paid['body']['id']}/refund").ok()
    assert last(card) == EARLIER - timedelta(hours=1)
