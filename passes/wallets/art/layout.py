"""Where the stamps of a card stand: balanced rows of the largest circles that fit."""

from dataclasses import dataclass

MAX_ROWS = 5
GAP = 0.17
"""Space between two stamps, as a share of their diameter."""
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


def lay_out(count: int, box: tuple[float, float, float, float], largest: float) -> Layout:
    """Places for `count` stamps within `box` (left, top, right, bottom; pixels).

    No stamp is wider than `largest`, so that one alone does not fill the strip.
    """
    left, top, right, bottom = box
    rows = _best_rows(count, right - left, bottom - top)
    diameter = min(largest, _diameter(count, rows, right - left, bottom - top))
    step = diameter * (1 + GAP)
    centres: list[tuple[float, float]] = []
    for row, length in enumerate(row_lengths(count, rows)):
        y = (top + bottom) / 2 + (row - (rows - 1) / 2) * step
        centres += [((left + right) / 2 + (i - (length - 1) / 2) * step, y) for i in range(length)]
    return Layout(tuple(centres), diameter)
