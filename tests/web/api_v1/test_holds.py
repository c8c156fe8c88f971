"""Holds: set aside at once, spendable by nobody else, ended once, and never beyond what is there."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from passes.cards import queries as cards
from passes.clock import FixedClock
from passes.db.engine import Database
from passes.redemption.holds import release_due
from tests.fixtures.api import Answer, Shop, counted, eur
from tests.fixtures.databases import START

Json = dict[str, Any]


def hold(shop: Shop, card: Json, cents: int = 400, **more: Any) -> Answer:
    return shop.till.post("/holds", {"card_id": card["id"], "amount": eur(cents), **more})


def capture(shop: Shop, held: Answer, cents: int | None = None, **more: Any) -> Answer:
    amount = {} if cents is None else {"amount": eur(cents)}
    return shop.till.post(f"/holds/{held['id']}/capture", {**amount, **more})


def void(shop: Shop, held: Answer) -> Answer:
    return shop.till.post(f"/holds/{held['id']}/void")


def worth(shop: Shop, card: Json) -> tuple[int, int]:
    now = shop.state(card)
    return now["balance"]["amount"], now["available"]["amount"]


def test_a_hold_lowers_what_is_available_and_not_the_balance(shop: Shop) -> None:
    card = shop.gift(1000)
    answer = hold(shop, card, reference="table 7", note="Terrasse")
    assert answer.status == 201
    assert answer.json == {
        "id": answer["id"],
        "card_id": card["id"],
        "status": "open",
        "amount": eur(400),
        "captured": eur(0),
        "expires_at": "2026-03-02T09:15:00Z",
        "reference": "table 7",
        "location_id": None,
        "note": "Terrasse",
        "created_at": "2026-03-02T09:00:00Z",
    }
    assert answer["id"].startswith("hold_")
    assert worth(shop, card) == (1000, 600)


def test_what_is_held_cannot_be_spent_or_held_again(shop: Shop) -> None:
    card = shop.gift(1000)
    hold(shop, card, 400).ok()
    refusals = [hold(shop, card, 601)]
    refusals += [shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(601)})]
    assert [(r.status, r.code, r["available"]) for r in refusals] == [
        (402, "insufficient_balance", eur(600))
    ] * 2
    body = {"card_id": card["id"], "amount": eur(900), "allow_partial": True}
    taken = shop.till.post("/redemptions", body).ok()
    assert (taken["amount"], taken["remaining_due"]) == (eur(600), eur(300))
    assert worth(shop, card) == (400, 0)


def test_held_points_buy_no_reward_and_are_owed_rather_than_taken_back(shop: Shop) -> None:
    card = shop.card("points")
    sale = shop.till.post("/stamps", {"card_id": card["id"], "count": 60}).ok()
    held = shop.till.post("/holds", {"card_id": card["id"], "amount": counted(20, "POINT")}).ok()
    reward = shop.till.post("/redemptions", {"card_id": card["id"], "reward_id": "mug"})
    assert (reward.code, reward["available"]) == ("insufficient_balance", counted(40, "POINT"))
    shop.till.post(f"/stamps/{sale['id']}/reverse").ok()
    assert worth(shop, card) == (20, 0)
    assert shop.state(card)["owed"] == counted(20, "POINT")
    assert shop.till.post(f"/holds/{held['id']}/capture").status == 201
    assert worth(shop, card) == (0, 0)


@pytest.mark.parametrize("part", [None, 400, 150, 1])
def test_a_capture_takes_all_or_part_and_frees_the_rest(shop: Shop, part: int | None) -> None:
    card, taken = shop.gift(1000), part or 400
    held = hold(shop, card)
    answer = capture(shop, held, part, reference="4715")
    assert (answer.status, answer["type"], answer["reference"]) == (201, "capture", "4715")
    assert (answer["amount"], answer["delta"]) == (eur(taken), eur(-taken))
    assert answer["balance_after"] == eur(1000 - taken)
    assert (answer["hold"]["status"], answer["hold"]["captured"]) == ("captured", eur(taken))
    assert shop.till.get(f"/holds/{held['id']}").json == answer["hold"]
    assert worth(shop, card) == (1000 - taken, 1000 - taken)
    assert shop.history(card)[0] == {k: v for k, v in answer.json.items() if k != "hold"}


def test_more_than_is_held_cannot_be_captured(shop: Shop) -> None:
    card = shop.gift(1000)
    held = hold(shop, card)
    answer = capture(shop, held, 401)
    assert (answer.status, answer.code) == (409, "capture_exceeds_hold")
    assert worth(shop, card) == (1000, 600)
    assert capture(shop, held).status == 201


def test_a_void_frees_everything(shop: Shop) -> None:
    card = shop.gift(1000)
    held = hold(shop, card)
    answer = void(shop, held)
    assert (answer.status, answer["status"], answer["captured"]) == (200, "voided", eur(0))
    assert shop.reader.get(f"/holds/{held['id']}").json == answer.json
    assert worth(shop, card) == (1000, 1000)
    assert [entry["type"] for entry in shop.history(card)] == ["issue"]


@pytest.mark.parametrize("end, status", [(capture, "captured"), (void, "voided")])
def test_a_hold_ends_once(shop: Shop, end: Any, status: str) -> None:
    card = shop.gift(1000)
    held = hold(shop, card)
    end(shop, held).ok()
    before = worth(shop, card)
    for again in (capture(shop, held), capture(shop, held, 1), void(shop, held)):
        assert (again.status, again.code, again["hold_status"]) == (409, "hold_not_open", status)
    assert worth(shop, card) == before


def test_a_hold_lasts_until_just_before_it_expires(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000)
    held = hold(shop, card, expires_in_s=60)
    clock.at = START + timedelta(seconds=60, microseconds=-1)
    assert worth(shop, card) == (1000, 600)
    assert shop.till.get(f"/holds/{held['id']}")["status"] == "open"
    clock.at = START + timedelta(seconds=60)
    assert worth(shop, card) == (1000, 1000)
    assert shop.till.get(f"/holds/{held['id']}")["status"] == "expired"
    for late in (capture(shop, held), void(shop, held)):
        assert (late.status, late.code, late["hold_status"]) == (409, "hold_not_open", "expired")
    assert shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(1000)}).status == 201


def test_the_scheduler_releases_what_ran_out(shop: Shop, clock: FixedClock, database: Database) -> None:
    card = shop.gift(1000)
    hold(shop, card, 400, expires_in_s=60).ok()
    kept = hold(shop, card, 100, expires_in_s=61)
    clock.at = START + timedelta(seconds=60)
    assert release_due(database, lambda: True) == 1
    assert release_due(database, lambda: True) == 0
    clock.at = START
    assert worth(shop, card) == (1000, 900)
    assert capture(shop, kept).status == 201


@pytest.mark.parametrize("seconds", [1, 2_592_000])
def test_a_hold_lasts_from_a_second_to_thirty_days(shop: Shop, seconds: int) -> None:
    answer = hold(shop, shop.gift(1000), expires_in_s=seconds).ok()
    assert answer["expires_at"] == (START + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("seconds", [0, -1, 2_592_001, 1.5, "60", True, None])
def test_another_length_is_refused(shop: Shop, seconds: Any) -> None:
    answer = hold(shop, shop.gift(1000), expires_in_s=seconds)
    assert (answer.status, answer.fields) == (422, ["expires_in_s"])


@pytest.mark.parametrize("kind", ["stamp", "coupon"])
def test_only_gift_and_points_cards_can_be_held(shop: Shop, kind: str) -> None:
    answer = hold(shop, shop.card(kind))
    assert (answer.status, answer.code) == (422, "wrong_kind")


def test_a_hold_and_its_capture_are_in_the_cards_own_asset(shop: Shop) -> None:
    card = shop.gift(1000)
    held = hold(shop, card)
    dollars = {"amount": {"amount": 1, "asset": "USD"}}
    for path, body in (
        ("/holds", {"card_id": card["id"], **dollars}),
        (f"/holds/{held['id']}/capture", dollars),
    ):
        assert shop.till.post(path, body).code == "asset_mismatch"


def test_a_card_that_is_not_active_cannot_be_held(shop: Shop, clock: FixedClock) -> None:
    assert hold(shop, shop.card("gift"))["state"] == "pending"
    card = shop.gift(1000)
    shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"}).ok()
    assert hold(shop, card)["state"] == "blocked"
    old = shop.gift(1000, expiry={"after_days": 1})
    clock.at += timedelta(days=2)
    assert hold(shop, old).code == "card_expired"


@pytest.mark.parametrize("end", [capture, void])
@pytest.mark.parametrize("state", ["blocked", "expired"])
def test_blocked_and_expired_cards_still_take_captures_and_voids(
    shop: Shop, clock: FixedClock, end: Any, state: str
) -> None:
    card = shop.gift(1000, expiry={"after_days": 1})
    held = hold(shop, card, expires_in_s=300_000)
    if state == "blocked":
        shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"}).ok()
    else:
        clock.at += timedelta(days=2)
    assert shop.state(card)["state"] == state
    end(shop, held).ok()


def test_deactivating_a_card_voids_its_holds(shop: Shop) -> None:
    card = shop.gift(1000)
    held = hold(shop, card)
    shop.manager.post(f"/cards/{card['id']}/deactivate", {"reason": "closed"}).ok()
    assert shop.till.get(f"/holds/{held['id']}")["status"] == "voided"
    assert worth(shop, card) == (1000, 1000)
    for late in (capture(shop, held), void(shop, held)):
        assert (late.status, late.code, late["state"]) == (409, "card_not_active", "deactivated")


def last_purchase(shop: Shop, card: Json) -> datetime | None:
    with shop.services.database.read() as uow:
        return cards.get(uow, shop.id, card["id"]).last_purchase_at


def test_a_capture_can_be_refunded_in_parts_and_is_a_purchase_until_then(shop: Shop) -> None:
    card = shop.gift(1000)
    held = hold(shop, card)
    assert last_purchase(shop, card) is None
    taken = capture(shop, held, 300)
    assert last_purchase(shop, card) == START
    for cents in (100, 200):
        answer = shop.till.post(f"/redemptions/{taken['id']}/refund", {"amount": eur(cents)})
        assert (answer.status, answer["type"]) == (201, "refund")
    refused = shop.till.post(f"/redemptions/{taken['id']}/refund")
    assert (refused.code, refused["refundable"]) == ("refund_exceeds_redemption", eur(0))
    assert worth(shop, card) == (1000, 1000)
    assert last_purchase(shop, card) is None


def test_the_same_key_holds_captures_and_voids_once(shop: Shop) -> None:
    card = shop.gift(1000)
    body = {"card_id": card["id"], "amount": eur(100)}
    first, again = (shop.till.post("/holds", body, key=f"hold {card['id']}") for _ in range(2))
    assert (first.raw, again.is_replay) == (again.raw, True)
    path = f"/holds/{first['id']}/capture"
    first, again = (shop.till.post(path, {}, key=f"capture {card['id']}") for _ in range(2))
    assert (first.raw, again.is_replay) == (again.raw, True)
    assert worth(shop, card) == (900, 900)
