"""QR codes as one vector path: sharp on every screen and on paper, and no picture to fetch."""

from dataclasses import dataclass
from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4
"""Modules of white around a code, as ISO/IEC 18004 asks."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code of `side` by `side` modules; `runs` are its black stripes as (column, row, length)."""

    side: int
    runs: tuple[tuple[int, int, int], ...]

    @property
    def path(self) -> str:
        """The black modules as the `d` of an SVG path, one unit per module."""
        return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in self.runs)

    @property
    def view_box(self) -> str:
        """The `viewBox` that holds the code and its quiet zone."""
        full = self.side + 2 * QUIET_ZONE
        return f"-{QUIET_ZONE} -{QUIET_ZONE} {full} {full}"


@lru_cache(maxsize=512)
def qr_code(content: str) -> QrCode:
    """The smallest code that holds `content` and survives 15 % of it being covered."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(content)
    code.make()
    rows = code.get_matrix()
    runs = [run for y, row in enumerate(rows) for run in _runs(row, y)]
    return QrCode(len(rows), tuple(runs))


def _runs(row: list[bool], y: int) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for x, black in enumerate(row):
        if not black:
            continue
        if runs and sum(runs[-1][::2]) == x:
            start, _, length = runs.pop()
            runs.append((start, y, length + 1))
        else:
            runs.append((x, y, 1))
    return runs
