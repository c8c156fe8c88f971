"""Stamps, points and loads run out by the day, what ends first is spent first."""

from datetime import timedelta

from passes.clock import FixedClock
from tests.fixtures.api import Shop, counted, eur
from tests.fixtures.databases import START
from tests.redemption.ending import days_later, earn, end_of_day, expire, spend


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
