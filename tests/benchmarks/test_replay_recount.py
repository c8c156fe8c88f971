"""The recount is right where a person can count along, and sees every difference."""

import ast
from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.replay import recount as module
from benchmarks.replay.recount import Outcome, Standing, differences, recount
from benchmarks.replay.story import ALL_DAYS, FIRST_DAY, LAST_DAY, Sale, Story, read_story

ANNA, BEN = 7, 8


def sale(number: int, day: int, dollars: int, customer: int = ANNA) -> Sale:
    return Sale(number, customer, FIRST_DAY + timedelta(days=day), dollars * 100)


def ends(*sales: Sale, days: int = 200) -> Outcome:
    return recount(Story(tuple(sales), days))


def test_the_story_is_the_whole_of_the_data() -> None:
    story = read_story()
    assert (len(story.sales), len(story.customers)) == (6919, 2357)
    assert (story.sales[0].day, story.last_day, story.days) == (FIRST_DAY, LAST_DAY, ALL_DAYS)
    assert [s.number for s in story.sales] == list(range(1, 6920))
    assert [day for day, _ in story.calendar()] == sorted({day for day, _ in story.calendar()})
    assert sum(len(sales) for _, sales in story.calendar()) == 6919


def test_a_stamp_per_ten_dollars_and_a_point_per_dollar() -> None:
    assert ends(Sale(1, ANNA, FIRST_DAY, 2999)).standings[ANNA] == Standing(stamps=2, points=29)


def test_ten_stamps_are_a_reward_that_is_taken_and_the_rest_begins_the_next_round() -> None:
    outcome = ends(sale(1, 0, 95), sale(2, 1, 230))
    assert outcome.standings[ANNA] == Standing(stamps=2, points=325)
    assert outcome.rewards_taken == 3
    assert outcome.transactions == 4 + 3


def test_every_tenth_sale_comes_back_and_what_was_spent_of_it_is_owed_and_earned_off_first() -> None:
    returned = (sale(9, 0, 80), sale(10, 0, 50))
    assert ends(*returned).standings[ANNA] == Standing(stamps_owed=2, points=80)
    assert ends(*returned, sale(11, 1, 35)).standings[ANNA] == Standing(stamps=1, points=115)


def test_a_sale_for_nothing_is_written_down_nowhere() -> None:
    outcome = ends(sale(1, 0, 0), sale(10, 1, 0))
    assert outcome.standings[ANNA] == Standing()
    assert (outcome.transactions, outcome.reminders) == (0, set())


@pytest.mark.parametrize(
    "sales, days",
    [
        pytest.param([sale(1, 0, 10)], [60], id="stayed away"),
        pytest.param([sale(1, 0, 10), sale(2, 60, 10)], [120], id="came back on the very day"),
        pytest.param([sale(1, 0, 10), sale(2, 61, 10)], [60, 121], id="came back a day late"),
        pytest.param([sale(1, 0, 10), sale(10, 30, 10)], [60], id="the later purchase came back"),
        pytest.param([sale(1, 0, 10), sale(2, 0, 10), sale(10, 0, 10)], [60], id="one of three came back"),
        pytest.param([sale(10, 0, 10)], [], id="the only purchase came back"),
        pytest.param([sale(1, 139, 10)], [199], id="the last day counts"),
        pytest.param([sale(1, 140, 10)], [], id="the day after the last does not"),
    ],
)
def test_reminders_fall_sixty_days_after_the_last_purchase_that_stood(
    sales: list[Sale], days: list[int]
) -> None:
    expected = {(ANNA, FIRST_DAY + timedelta(days=day)) for day in days}
    assert ends(*sales).reminders == expected


def _another_stamp(outcome: Outcome) -> None:
    outcome.standings[ANNA].stamps += 1


def _a_lost_customer(outcome: Outcome) -> None:
    del outcome.standings[BEN]


def _a_lost_reminder(outcome: Outcome) -> None:
    outcome.reminders.pop()


def _a_reminder_too_many(outcome: Outcome) -> None:
    outcome.reminders.add((BEN, date(1997, 5, 1)))


def _a_lost_transaction(outcome: Outcome) -> None:
    outcome.transactions -= 1


def _a_reward_too_many(outcome: Outcome) -> None:
    outcome.rewards_taken += 1


@pytest.mark.parametrize(
    "spoil, said",
    [
        (_another_stamp, "customer 7 has Standing(stamps=2"),
        (_a_lost_customer, "customer 8 has None"),
        (_a_lost_reminder, "was not reminded on"),
        (_a_reminder_too_many, "customer 8 was reminded on 1997-05-01 without a reason"),
        (_a_lost_transaction, "transactions: 3, the recount says 4"),
        (_a_reward_too_many, "rewards_taken: 1, the recount says 0"),
    ],
)
def test_every_difference_is_named(spoil: Callable[[Outcome], None], said: str) -> None:
    right = ends(sale(1, 0, 10), sale(2, 0, 10, BEN))
    found = deepcopy(right)
    assert differences(right, found) == []
    spoil(found)
    assert [line for line in differences(right, found) if said in line]


def test_the_recount_knows_nothing_of_the_service() -> None:
    imported = set()
    for name in ("recount", "story"):
        tree = ast.parse(Path(module.__file__).with_name(f"{name}.py").read_text())
        imported |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        imported |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert not [name for name in imported if name.split(".")[0] in ("passes", "scheduler", "tests")]
