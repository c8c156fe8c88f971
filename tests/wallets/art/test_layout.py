"""Stamps on a card: all of them there, none over another, in balanced rows."""

import itertools
import math

import pytest

from passes.wallets.art.layout import GAP, WIDEST_GAP, lay_out, row_lengths

BOX = (15.0, 10.0, 360.0, 134.0)
COUNTS = range(1, 31)


@pytest.mark.parametrize("count", COUNTS)
def test_every_stamp_lies_within_the_box_and_apart_from_the_others(count: int) -> None:
    layout = lay_out(count, BOX, largest=107)
    radius = layout.diameter / 2
    assert len(layout.centres) == count
    for x, y in layout.centres:
        assert BOX[0] - 1e-6 <= x - radius
        assert x + radius <= BOX[2] + 1e-6
        assert BOX[1] - 1e-6 <= y - radius
        assert y + radius <= BOX[3] + 1e-6
    for one, other in itertools.combinations(layout.centres, 2):
        assert math.dist(one, other) >= layout.diameter * (1 + GAP) * 0.999


@pytest.mark.parametrize("count", COUNTS)
def test_stamps_read_from_left_to_right_and_downwards(count: int) -> None:
    centres = lay_out(count, BOX, largest=107).centres
    assert list(centres) == sorted(centres, key=lambda centre: (round(centre[1], 3), centre[0]))


@pytest.mark.parametrize("count", COUNTS)
def test_stamps_stay_large_enough_to_count(count: int) -> None:
    assert lay_out(count, BOX, largest=107).diameter >= 24  # points on a phone


@pytest.mark.parametrize(
    "count, rows", [(5, [5]), (8, [4, 4]), (10, [5, 5]), (12, [6, 6]), (30, [10, 10, 10])]
)
def test_familiar_cards_have_the_rows_people_expect(count: int, rows: list[int]) -> None:
    heights = [round(y, 3) for _, y in lay_out(count, BOX, largest=107).centres]
    assert [len(list(group)) for _, group in itertools.groupby(heights)] == rows


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_rows_differ_by_one_at_most_and_lose_nothing(count: int, rows: int) -> None:
    lengths = row_lengths(count, rows)
    assert sum(lengths) == count
    assert max(lengths) - min(lengths) <= 1
    assert lengths == sorted(lengths, reverse=True)


def test_one_stamp_does_not_outgrow_its_largest_size() -> None:
    assert lay_out(1, BOX, largest=50).diameter == 50


@pytest.mark.parametrize("count", COUNTS)
def test_rows_are_nearly_as_wide_as_the_card_where_stamps_cannot_be_larger(count: int) -> None:
    layout = lay_out(count, BOX, largest=107)
    columns = sum(y == layout.centres[0][1] for _, y in layout.centres)
    width = layout.centres[columns - 1][0] - layout.centres[0][0] + layout.diameter
    fills = width >= 0.9 * (BOX[2] - BOX[0])
    steps = [b[0] - a[0] for a, b in itertools.pairwise(layout.centres[:columns])]
    assert fills or not steps or min(steps) >= layout.diameter * (1 + WIDEST_GAP) * 0.999 or columns < 3


def test_stamps_below_each_other_stay_apart_in_a_box_for_one_column() -> None:
    layout = lay_out(3, (0.0, 0.0, 40.0, 200.0), largest=50)
    assert [round(x) for x, _ in layout.centres] == [20, 20, 20]
    assert math.dist(*layout.centres[:2]) >= layout.diameter * (1 + GAP) * 0.999
