"""Lists: newest first, every row once however long the walk, narrowed by filters, bounded by limits."""

from datetime import timedelta
from typing import Any

import pytest

from passes.clock import FixedClock
from passes.web.api_v1.operation import Operation
from tests.fixtures.api import Shop, eur
from tests.web.api_v1.requests import LISTS, name_of, thing_for

Json = dict[str, Any]


def sell(shop: Shop, card: Json, **more: Any) -> str:
    return str(shop.till.post("/stamps", {"card_id": card["id"], "count": 1, **more}).ok()["id"])


def listed(shop: Shop, **query: Any) -> list[str]:
    return [item["id"] for item in shop.reader.get("/transactions", **query).ok()["items"]]


def path_of(shop: Shop, operation: Operation) -> str:
    return (
        operation.path.replace("<id>", thing_for(shop, operation))
        if "<id>" in operation.path
        else operation.path
    )


def test_a_list_is_newest_first(shop: Shop, clock: FixedClock) -> None:
    card, sold = shop.card(), []
    for _ in range(3):
        clock.at += timedelta(microseconds=1)
        sold.append(sell(shop, card))
    assert listed(shop) == sold[::-1]


def test_what_happened_at_the_same_moment_is_ordered_by_id(shop: Shop) -> None:
    card = shop.card()
    sold = [sell(shop, card) for _ in range(5)]
    assert listed(shop) == sorted(sold, reverse=True)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_a_walk_returns_every_row_once(shop: Shop, clock: FixedClock, limit: int) -> None:
    card, sold = shop.card(), []
    for number in range(7):
        clock.at += timedelta(seconds=number % 2)
        sold.append(sell(shop, card))
    walked = [item["id"] for item in shop.reader.walk("/transactions", limit=limit)]
    assert (len(walked), set(walked)) == (7, set(sold))


def test_rows_that_arrive_during_a_walk_do_not_disturb_it(shop: Shop, clock: FixedClock) -> None:
    card = shop.card()
    before = {sell(shop, card) for _ in range(6)}
    walked = []
    for item in shop.reader.walk("/transactions", limit=2):
        walked.append(item["id"])
        clock.at += timedelta(seconds=1)
        sell(shop, card)
    assert (len(walked), set(walked)) == (6, before)


def test_the_last_page_has_no_cursor_even_when_it_is_full(shop: Shop) -> None:
    card = shop.card()
    for _ in range(4):
        sell(shop, card)
    page = shop.reader.get("/transactions", limit=2)
    last = shop.reader.get("/transactions", limit=2, cursor=page["next_cursor"])
    assert (len(last["items"]), last["next_cursor"]) == (2, None)


def test_an_empty_list_is_a_list(shop: Shop) -> None:
    assert shop.reader.get("/transactions").json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("operation", LISTS, ids=name_of)
@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.0", "ten", "", "1e1", "99999999999"])
def test_a_limit_lies_between_one_and_two_hundred(shop: Shop, operation: Operation, limit: str) -> None:
    answer = shop.everything.get(path_of(shop, operation), limit=limit)
    assert (answer.status, answer.fields) == (422, ["limit"])


@pytest.mark.parametrize("operation", LISTS, ids=name_of)
@pytest.mark.parametrize(
    "cursor", ["x", "", "AAAA", "ÄÖ", "MjAyNg", "MjAyNi0wMS0wMVQwMDowMDowMFp8AA", "x" * 301]
)
def test_a_bad_cursor_is_a_wrong_field(shop: Shop, operation: Operation, cursor: str) -> None:
    answer = shop.everything.get(path_of(shop, operation), cursor=cursor)
    assert (answer.status, answer.fields) == (422, ["cursor"])


@pytest.mark.parametrize("operation", LISTS, ids=name_of)
def test_a_cursor_of_another_list_is_a_wrong_field(shop: Shop, operation: Operation) -> None:
    card = shop.card()
    sell(shop, card), sell(shop, card)
    others = {"/transactions", f"/cards/{card['id']}/transactions"} - {operation.path}
    for other in others:
        cursor = shop.everything.get(other, limit=1).ok()["next_cursor"]
        answer = shop.everything.get(path_of(shop, operation), limit=1, cursor=cursor)
        assert (answer.status, answer.fields) == (422, ["cursor"])


def test_a_cursor_from_before_lists_marked_theirs_still_walks(shop: Shop) -> None:
    card = shop.card()
    sold = sorted(sell(shop, card) for _ in range(2))
    place = shop.reader.get("/transactions", limit=1).ok()["next_cursor"].partition(".")[2]
    assert listed(shop, limit=1, cursor=place) == [sold[0]]


def test_a_walk_may_go_on_under_other_filters(shop: Shop, clock: FixedClock) -> None:
    card, sold = shop.card(), []
    for reference in "aba":
        clock.at += timedelta(seconds=1)
        sold.append(sell(shop, card, reference=reference))
    cursor = shop.reader.get("/transactions", limit=1, reference="a").ok()["next_cursor"]
    assert listed(shop, cursor=cursor) == sold[1::-1]


@pytest.mark.parametrize("operation", LISTS, ids=name_of)
def test_a_list_holds_fifty_unless_told_otherwise(operation: Operation) -> None:
    assert operation.takes.model_fields["limit"].default == 50


@pytest.mark.parametrize("operation", LISTS, ids=name_of)
def test_a_parameter_nobody_knows_is_named_and_one_given_twice_too(shop: Shop, operation: Operation) -> None:
    path = path_of(shop, operation)
    assert shop.everything.get(path, colour="red").fields == ["colour"]
    assert shop.everything.get(path, limit=["1", "2"]).fields == ["limit"]


def test_since_is_inclusive_and_until_exclusive(shop: Shop, clock: FixedClock) -> None:
    card, sold = shop.card(), []
    for _ in range(3):
        sold.append(sell(shop, card))
        clock.at += timedelta(hours=1)
    nine, ten, eleven = (f"2026-03-02T{hour:02}:00:00Z" for hour in (9, 10, 11))
    assert listed(shop, since=ten) == [sold[2], sold[1]]
    assert listed(shop, until=eleven) == [sold[1], sold[0]]
    assert listed(shop, since=nine, until=ten) == [sold[0]]
    assert listed(shop, since=ten, until=ten) == []
    assert listed(shop, since="2026-03-02T11:00:00+01:00") == [sold[2], sold[1]]


@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("value", ["yesterday", "2026-03-02", "2026-03-02T09:00:00", ""])
def test_a_moment_without_an_offset_filters_nothing(shop: Shop, name: str, value: str) -> None:
    answer = shop.reader.get("/transactions", **{name: value})
    assert (answer.status, answer.fields) == (422, [name])


def test_a_list_is_narrowed_by_type_location_and_reference_together(shop: Shop) -> None:
    here, there = shop.location(), shop.location("Nord")
    card, gift = shop.card(), shop.gift(500)
    wanted = sell(shop, card, location_id=here, reference="r1")
    sell(shop, card, location_id=there, reference="r1")
    sell(shop, card, location_id=here, reference="r2")
    shop.till.post("/loads", {"card_id": gift["id"], "amount": eur(5), "reference": "r1"}).ok()
    assert listed(shop, type="earn", location_id=here, reference="r1") == [wanted]
    assert len(listed(shop, reference="r1")) == 3
    assert len(listed(shop, type="issue")) == 1
    assert listed(shop, location_id="loc_none") == []
    assert listed(shop, reference="R1") == []


def test_an_unknown_type_is_a_wrong_field(shop: Shop) -> None:
    answer = shop.reader.get("/transactions", type="sale")
    assert (answer.status, answer.fields) == (422, ["type"])


def test_filters_hold_across_pages(shop: Shop) -> None:
    card = shop.card()
    wanted = {sell(shop, card, reference="a") for _ in range(5)}
    for _ in range(5):
        sell(shop, card, reference="b")
    walked = [item["id"] for item in shop.reader.walk("/transactions", limit=2, reference="a")]
    assert (len(walked), set(walked)) == (5, wanted)


def test_a_card_lists_its_own_transactions_alone(shop: Shop) -> None:
    one, two = shop.card(), shop.card()
    mine, _ = sell(shop, one), sell(shop, two)
    assert [item["id"] for item in shop.history(one)] == [mine]
