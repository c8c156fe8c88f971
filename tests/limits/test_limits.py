"""A merchant's limits: per card, till, location and program, by count and by amount."""

import threading
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType

import pytest
from sqlalchemy import event

from passes.clock import FixedClock
from passes.limits import rules as limit_rules
from passes.limits import service
from passes.redemption import limiting
from tests.fixtures.api import Answer, Client, Json, Shop, eur
from tests.limits.managing import audited, incidents, load, new_till, pay, set_limit
from tests.mutants import damage


def refused(answer: Answer, name: str) -> bool:
    """Whether an answer is the refusal by the limit of that name."""
    return (answer.status, answer.code, answer.json.get("limit")) == (409, "program_limit", name)


def test_a_card_may_be_redeemed_so_often_an_hour_and_again_an_hour_later(
    shop: Shop, clock: FixedClock
) -> None:
    set_limit(shop, call="redeem", each="card", within="hour", count=3)
    card, other = shop.gift(1000), shop.gift(1000)
    assert [pay(shop, card, 1).status for _ in range(4)] == [201, 201, 201, 409]
    assert pay(shop, other, 1).status == 201
    clock.at += timedelta(minutes=59)
    assert refused(pay(shop, card, 1), "redeem_count_per_card_hour")
    clock.at += timedelta(minutes=1, seconds=1)
    assert pay(shop, card, 1).status == 201


def test_a_limit_is_for_its_own_call_and_leaves_the_books_alone_when_it_refuses(shop: Shop) -> None:
    set_limit(shop, call="redeem", each="card", within="day", amount=eur(500), name="spend_a_day")
    card = shop.gift(2000)
    assert pay(shop, card, 500).status == 201
    answer = pay(shop, card, 1)
    assert refused(answer, "spend_a_day")
    assert answer["limit_id"] == shop.manager.get("/limits")["items"][0]["id"]
    assert shop.balance(card) == 1500
    assert load(shop, card, 700).status == 201
    assert shop.balance(card) == 2200


def test_the_day_is_the_shops_own(shop: Shop, clock: FixedClock) -> None:
    set_limit(shop, call="redeem", each="card", within="day", count=1)
    card = shop.gift(1000)
    clock.at = clock.at.replace(hour=22, minute=59)  # 23:59 in Berlin
    assert pay(shop, card, 1).status == 201
    assert pay(shop, card, 1).status == 409
    clock.at += timedelta(minutes=2)
    assert pay(shop, card, 1).status == 201


def test_one_transaction_may_not_be_larger(shop: Shop) -> None:
    set_limit(shop, call="load", within="transaction", amount=eur(20_000))
    card = shop.gift(1000)
    assert load(shop, card, 20_000).status == 201
    assert refused(load(shop, card, 20_001), "load_amount_per_transaction")


def test_a_till_has_its_own_share_and_a_location_one_for_all_its_tills(shop: Shop) -> None:
    here, there = shop.location("Mitte"), shop.location("Nord")
    set_limit(shop, call="load", each="till", within="day", amount=eur(300), name="of_a_till")
    set_limit(shop, call="load", each="location", within="day", count=5, location_id=here, name="of_mitte")
    card = shop.gift(100)
    one, two, away = (new_till(shop, location_id=where) for where in (here, here, there))
    assert [load(shop, card, 100, one).status for _ in range(3)] == [201] * 3
    assert refused(load(shop, card, 100, one), "of_a_till")
    assert [load(shop, card, 100, two).status for _ in range(2)] == [201] * 2
    assert refused(load(shop, card, 100, two), "of_mitte")
    assert [load(shop, card, 10, away).status for _ in range(6)] == [201] * 6


def test_a_limit_names_one_till_or_one_program(shop: Shop) -> None:
    odd, even = shop.new_key("till"), new_till(shop)
    set_limit(shop, call="issue", each="program", within="day", count=1, actor_id=odd.id)
    odd_till = type(even)(shop.app, odd.key)
    issue = {"program_id": shop.program("gift"), "amount": eur(100)}
    assert [odd_till.post("/cards", issue).status for _ in range(2)] == [201, 409]
    assert [even.post("/cards", issue).status for _ in range(3)] == [201] * 3


@pytest.mark.parametrize("call", ["refund", "adjust", "stamp", "redeem", "issue", "load"])
def test_every_call_can_be_limited(shop: Shop, call: str) -> None:
    card = shop.stamped(1) if call == "stamp" else shop.gift(1000)
    paid = [pay(shop, card, 10).json["id"] for _ in range(2)] if call == "refund" else []
    set_limit(shop, call=call, each="program", within="day", count=1)
    adjust = {"card_id": card["id"], "direction": "increase", "amount": eur(1), "reason": "other"}
    do = {
        "refund": lambda: shop.till.post(f"/redemptions/{paid.pop()}/refund"),
        "adjust": lambda: shop.manager.post("/adjustments", adjust),
        "stamp": lambda: shop.till.post("/stamps", {"card_id": card["id"], "count": 1}),
        "redeem": lambda: pay(shop, card, 1),
        "issue": lambda: shop.till.post("/cards", {"program_id": card["program_id"], "amount": eur(1)}),
        "load": lambda: load(shop, card, 1),
    }[call]
    assert do().status == 201
    assert refused(do(), f"{call}_count_per_program_day")
    assert audited(shop, "limits.refuse") == 1


def test_a_hold_stands_for_the_redemption_it_becomes(shop: Shop) -> None:
    set_limit(shop, call="redeem", each="card", within="day", amount=eur(500))
    card = shop.gift(2000)
    wanted = {"card_id": card["id"], "amount": eur(300)}
    held = shop.till.post("/holds", wanted).ok()["id"]
    assert shop.till.post("/holds", wanted).status == 409
    assert pay(shop, card, 201).status == 409
    assert shop.till.post(f"/holds/{held}/capture").status == 201
    assert pay(shop, card, 200).status == 201
    assert pay(shop, card, 1).status == 409


def test_a_flagged_act_goes_through_and_is_told_to_the_manager(shop: Shop) -> None:
    made = set_limit(shop, call="redeem", each="card", within="day", count=1, action="flag")
    card = shop.gift(1000)
    assert pay(shop, card, 1).status == 201
    flagged = pay(shop, card, 2).ok()
    (told,) = incidents(shop)
    assert (told["type"], told["limit_id"], told["done"]) == ("flagged", made["id"], flagged["id"])
    assert (told["card_id"], told["amount"]) == (card["id"], eur(2))


def test_every_refusal_is_in_the_audit_log_once(shop: Shop) -> None:
    set_limit(shop, call="redeem", each="card", within="day", count=1, name="once")
    card = shop.gift(1000)
    pay(shop, card, 1)
    for _ in range(3):
        pay(shop, card, 7)
    again = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(1)}, key="same")
    replay = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(1)}, key="same")
    assert (again.status, replay.status, replay.is_replay) == (409, 409, True)
    assert audited(shop, "limits.refuse") == 4
    assert {(i["type"], i["limit"], i["card_id"]) for i in incidents(shop)} == {
        ("refused", "once", card["id"])
    }


def test_a_refused_line_of_a_basket_uses_nothing_up(shop: Shop) -> None:
    set_limit(shop, call="redeem", each="till", within="day", amount=eur(500), name="of_a_till")
    cards = [shop.gift(1000) for _ in range(2)]
    lines = [{"card_id": cards[0]["id"], "amount": eur(600)}, {"card_id": cards[1]["id"], "amount": eur(500)}]
    order = {"mode": "partial", "order_total": eur(2000), "instruments": lines}
    results = shop.till.post("/baskets", order).ok()["results"]
    assert [line["status"] for line in results] == ["refused", "taken"]
    assert audited(shop, "limits.refuse") == 1


def test_what_was_handed_out_offline_is_flagged_and_what_makes_value_is_refused(shop: Shop) -> None:
    set_limit(shop, call="redeem", each="card", within="day", count=1)
    set_limit(shop, call="load", each="card", within="day", count=1)
    card = shop.gift(1000)
    told = [
        {
            "call": f"/{call}",
            "idempotency_key": f"{call} {i}",
            "occurred_at": "2026-03-02T08:30:00Z",
            "body": {"card_id": card["id"], "amount": eur(1)},
        }
        for call in ("redemptions", "loads")
        for i in range(2)
    ]
    results = shop.till.post("/sync", {"operations": told}).ok()["results"]
    assert [result["status"] for result in results] == [201, 201, 201, 409]
    assert [i["type"] for i in incidents(shop)] == ["refused", "flagged"]


def test_a_limit_that_is_deleted_holds_no_more_and_one_that_is_set_holds_at_once(shop: Shop) -> None:
    card = shop.gift(1000)
    pay(shop, card, 1)
    made = set_limit(shop, call="redeem", each="card", within="day", count=1)
    assert pay(shop, card, 1).status == 409
    assert shop.manager.delete(f"/limits/{made['id']}").status == 204
    assert pay(shop, card, 1).status == 201
    assert shop.manager.delete(f"/limits/{made['id']}").status == 404
    assert shop.manager.get("/limits")["items"] == []


def test_limits_are_a_merchants_own(shop: Shop, other_shop: Shop) -> None:
    made = set_limit(shop, call="redeem", each="card", within="day", count=1)
    card = other_shop.gift(1000)
    assert [pay(other_shop, card, 1).status for _ in range(3)] == [201] * 3
    assert other_shop.manager.get(f"/limits/{made['id']}").status == 404
    named = {"call": "load", "each": "till", "within": "day", "count": 1}
    for strange in (
        {"program_id": shop.program("gift")},
        {"location_id": shop.location()},
        {"actor_id": shop.new_key("till").id},
    ):
        assert other_shop.manager.post("/limits", {**named, **strange}).status == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": None},
        {"amount": eur(5)},
        {"each": None},
        {"within": "transaction"},
        {"call": "issue"},
        {"count": 0},
        {"name": "Nicht so"},
    ],
)
def test_a_limit_that_makes_no_sense_is_said_to_make_none(shop: Shop, wrong: Json) -> None:
    right = {"call": "redeem", "each": "card", "within": "day", "count": 1}
    body = {name: value for name, value in {**right, **wrong}.items() if value is not None}
    assert shop.manager.post("/limits", body).status == 422


def test_many_tills_at_one_card_never_pass_its_limit(shop: Shop) -> None:
    set_limit(shop, call="redeem", each="card", within="hour", count=5)
    card = shop.gift(1000)
    assert (
        sorted(at_once(shop, 4, lambda till: pay(shop, card, 1, till).status, each=3))
        == [201] * 5 + [409] * 7
    )


def test_one_till_asking_many_times_at_once_never_passes_its_own_limit(shop: Shop) -> None:
    set_limit(shop, call="redeem", each="till", within="hour", count=5)
    cards = [shop.gift(1000) for _ in range(4)]
    till = new_till(shop)
    places = iter(cards * 3)
    statuses = at_once(shop, 4, lambda _: pay(shop, next(places), 1, till).status, each=3)
    assert sorted(statuses) == [201] * 5 + [409] * 7


def at_once(shop: Shop, tills: int, do: Callable[[Client], int], each: int) -> list[int]:
    """What `tills` get that do something `each` times at the same moment."""
    together = threading.Barrier(tills)
    statuses: list[int] = []

    def work(till: Client) -> None:
        together.wait()
        for _ in range(each):
            statuses.append(do(till))

    threads = [threading.Thread(target=work, args=(new_till(shop),)) for _ in range(tills)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_merchant_without_limits_pays_for_none(shop: Shop, other_shop: Shop) -> None:
    set_limit(other_shop, call="redeem", each="card", within="hour", count=5)
    card, said = shop.gift(1000), []
    pay(shop, card, 1)
    engine = shop.services.database.engine
    event.listen(engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    pay(shop, card, 1)
    assert not [sql for sql in said if "FROM limits" in sql or "limit_uses" in sql]


def _hour(shop: Shop, clock: FixedClock) -> None:
    test_a_card_may_be_redeemed_so_often_an_hour_and_again_an_hour_later(shop, clock)


def _shares(shop: Shop, clock: FixedClock) -> None:
    test_a_till_has_its_own_share_and_a_location_one_for_all_its_tills(shop)


def _basket(shop: Shop, clock: FixedClock) -> None:
    test_a_refused_line_of_a_basket_uses_nothing_up(shop)


def _audit(shop: Shop, clock: FixedClock) -> None:
    test_every_refusal_is_in_the_audit_log_once(shop)


def _holds(shop: Shop, clock: FixedClock) -> None:
    test_a_hold_stands_for_the_redemption_it_becomes(shop)


def _at_once(shop: Shop, clock: FixedClock) -> None:
    test_a_limit_that_is_deleted_holds_no_more_and_one_that_is_set_holds_at_once(shop)


def _day(shop: Shop, clock: FixedClock) -> None:
    test_the_day_is_the_shops_own(shop, clock)


PLANTED = [
    (limiting, "check", (" > limit.at_most", " >= limit.at_most"), _hour),
    (limiting, "check", (" > limit.at_most", " - 1 > limit.at_most"), _hour),
    (limiting, "check", ("-weight(limit, act)", "0"), _basket),
    (limiting, "_refusal", ("uow.afterwards.append(note)", "note(uow)"), _audit),
    (limiting, "_total", ('limit.call == "redeem"', "False"), _holds),
    (limit_rules, "may_concern", ("limit.location_id in (None, act.location_id)", "True"), _shares),
    (limit_rules, "began", ("at.astimezone(zone)", "at"), _day),
    (limit_rules, "began", ("hours=1", "hours=2"), _hour),
    (service, "_changed", ("limits_version + 1", "limits_version"), _at_once),
    (service, "use", ("LimitUse.used + used", "used"), _shares),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("module, name, edit, scenario", PLANTED)
def test_planted_bugs_are_caught(
    shop: Shop,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    edit: tuple[str, str],
    scenario: Callable[[Shop, FixedClock], None],
) -> None:
    damage(monkeypatch, module, name, edit)
    if module is limit_rules:
        monkeypatch.setattr(limiting, name, getattr(limit_rules, name))
    with pytest.raises(AssertionError):
        scenario(shop, clock)
