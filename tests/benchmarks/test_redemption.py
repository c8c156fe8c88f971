"""The redemption benchmark counts what stands in the books, and its page takes the figures."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks import load, redemption
from benchmarks.__main__ import BEGIN, END, write
from benchmarks.load import Load
from benchmarks.redemption import measure, summarise
from passes.clock import SystemClock
from passes.db.engine import Database
from passes.ledger.models import Account, Transaction


@pytest.mark.slow
@pytest.mark.parametrize("with_wrk", [True, False], ids=["wrk", "threads"])
def test_what_is_counted_stands_in_the_books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_wrk: bool
) -> None:
    monkeypatch.setattr(redemption, "CARDS", 20)
    monkeypatch.setattr(redemption, "CLIENTS", (2,))
    if not with_wrk:
        monkeypatch.setattr(load.shutil, "which", lambda _: None)
    [result] = measure("sqlite", tmp_path, rounds=1, seconds=1)
    assert (result.clients, result.errors) == (2, 0)
    assert 0 < result.ratio == result.per_second / result.minimal_per_second
    assert 0 < result.p50_ms <= result.p99_ms

    database = Database(f"sqlite:///{tmp_path / 'stempel.db'}", SystemClock())
    with database.read() as uow:
        redeemed = select(func.count()).where(Transaction.type == "redeem")
        by_tills = uow.conn.scalar(redeemed.where(Transaction.actor.startswith("key_"))) or 0
        by_hand = uow.conn.scalar(redeemed.where(Transaction.actor == "raw")) or 0
        left = uow.conn.scalar(select(func.sum(Account.balance)))
    database.close()
    # Up to one second and one answer per till each, in the measured round and in the one before it.
    assert by_tills >= result.per_second * 0.5
    assert by_hand >= result.minimal_per_second * 0.5
    assert left == 20 * redemption.LOADED - by_tills - by_hand


def test_ratios_are_taken_within_each_round() -> None:
    rounds = [(100.0, Load(50, 0, 1, 2)), (1000.0, Load(200, 1, 3, 4)), (10.0, Load(3, 2, 5, 6))]
    result = summarise("sqlite", 8, rounds)
    assert (result.ratio, result.per_second, result.minimal_per_second) == (0.3, 50, 100)
    assert (result.p50_ms, result.p99_ms, result.errors) == (3, 4, 3)


def test_the_page_keeps_what_stands_around_the_figures(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(page, r"new \1")
    write(page, r"newer \1")
    assert page.read_text() == f"before\n{BEGIN}\nnewer \\1\n{END}\nafter\n"
    page.write_text("no marks")
    with pytest.raises(ValueError, match="no marks"):
        write(page, "new")
