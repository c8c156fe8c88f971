"""Every column of a member list: a bad cell is reported by row and column, and its row is left out whole."""

import pytest

from passes.members.csv_rows import COLUMNS
from passes.members.import_csv import import_csv
from tests.sweep.fingerprint import changed, fingerprint
from tests.sweep.world import World

LONG = "x" * 5000
BAD_CELLS: dict[str, tuple[str, ...]] = {
    "external_id": ("x" * 201, "a\x07b", LONG),
    "name": ("x" * 201, "a\x07b", LONG),
    "email": ("ada@", "x", "a b@example.com", LONG),
    "phone": ("x", "1" * 100, "a\x07b", LONG),
    "birthday": ("2023-02-29", "31.2.", "1.13.1990", "2999-01-01", "--", "x", "99999999", LONG),
    "locale": ("german", "DE!", LONG),
    "time_zone": ("Mars/Phobos", "../etc/passwd", LONG),
    "tags": (LONG, "a\x07b", ",".join(f"tag{n}" for n in range(1000))),
    "consent_wallet": ("maybe", "2", LONG),
    "consent_email": ("maybe", "2", LONG),
    "consent_wording": (LONG, "a\x07b"),
    "consent_source": (LONG, "a\x07b"),
}


def row_of(column: str, cell: str) -> list[str]:
    """A row that is right but for one cell."""
    right = {
        "external_id": "new",
        "consent_wallet": "yes",
        "consent_wording": "Ja.",
        "consent_source": "till",
    }
    return [{**right, column: cell}.get(name, "") for name in COLUMNS]


def test_every_column_is_swept() -> None:
    assert BAD_CELLS.keys() == COLUMNS.keys()


@pytest.mark.parametrize("column", BAD_CELLS)
def test_a_bad_cell_is_reported_by_row_and_column_and_leaves_no_trace(world: World, column: str) -> None:
    rows = [list(COLUMNS), *(row_of(column, cell) for cell in BAD_CELLS[column])]
    content = "\n".join(";".join(row) for row in rows).encode()
    before = fingerprint(world.database)
    report = import_csv(world.database, world.mine.shop.id, content, "test")
    assert changed(before, fingerprint(world.database)) == []
    assert (report.created, report.updated, report.refused) == (0, 0, len(BAD_CELLS[column]))
    assert [p.row for p in report.problems] == list(range(2, 2 + len(BAD_CELLS[column])))
    assert {p.field for p in report.problems} == {column}
    assert all(len(p.message) > 5 for p in report.problems)
