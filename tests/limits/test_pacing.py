"""Wrong codes are paced before they are looked up, and only wrong codes are taken for wrong ones."""

from types import SimpleNamespace

import pytest

from passes.ids import new_code
from passes.limits import doors
from tests.fixtures.api import Client, Shop, eur
from tests.limits.guessers import look_up

STRANGER = "loc_00000000000000000000000000"


@pytest.fixture(autouse=True)
def _no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "time", SimpleNamespace(monotonic=lambda: 1000.0))


def test_thieves_with_new_keys_are_turned_away_before_the_database_is_asked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    thieves = [Client(shop.app, shop.new_key("till").key) for _ in range(doors.MISSES_AT_ONCE)]
    assert [look_up(thief, new_code()).status for thief in thieves] == [404] * len(thieves)
    one_more = Client(shop.app, shop.new_key("till").key)
    refused = look_up(one_more, new_code())
    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (429, "rate_limited", "1")

    def never(*_: object) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(shop.services.database, "read", never)
    assert look_up(one_more, new_code()).status == 429


def test_an_honest_till_beside_them_may_even_slip(shop: Shop) -> None:
    card = shop.gift(1000)
    assert shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(1)}).status == 201
    thieves = [Client(shop.app, shop.new_key("till").key) for _ in range(doors.MISSES_AT_ONCE)]
    for thief in thieves:
        look_up(thief, new_code())
    assert look_up(shop.till, new_code()).status == 404
    assert look_up(shop.till, card["code"]).status == 200


def test_something_else_that_is_unknown_beside_a_right_code_is_no_miss(shop: Shop) -> None:
    card = shop.gift(1000)
    body = {"code": card["code"], "amount": eur(1), "location_id": STRANGER}
    for _ in range(2 * doors.MISSES_AT_ONCE):
        refused = shop.till.post("/redemptions", body)
        assert (refused.status, refused.code) == (404, "not_found")
    assert look_up(shop.till, card["code"]).status == 200


def test_a_wrong_code_in_a_basket_that_goes_through_is_a_miss(shop: Shop) -> None:
    card = shop.gift(1000)
    lines = [{"code": card["code"], "amount": eur(1)}, *({"code": new_code()} for _ in range(9))]
    basket = {"mode": "partial", "order_total": eur(100), "instruments": lines}
    newcomer = Client(shop.app, shop.new_key("till").key)
    assert newcomer.post("/baskets", basket).status == 201
    assert look_up(newcomer, new_code()).status == 429


def test_a_wrong_code_is_counted_once_however_often_its_answer_is_replayed(shop: Shop) -> None:
    body = {"code": new_code(), "amount": eur(1)}
    for _ in range(2 * doors.MISSES_AT_ONCE):
        assert shop.till.post("/redemptions", body, key="once").status == 404
    assert look_up(shop.till, new_code()).status == 404


def test_keys_that_are_none_use_up_nothing(shop: Shop) -> None:
    nobody = Client(shop.app, "sk_stempel_nobody")
    for _ in range(2 * doors.MISSES_AT_ONCE):
        assert look_up(nobody, new_code()).status == 401
    assert look_up(shop.till, new_code()).status == 404
