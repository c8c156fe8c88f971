"""Where the stamps of a card stand: balanced rows of the largest circles that fit."""

from dataclasses import dataclass

MAX_ROWS = 5
GAP = 0.17
"""Space between two stamps, as a share of their diameter."""
WIDEST_GAP = 0.42
"""What it grows to where a row leaves room, so that few rows of few stamps do not huddle in the middle."""
_UNEVEN = 0.9
"""Rows of different length must make the stamps a tenth larger to be worth their look."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Centres of the stamps in pixels, in reading order, and their common diameter."""

    centres: tuple[tuple[float, float], ...]
    diameter: float


def row_lengths(count: int, rows: int) -> list[int]:
    """`count` stamps in `rows` rows whose lengths differ by one at most, longer ones first."""
    short, longer = divmod(count, rows)
    return [short + 1] * longer + [short] * (rows - longer)


def _diameter(count: int, rows: int, width: float, height: float) -> float:
    columns = -(-count // rows)
    return min(width / (columns + (columns - 1) * GAP), height / (rows + (rows - 1) * GAP))


def _best_rows(count: int, width: float, height: float) -> int:
    def merit(rows: int) -> float:
        return _diameter(count, rows, width, height) * (1.0 if count % rows == 0 else _UNEVEN)

    return max(range(1, min(count, MAX_ROWS) + 1), key=merit)


def _step(length: float, number: int, diameter: float) -> float:
    """How far the centres of `number` stamps along `length` are from each other."""
    if number == 1:
        return 0.0
    return min((length - diameter) / (number - 1), diameter * (1 + WIDEST_GAP))


def lay_out(count: int, box: tuple[float, float, float, float], largest: float) -> Layout:
    """Places for `count` stamps within `box` (left, top, right, bottom; pixels).

    No stamp is wider than `largest`, so that one alone does not fill the strip.
    """
    left, top, right, bottom = box
    rows = _best_rows(count, right - left, bottom - top)
    diameter = min(largest, _diameter(count, rows, right - left, bottom - top))
    columns = -(-count // rows)
    across = _step(right - left, columns, diameter)
    down = _step(bottom - top, rows, diameter)
    if columns > 1:
        down = min(down, across)
    centres: list[tuple[float, float]] = []
    for row, length in enumerate(row_lengths(count, rows)):
        y = (top + bottom) / 2 + (row - (rows - 1) / 2) * down
        centres += [((left + right) / 2 + (i - (length - 1) / 2) * across, y) for i in range(length)]
    return Layout(tuple(centres), diameter)
