"""Baskets: several cards for one order, all of them or as far as they go."""

from typing import Any
from uuid import uuid4

import pytest

from passes.clock import FixedClock
from tests.fixtures.api import Answer, Shop, counted, eur

Json = dict[str, Any]


def pay(
    shop: Shop, total: int, *instruments: Json, mode: str = "all", key: str | None = None, **more: Any
) -> Answer:
    body = {"mode": mode, "order_total": eur(total), "instruments": list(instruments), **more}
    return shop.till.post("/baskets", body, key=key or str(uuid4()))


def by_id(card: Json, **used: Any) -> Json:
    return {"card_id": card["id"], **used}


def coupon(shop: Shop, percent: int = 20, **rules: Any) -> Json:
    offer = {"type": "percent", "percent": percent}
    return shop.card("coupon", rules={"offer": offer, **rules})


def sums(answer: Answer) -> tuple[int, int, int]:
    """Discount, paid and still due."""
    assert {answer[name]["asset"] for name in ("discount", "paid", "remaining_due")} == {"EUR"}
    return answer["discount"]["amount"], answer["paid"]["amount"], answer["remaining_due"]["amount"]


def taken(answer: Answer) -> list[int]:
    """What each line took, in its own unit."""
    assert answer.status == 201, answer.raw
    assert [line["status"] for line in answer["results"]] == ["taken"] * len(answer["results"])
    return [line["transaction"]["amount"]["amount"] for line in answer["results"]]


def test_several_cards_pay_one_order_in_the_order_given(shop: Shop) -> None:
    first, second, third = shop.gift(500), shop.gift(300), shop.gift(1000)
    answer = pay(shop, 1000, by_id(first), {"code": second["code"]}, by_id(third), reference="4711", note="x")
    assert (taken(answer), sums(answer)) == ([500, 300, 200], (0, 1000, 0))
    assert answer["id"].startswith("bask_")
    assert [line["card_id"] for line in answer["results"]] == [first["id"], second["id"], third["id"]]
    for line in answer["results"]:
        entry = line["transaction"]
        assert (entry["type"], entry["reference"], entry["note"]) == ("redeem", "4711", "x")
        assert line["problem"] is None
    assert [shop.balance(card) for card in (first, second, third)] == [0, 0, 800]
    assert shop.history(third)[0] == answer["results"][2]["transaction"]


def test_an_uncovered_rest_is_no_refusal(shop: Shop) -> None:
    answer = pay(shop, 1000, by_id(shop.gift(300)), by_id(shop.gift(200)))
    assert (answer.status, sums(answer)) == (201, (0, 500, 500))


def test_the_basket_can_be_read_again_as_it_was_answered(shop: Shop) -> None:
    answer = pay(shop, 1000, by_id(shop.gift(300)), {"code": "nobody"}, mode="partial", note="x")
    for reader in (shop.till, shop.reader):
        assert reader.get(f"/baskets/{answer['id']}").ok().json == answer.json


@pytest.mark.parametrize("mode", ["all", "partial"])
def test_every_kind_of_card_has_its_place_and_only_money_pays(shop: Shop, mode: str) -> None:
    cards = [coupon(shop), shop.stamped(12), shop.points(80), shop.points(30), shop.gift(5000)]
    used: list[Json] = [{}, {"reward": True}, {"reward_id": "mug"}, {"amount": counted(7, "POINT")}, {}]
    answer = pay(shop, 1000, *(by_id(card, **use) for card, use in zip(cards, used, strict=True)), mode=mode)
    assert (taken(answer), sums(answer)) == ([1, 1, 50, 7, 800], (200, 800, 0))
    assert [shop.balance(card) for card in cards] == [0, 2, 30, 23, 4200]
    assert shop.state(cards[1])["rewards"] == 0
    assert [line["transaction"]["discount"] for line in answer["results"]] == [eur(200), *[None] * 4]


@pytest.mark.parametrize(
    "percents, total, discounts",
    [((20, 20), 1000, [200, 200]), ((60, 60), 1000, [600, 400]), ((15,), 333, [50]), ((15,), 336, [50])],
)
def test_coupons_are_worked_out_on_the_order_and_stop_at_what_is_due(
    shop: Shop, percents: tuple[int, ...], total: int, discounts: list[int]
) -> None:
    answer = pay(shop, total, *(by_id(coupon(shop, percent)) for percent in percents))
    assert [line["transaction"]["discount"]["amount"] for line in answer["results"]] == discounts
    assert sums(answer) == (sum(discounts), 0, total - sum(discounts))


def test_a_coupon_after_the_order_is_paid_takes_nothing_off_and_keeps_its_use(shop: Shop) -> None:
    card = coupon(shop)
    answer = pay(shop, 1000, by_id(shop.gift(1000)), by_id(card))
    assert (taken(answer), sums(answer)) == ([1000, 0], (0, 1000, 0))
    assert answer["results"][1]["transaction"]["discount"] == eur(0)
    assert shop.balance(card) == 1


def test_an_item_is_handed_out_even_when_nothing_is_due(shop: Shop) -> None:
    card = shop.card("coupon", rules={"offer": {"type": "item", "item": "A croissant"}})
    answer = pay(shop, 1000, by_id(shop.gift(1000)), by_id(card))
    assert (taken(answer), answer["results"][1]["transaction"]["discount"]) == ([1000, 1], None)


def test_a_line_without_amount_with_nothing_there_or_nothing_due_is_taken_over_nothing(shop: Shop) -> None:
    empty = shop.gift(100)
    shop.till.post("/redemptions", by_id(empty, amount=eur(100))).ok()
    full, late = shop.gift(1000), shop.gift(700)
    answer = pay(shop, 1000, by_id(empty), by_id(full), by_id(late))
    assert (taken(answer), sums(answer)) == ([0, 1000, 0], (0, 1000, 0))
    assert [line["transaction"]["delta"]["amount"] for line in answer["results"]] == [0, -1000, 0]
    assert shop.balance(late) == 700


def test_an_amount_above_what_is_due_is_cut_and_above_the_balance_refused(shop: Shop) -> None:
    card, other = shop.gift(1000), shop.gift(500)
    assert taken(pay(shop, 300, by_id(card, amount=eur(900)))) == [300]
    for amount in (501, 9000):
        answer = pay(shop, 300, by_id(card), by_id(other, amount=eur(amount)))
        assert (answer.status, answer.code, answer["instrument"]) == (402, "insufficient_balance", 1)
        assert answer["available"] == eur(500)
    assert taken(pay(shop, 300, by_id(card, amount=eur(100)), by_id(other, amount=eur(500)))) == [100, 200]
    assert (shop.balance(card), shop.balance(other)) == (600, 300)


def test_what_is_held_is_not_there(shop: Shop) -> None:
    card = shop.gift(1000)
    shop.till.post("/holds", by_id(card, amount=eur(800))).ok()
    assert pay(shop, 900, by_id(card, amount=eur(201))).code == "insufficient_balance"
    assert taken(pay(shop, 900, by_id(card))) == [200]


def refusals(shop: Shop) -> list[tuple[Json, int, str]]:
    """Instruments that are refused, with status and code."""
    blocked, used, closed = shop.gift(100), coupon(shop), shop.gift(100)
    shop.manager.post(f"/cards/{blocked['id']}/block", {"reason": "lost"}).ok()
    shop.manager.post(f"/cards/{closed['id']}/deactivate", {"reason": "closed"}).ok()
    shop.till.post("/redemptions", by_id(used, order_total=eur(10))).ok()
    dollars = shop.till.post(
        "/cards", {"program_id": dollar_program(shop), "amount": {"amount": 100, "asset": "USD"}}
    ).ok()
    return [
        ({"code": "nobody"}, 404, "card_not_found"),
        ({"card_id": "card_00000000000000000000000000"}, 404, "card_not_found"),
        (by_id(blocked), 409, "card_not_active"),
        (by_id(closed), 409, "card_not_active"),
        (by_id(shop.card("gift")), 409, "card_not_active"),
        (by_id(used), 409, "already_redeemed"),
        (by_id(shop.card(), reward=True), 409, "no_reward_available"),
        (by_id(coupon(shop, minimum_order=eur(99_999))), 409, "offer_not_applicable"),
        (by_id(shop.gift(100), amount=eur(101)), 402, "insufficient_balance"),
        (by_id(shop.points(5), reward_id="mug"), 402, "insufficient_balance"),
        (by_id(shop.points(5), reward_id="hat"), 404, "not_found"),
        (by_id(shop.gift(100), amount=counted(5, "POINT")), 422, "asset_mismatch"),
        (by_id(dollars.json), 422, "asset_mismatch"),
        (by_id(shop.gift(100), reward=True), 422, "wrong_kind"),
        (by_id(coupon(shop), amount=eur(5)), 422, "wrong_kind"),
        (by_id(shop.stamped(12)), 422, "invalid_request"),
        (by_id(shop.points(5)), 422, "invalid_request"),
    ]


def dollar_program(shop: Shop) -> str:
    body = {"kind": "gift", "name": "Dollars", "currency": "USD", "rules": {}}
    return str(shop.manager.post("/programs", body).ok()["id"])


def test_in_mode_all_the_first_refusal_undoes_everything_and_names_its_instrument(shop: Shop) -> None:
    card = shop.gift(1000)
    for instrument, status, code in refusals(shop):
        key = str(uuid4())
        answer = pay(shop, 500, by_id(card, amount=eur(10)), instrument, {"code": "nobody"}, key=key)
        assert (answer.status, answer.code, answer["instrument"]) == (status, code, 1)
        again = pay(shop, 500, by_id(card, amount=eur(10)), instrument, {"code": "nobody"}, key=key)
        assert (again.raw, again.is_replay) == (answer.raw, code != "invalid_request")
        if code == "invalid_request":
            assert answer.fields[0].startswith("instruments.1.")
    assert shop.balance(card) == 1000
    assert [entry["type"] for entry in shop.history(card)] == ["issue"]


def test_in_mode_partial_the_refused_lines_say_why_and_the_others_go_on(shop: Shop) -> None:
    wrong = refusals(shop)
    card = shop.gift(1000)
    answer = pay(shop, 500, *(instrument for instrument, *_ in wrong), by_id(card), mode="partial")
    assert (answer.status, sums(answer)) == (201, (0, 500, 0))
    lines = answer["results"]
    assert [line["status"] for line in lines] == ["refused"] * len(wrong) + ["taken"]
    for line, (instrument, status, code) in zip(lines, wrong, strict=False):
        assert (line["problem"]["status"], line["problem"]["code"]) == (status, code)
        assert line["problem"]["type"] == f"/api/docs#error-{code}"
        assert line["transaction"] is None
        assert line["card_id"] == (None if code == "card_not_found" else instrument["card_id"])
    assert lines[8]["problem"]["available"] == eur(100)
    assert shop.balance(card) == 500


def test_a_basket_in_which_nothing_was_taken_is_a_basket(shop: Shop) -> None:
    answer = pay(shop, 500, {"code": "nobody"}, {"code": "nobody"}, mode="partial")
    assert (answer.status, sums(answer)) == (201, (0, 0, 500))


@pytest.mark.parametrize("mode", ["all", "partial"])
@pytest.mark.parametrize("other", ["card_id", "code", "barcode"])
def test_the_same_card_twice_is_refused_however_it_is_named(shop: Shop, mode: str, other: str) -> None:
    card = shop.gift(1000)
    with shop.services.database.read() as uow:
        barcode = uow.conn.exec_driver_sql(f"SELECT barcode FROM cards WHERE id = '{card['id']}'").scalar()
    again: Json = {
        "card_id": by_id(card),
        "code": {"code": card["code"].lower()},
        "barcode": {"code": barcode},
    }
    answer = pay(shop, 500, by_id(shop.gift(10)), by_id(card), again[other], mode=mode)
    assert (answer.status, answer.fields) == (422, ["instruments.2"])
    assert shop.balance(card) == 1000


@pytest.mark.parametrize("count, status", [(0, 422), (1, 201), (30, 201), (31, 422)])
def test_one_to_thirty_cards(shop: Shop, count: int, status: int) -> None:
    cards = [shop.gift(2) for _ in range(count)]
    answer = pay(shop, 100, *map(by_id, cards))
    assert answer.status == status
    if status == 201:
        assert sums(answer) == (0, 2 * count, 100 - 2 * count)


def test_an_order_is_in_money(shop: Shop) -> None:
    body = {"mode": "all", "order_total": counted(5, "POINT"), "instruments": [by_id(shop.points(9))]}
    assert shop.till.post("/baskets", body).fields == ["order_total.asset"]


def test_the_same_key_takes_once(shop: Shop) -> None:
    card, key = shop.gift(1000), str(uuid4())
    first, again = (pay(shop, 300, by_id(card), key=key) for _ in range(2))
    assert (first.raw, again.is_replay) == (again.raw, True)
    assert pay(shop, 301, by_id(card), key=key).code == "idempotency_key_reused"
    assert shop.balance(card) == 700


def test_another_merchants_cards_and_baskets_are_unknown(shop: Shop, other_shop: Shop) -> None:
    card = other_shop.gift(1000)
    named: list[Json] = [by_id(card), {"code": card["code"]}]
    for instrument in named:
        assert pay(shop, 300, instrument).code == "card_not_found"
    basket = pay(other_shop, 300, by_id(card))["id"]
    assert shop.till.get(f"/baskets/{basket}").code == "not_found"
    assert shop.till.post(f"/baskets/{basket}/refund").code == "not_found"
    assert other_shop.balance(card) == 700


def test_an_expired_card_pays_nothing(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, expiry={"after_days": 1})
    clock.at = clock.at.replace(year=2030)
    assert pay(shop, 300, by_id(card)).code == "card_expired"


def test_the_lines_are_listed_with_the_place_and_the_receipt(shop: Shop) -> None:
    place, cards = shop.location(), [shop.gift(10), shop.gift(20)]
    pay(shop, 30, *map(by_id, cards), reference="r 1", location_id=place).ok()
    listed = list(shop.reader.walk("/transactions", reference="r 1", location_id=place))
    assert sorted(entry["card_id"] for entry in listed) == sorted(card["id"] for card in cards)
