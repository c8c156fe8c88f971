"""Value that runs out: cards at their end, stamps, points and loads by the day; and cards that live again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from passes.cards import faces
from passes.clock import FixedClock, parse_rfc3339
from passes.ledger.verify import verify
from passes.redemption.expiry import ExpiryReport, run_due
from tests.fixtures.api import BASE_URL, Answer, Shop, counted, eur
from tests.fixtures.databases import START

Json = dict[str, Any]
MANY_YEARS = timedelta(days=365 * 12)


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


# --- lots ----------------------------------------------------------------------------------------------


def end_of_day(days: int) -> datetime:
    """The end in Berlin of the day so many days after the tests' first, which all lie in winter time."""
    return START.replace(hour=23) + timedelta(days=days)


def test_points_run_out_at_the_end_of_their_last_day(shop: Shop, clock: FixedClock) -> None:
    card = shop.points(100, points_expire_after_days=5)
    clock.at = end_of_day(5) - timedelta(microseconds=1)
    assert shop.balance(card) == 100
    clock.at = end_of_day(5)
    assert (shop.balance(card), shop.state(card)["state"]) == (0, "active")
    assert spend(shop, card, counted(1, "POINT")).status == 402
    assert expire(shop).emptied == 1
    assert [(e["type"], e["delta"]["amount"]) for e in shop.history(card)] == [
        ("expire", -100),
        ("earn", 100),
    ]


def test_what_came_first_is_spent_first(shop: Shop, clock: FixedClock) -> None:
    card = shop.points(100, points_expire_after_days=5)
    days_later(clock, 2)
    earn(shop, card, 50)
    spend(shop, card, counted(70, "POINT")).ok()
    clock.at = end_of_day(5)
    expire(shop)
    assert shop.balance(card) == 50
    clock.at = end_of_day(7)
    expire(shop)
    assert shop.balance(card) == 0


def test_a_till_that_comes_before_the_job_books_what_has_run_out(shop: Shop, clock: FixedClock) -> None:
    card = shop.points(100, points_expire_after_days=5)
    days_later(clock, 2)
    earn(shop, card, 60)
    clock.at = end_of_day(5)
    paid = spend(shop, card, counted(60, "POINT")).ok()
    assert paid["balance_after"] == counted(0, "POINT")
    assert [entry["type"] for entry in shop.history(card)][:2] == ["redeem", "expire"]
    assert expire(shop).cards == 0


def test_stamps_run_out_before_a_new_one_could_fill_the_card(shop: Shop, clock: FixedClock) -> None:
    card = shop.stamped(9, stamps_expire_after_days=5)
    clock.at = end_of_day(5)
    entry = earn(shop, card, 1)
    assert (entry["balance_after"], entry["rewards_after"]) == (counted(1, "STAMP"), 0)


def test_rewards_do_not_run_out_with_the_stamps(shop: Shop, clock: FixedClock) -> None:
    card = shop.stamped(12, stamps_expire_after_days=5)
    clock.at = end_of_day(5)
    expire(shop)
    now = shop.state(card)
    assert (now["balance"], now["rewards"]) == (counted(0, "STAMP"), 1)


def test_a_refund_gives_points_their_full_time_again(shop: Shop, clock: FixedClock) -> None:
    card = shop.points(100, points_expire_after_days=5)
    paid = spend(shop, card, counted(40, "POINT")).ok()
    days_later(clock, 3)
    shop.till.post(f"/redemptions/{paid['id']}/refund").ok()
    clock.at = end_of_day(5)
    expire(shop)
    assert shop.balance(card) == 40
    clock.at = end_of_day(8)
    expire(shop)
    assert shop.balance(card) == 0


def test_a_sale_undone_takes_its_own_points_and_not_the_oldest(shop: Shop, clock: FixedClock) -> None:
    card = shop.points(100, points_expire_after_days=5)
    days_later(clock, 2)
    sale = earn(shop, card, 60)
    shop.till.post(f"/stamps/{sale['id']}/reverse").ok()
    clock.at = end_of_day(5)
    expire(shop)
    assert shop.balance(card) == 0
    assert shop.history(card)[0]["amount"] == counted(100, "POINT")


def test_a_sale_whose_points_have_run_out_leaves_no_debt_for_them(shop: Shop, clock: FixedClock) -> None:
    card = shop.card("points", rules={"points_expire_after_days": 5})
    sale = earn(shop, card, 100)
    spend(shop, card, counted(30, "POINT")).ok()
    clock.at = end_of_day(5)
    expire(shop)
    undone = shop.till.post(f"/stamps/{sale['id']}/reverse").ok()
    assert (undone["amount"], undone["delta"]) == (counted(100, "POINT"), counted(0, "POINT"))
    assert shop.state(card)["owed"] == counted(30, "POINT")
    expire(shop)


def test_held_points_do_not_run_out_until_the_hold_ends(shop: Shop, clock: FixedClock) -> None:
    card = shop.points(100, points_expire_after_days=5)
    body = {"card_id": card["id"], "amount": counted(40, "POINT"), "expires_in_s": 2_000_000}
    hold = shop.till.post("/holds", body).ok()
    clock.at = end_of_day(5)
    assert shop.balance(card) == 40
    expire(shop)
    assert [expire(shop).cards, shop.balance(card)] == [0, 40]
    shop.till.post(f"/holds/{hold['id']}/capture", {"amount": counted(15, "POINT")}).ok()
    assert shop.balance(card) == 0
    assert (expire(shop).emptied, shop.history(card)[0]["amount"]) == (1, counted(25, "POINT"))


def test_points_whose_hold_ran_out_run_out_with_it(shop: Shop, clock: FixedClock) -> None:
    card = shop.points(100, points_expire_after_days=5)
    body = {"card_id": card["id"], "amount": counted(40, "POINT"), "expires_in_s": 5 * 86_400 + 60_000}
    shop.till.post("/holds", body).ok()
    clock.at = end_of_day(5)
    expire(shop)
    clock.at = START + timedelta(seconds=5 * 86_400 + 60_000)
    assert shop.balance(card) == 0
    assert expire(shop).emptied == 1


def test_lots_move_to_the_card_that_takes_anothers_place(shop: Shop, clock: FixedClock) -> None:
    old = shop.points(100, points_expire_after_days=5)
    days_later(clock, 2)
    earn(shop, old, 60)
    body = {"card_id": old["id"], "amount": counted(30, "POINT")}
    shop.till.post("/holds", body).ok()
    new = shop.manager.post(f"/cards/{old['id']}/replace", {"reason": "lost"}).ok().json
    clock.at = end_of_day(5)
    expire(shop)
    assert (shop.balance(old), shop.balance(new)) == (0, 60)
    clock.at = end_of_day(7)
    expire(shop)
    assert shop.balance(new) == 0


def test_every_load_ends_by_itself_where_the_program_says_so(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, load_expiry={"after_days": 30}, expiry={"after_days": 40})
    days_later(clock, 20)
    shop.till.post("/loads", {"card_id": card["id"], "amount": eur(500)}).ok()
    assert shop.state(card)["expires_at"] == "2026-04-21T09:00:00Z"
    days_later(clock, 10)
    expire(shop)
    assert shop.balance(card) == 500
    days_later(clock, 20)
    expire(shop)
    assert (shop.balance(card), shop.state(card)["state"]) == (0, "expired")


def test_what_came_before_the_rule_lasts(shop: Shop, clock: FixedClock) -> None:
    card = shop.points(100)
    program = f"/programs/{card['program_id']}"
    rules = shop.everything.get(program)["rules"]
    shop.manager.patch(program, {"rules": rules | {"points_expire_after_days": 5}}).ok()
    earn(shop, card, 60)
    spend(shop, card, counted(20, "POINT")).ok()
    clock.at = end_of_day(5)
    expire(shop)
    assert shop.balance(card) == 100


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
