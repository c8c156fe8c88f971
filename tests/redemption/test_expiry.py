"""Cards at their end: what was on them is booked, they live again, and say beforehand what will run out."""

from datetime import timedelta

import pytest

from passes.cards import faces
from passes.clock import FixedClock, parse_rfc3339
from tests.fixtures.api import BASE_URL, Shop, counted, eur
from tests.redemption.ending import days_later, earn, end_of_day, ended, expire, revive, spend

MANY_YEARS = timedelta(days=365 * 12)

# --- cards ---------------------------------------------------------------------------------------------


def test_what_is_on_a_card_at_its_end_is_booked_as_expired(shop: Shop, clock: FixedClock) -> None:
    card = ended(shop, clock)
    assert (shop.state(card)["state"], shop.balance(card)) == ("expired", 1000)
    report = expire(shop)
    assert (report.cards, report.emptied, report.ended) == (1, 1, 1)
    booked = shop.history(card)[0]
    assert (booked["type"], booked["amount"], booked["delta"]) == ("expire", eur(1000), eur(-1000))
    assert (booked["balance_after"], booked["created_at"]) == (eur(0), "2026-03-12T09:00:00Z")
    now = shop.state(card)
    assert (now["state"], now["balance"], now["version"]) == ("expired", eur(0), card["version"] + 1)


def test_a_card_ends_once_and_not_before_its_time(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, expiry={"after_days": 10})
    clock.at = parse_rfc3339(card["expires_at"]) - timedelta(microseconds=1)
    assert expire(shop).cards == 0
    assert spend(shop, card, eur(1)).status == 201
    clock.at += timedelta(microseconds=1)
    assert spend(shop, card, eur(1)).code == "card_expired"
    assert [expire(shop).cards for _ in range(2)] == [1, 0]
    assert [entry["type"] for entry in shop.history(card)] == ["expire", "redeem", "issue"]


@pytest.mark.parametrize("kind", ["stamp", "gift", "coupon", "points"])
def test_every_kind_ends_with_its_card(shop: Shop, clock: FixedClock, kind: str) -> None:
    amount = {"amount": eur(500)} if kind == "gift" else {}
    card = shop.card(kind, expires_at="2026-04-01T00:00:00Z", **amount)
    if kind in ("stamp", "points"):
        earn(shop, card, 7)
    before = shop.balance(card)
    days_later(clock, 60)
    expire(shop)
    assert before > 0
    assert (shop.balance(card), shop.history(card)[0]["amount"]["amount"]) == (0, before)


def test_rewards_that_wait_on_a_card_end_with_it(shop: Shop, clock: FixedClock) -> None:
    card = shop.card(expires_at="2026-04-01T00:00:00Z")
    earn(shop, card, 20)
    days_later(clock, 60)
    expire(shop)
    booked = shop.history(card)[0]
    assert (booked["type"], booked["amount"], booked["rewards_after"]) == ("expire", counted(0, "STAMP"), 0)
    assert shop.state(card)["rewards"] == 0


def test_an_empty_card_changes_its_state_and_no_book(shop: Shop, clock: FixedClock) -> None:
    card = shop.card(expires_at="2026-04-01T00:00:00Z")
    days_later(clock, 60)
    assert expire(shop).emptied == 0
    now = shop.state(card)
    assert (now["state"], now["version"], shop.history(card)) == ("expired", card["version"] + 1, [])


def test_a_closed_card_does_not_end(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, expiry={"after_days": 10})
    shop.manager.post(f"/cards/{card['id']}/deactivate", {"reason": "lost"}).ok()
    days_later(clock, 60)
    assert expire(shop).cards == 0
    assert shop.balance(card) == 1000


def test_what_is_held_at_the_end_can_still_be_captured(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, expiry={"after_days": 10})
    body = {"card_id": card["id"], "amount": eur(400), "expires_in_s": 2_000_000}
    hold = shop.till.post("/holds", body).ok()
    days_later(clock, 11)
    expire(shop)
    assert (shop.history(card)[0]["amount"], shop.balance(card)) == (eur(600), 400)
    assert shop.till.post(f"/holds/{hold['id']}/capture", {"amount": eur(300)}).status == 201
    assert shop.balance(card) == 100
    expire(shop)
    assert shop.balance(card) == 100


@pytest.mark.parametrize("booked_first", [True, False])
def test_what_comes_back_to_an_ended_card_waits_there(
    shop: Shop, clock: FixedClock, booked_first: bool
) -> None:
    card = shop.gift(1000, expiry={"after_days": 10})
    paid = spend(shop, card, eur(300)).ok()
    days_later(clock, 11)
    if booked_first:
        expire(shop)
    shop.till.post(f"/redemptions/{paid['id']}/refund").ok()
    expire(shop)
    assert shop.balance(card) == 300
    days_later(clock, 300)
    expire(shop)
    assert (shop.balance(card), spend(shop, card, eur(1)).code) == (300, "card_expired")
    revived = revive(shop, card, eur(700)).ok()
    assert (revived["balance_after"], shop.state(card)["state"]) == (eur(1000), "active")
    assert spend(shop, card, eur(1000)).status == 201


def test_a_reward_that_comes_back_to_an_ended_card_waits_there(shop: Shop, clock: FixedClock) -> None:
    card = shop.card(expires_at="2026-04-01T00:00:00Z")
    earn(shop, card, 20)
    taken = shop.till.post("/redemptions", {"card_id": card["id"], "reward": True}).ok()
    days_later(clock, 60)
    shop.till.post(f"/redemptions/{taken['id']}/refund").ok()
    expire(shop)
    assert shop.state(card)["rewards"] == 1


def test_a_load_whose_value_ran_out_can_still_be_reversed(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, expiry={"after_days": 10})
    body = {"card_id": card["id"], "amount": eur(500)}
    shop.till.post("/loads", body, key="the load that was never heard of").ok()
    days_later(clock, 11)
    expire(shop)
    answer = shop.till.post("/reversals", {"idempotency_key": "the load that was never heard of"}).ok()
    (entry,) = answer["transactions"]
    assert (answer["outcome"], entry["amount"], entry["delta"]) == ("reversed", eur(500), eur(0))
    expire(shop)


def test_a_load_that_was_spent_before_the_end_cannot_be_reversed(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, expiry={"after_days": 10})
    shop.till.post("/loads", {"card_id": card["id"], "amount": eur(500)}, key="a load").ok()
    spend(shop, card, eur(1200)).ok()
    days_later(clock, 11)
    expire(shop)
    assert shop.till.post("/reversals", {"idempotency_key": "a load"}).status == 402


def test_a_sale_whose_stamps_ended_with_the_card_leaves_no_debt(shop: Shop, clock: FixedClock) -> None:
    card = shop.card(expires_at="2026-04-01T00:00:00Z")
    sale = earn(shop, card, 7)
    days_later(clock, 60)
    expire(shop)
    undone = shop.till.post(f"/stamps/{sale['id']}/reverse").ok()
    assert (undone["amount"], undone["delta"]) == (counted(7, "STAMP"), counted(0, "STAMP"))
    assert shop.state(card)["owed"] == counted(0, "STAMP")
    expire(shop)


# --- living again --------------------------------------------------------------------------------------


def test_an_increase_brings_a_gift_card_back_for_as_long_as_its_program_says(
    shop: Shop, clock: FixedClock
) -> None:
    card = ended(shop, clock)
    expire(shop)
    assert revive(shop, card, eur(1000)).status == 201
    now = shop.state(card)
    assert (now["state"], now["balance"], now["expires_at"]) == ("active", eur(1000), "2026-03-22T09:00:00Z")
    days_later(clock, 10)
    expire(shop)
    assert [entry["type"] for entry in shop.history(card)] == ["expire", "adjust", "expire", "issue"]


def test_a_manager_may_say_until_when_a_card_lives(shop: Shop, clock: FixedClock) -> None:
    card = ended(shop, clock)
    expire(shop)
    revive(shop, card, eur(1), expires_at="2026-06-01T00:00:00Z").ok()
    assert shop.state(card)["expires_at"] == "2026-06-01T00:00:00Z"


def test_a_card_without_a_rule_for_its_end_lives_on_for_good(shop: Shop, clock: FixedClock) -> None:
    card = shop.card(expires_at="2026-04-01T00:00:00Z")
    days_later(clock, 60)
    expire(shop)
    revive(shop, card, counted(3, "STAMP")).ok()
    assert (shop.state(card)["expires_at"], shop.balance(card)) == (None, 3)


@pytest.mark.parametrize(
    "at, direction", [("2026-03-12T09:00:00Z", "increase"), ("2027-01-01T00:00:00Z", "decrease")]
)
def test_an_end_that_cannot_be_is_refused(shop: Shop, clock: FixedClock, at: str, direction: str) -> None:
    card = ended(shop, clock)
    answer = revive(shop, card, eur(1), expires_at=at, direction=direction)
    assert (answer.status, answer.fields) == (422, ["expires_at"])


def test_only_an_expired_card_gets_another_end(shop: Shop) -> None:
    answer = revive(shop, shop.gift(100), eur(1), expires_at="2027-01-01T00:00:00Z")
    assert (answer.status, answer.fields) == (422, ["expires_at"])


def test_a_block_outlasts_the_end(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, expiry={"after_days": 10})
    shop.manager.post(f"/cards/{card['id']}/block", {"reason": "stolen"}).ok()
    days_later(clock, 11)
    expire(shop)
    answer = revive(shop, card, eur(1))
    assert answer.code == "card_not_active"
    assert answer["state"] == "blocked"
    shop.manager.post(f"/cards/{card['id']}/unblock", {"reason": "other"}).ok()
    assert revive(shop, card, eur(1)).status == 201


def test_nothing_is_taken_off_an_expired_card(shop: Shop, clock: FixedClock) -> None:
    card = ended(shop, clock)
    assert revive(shop, card, eur(1), direction="decrease").code == "card_expired"


# --- the run -------------------------------------------------------------------------------------------


def test_a_rehearsal_counts_and_writes_nothing(shop: Shop, clock: FixedClock) -> None:
    gift, points = ended(shop, clock), shop.points(100, points_expire_after_days=1)
    now = clock.at + MANY_YEARS
    seen: list[tuple[int, int]] = []
    report = expire(shop, now=now, dry_run=True, progress=lambda *counts: seen.append(counts))
    assert (report.cards, report.emptied, report.ended, seen) == (2, 2, 1, [(1, 2), (2, 2)])
    assert (shop.balance(gift), shop.balance(points)) == (1000, 100)
    assert len(shop.history(gift)) == 1
    assert expire(shop, now=now).emptied == 2


def test_a_run_that_is_stopped_is_finished_by_the_next(shop: Shop, clock: FixedClock) -> None:
    cards = [shop.gift(100, expiry={"after_days": 1}) for _ in range(5)]
    days_later(clock, 2)
    allowed = iter([True, True, False])
    assert expire(shop, keep_going=lambda: next(allowed)).cards == 2
    assert expire(shop).cards == 3
    assert [len(shop.history(card)) for card in cards] == [2] * 5


# --- what comes next -----------------------------------------------------------------------------------


def test_a_card_says_what_of_it_runs_out_next(shop: Shop, clock: FixedClock) -> None:
    card = shop.points(100, points_expire_after_days=5)
    days_later(clock, 2)
    earn(shop, card, 50)
    assert shop.state(card)["expires_next"] == {"at": "2026-03-07T23:00:00Z", "amount": counted(100, "POINT")}
    spend(shop, card, counted(130, "POINT")).ok()
    assert shop.state(card)["expires_next"] == {"at": "2026-03-09T23:00:00Z", "amount": counted(20, "POINT")}
    clock.at = end_of_day(7)
    assert shop.state(card)["expires_next"] is None


def test_the_back_of_the_card_says_what_runs_out_next(shop: Shop) -> None:
    card = shop.points(100, points_expire_after_days=5)
    with shop.services.database.read() as uow:
        shown = faces.face_of(uow, BASE_URL, card["id"])
        (field,) = [field for field in shown.in_role("back") if field.key == "runs_out"]
    assert (field.label.de, field.value.de) == ("Läuft als Nächstes ab", "100 am 7. März 2026")
    assert (field.label.en, field.value.en) == ("Runs out next", "100 on 7 March 2026")


def test_a_card_with_an_end_says_what_ends_with_it(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, expiry={"after_days": 10})
    assert card["expires_next"] == {"at": "2026-03-12T09:00:00Z", "amount": eur(1000)}
    spend(shop, card, eur(1000)).ok()
    assert shop.state(card)["expires_next"] is None
    assert ended(shop, clock)["expires_next"] is not None
    assert shop.state(card)["expires_next"] is None
