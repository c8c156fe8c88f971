"""The redemption benchmark counts what stands in the books, and its page takes the figures."""

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks import history, load, redemption
from benchmarks.__main__ import BEGIN, END, write
from benchmarks.cpu import confine, used_s
from benchmarks.load import Load
from benchmarks.redemption import Round, measure, summarise
from passes.cards import service as cards
from passes.clock import SystemClock
from passes.db.engine import Database
from passes.ledger.models import Account, Posting, Transaction
from passes.money import Money
from passes.programs import queries as programs
from passes.redemption.service import redeem
from tests.ledger.life import Books


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

    at = f"sqlite:///{tmp_path / '0' / 'stempel.db'}"
    with closing(Database(at, SystemClock())) as database, database.read() as uow:
        redeemed = select(func.count()).where(Transaction.type == "redeem")
        by_tills = uow.conn.scalar(redeemed.where(Transaction.actor.startswith("key_"))) or 0
        by_hand = uow.conn.scalar(redeemed.where(Transaction.actor == "raw")) or 0
        left = uow.conn.scalar(select(func.sum(Account.balance)))
    # Up to one second and one answer per till each, in the measured round and in the one before it.
    assert by_tills >= result.per_second * 0.5
    assert by_hand >= result.minimal_per_second * 0.5
    assert left == 20 * redemption.LOADED - by_tills - by_hand


def test_ratios_are_taken_within_each_round() -> None:
    rounds = [
        Round(Load(100, 0, 1, 2), Load(50, 0, 1, 2), 700),
        Round(Load(1000, 0, 1, 1), Load(200, 1, 3, 4), 900),
        Round(Load(10, 0, 1, 3), Load(3, 2, 5, 6), 800),
    ]
    result = summarise("sqlite", 8, "shared", rounds)
    assert (result.ratio, result.per_second, result.minimal_per_second) == (0.3, 50, 100)
    assert (result.p50_ms, result.p99_ms, result.errors) == (3, 4, 3)
    assert (result.minimal_p99_ms, result.p99_ratio, result.cpu_us) == (2, 2, 800)


def test_the_processor_time_of_a_process_counts_what_it_has_started() -> None:
    burn = "sum(i * i for i in range(3_000_000))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{burn}']); input()"
    with subprocess.Popen([sys.executable, "-c", child], stdin=subprocess.PIPE) as process:
        deadline = time.monotonic() + 120
        while used_s(process.pid) < 0.1:
            assert time.monotonic() < deadline
        process.communicate(b"\n")
    assert used_s(process.pid) == 0


def test_cores_are_given_to_a_process_and_to_what_it_starts_and_has_started() -> None:
    asks = "import os; print(os.sched_getaffinity(0))"
    program = (
        "import subprocess, sys\n"
        "started = subprocess.Popen(['cat'], stdin=subprocess.PIPE)\n"
        "print(started.pid, flush=True)\n"
        "input()\n"
        f"subprocess.run([sys.executable, '-c', '{asks}'])\n"
        "started.communicate()\n"
    )
    one = min(os.sched_getaffinity(0))
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        started = int(process.stdout.readline())
        confine(process.pid, [one])
        assert os.sched_getaffinity(process.pid) == os.sched_getaffinity(started) == {one}
        said, _ = process.communicate("\n")
    assert said.strip() == str({one})


def test_an_old_shop_has_as_many_transactions_as_it_was_given(database: Database, tmp_path: Path) -> None:
    books = Books(database).open()
    with database.write() as uow:
        program = programs.get(uow, books.merchant_id, books.programs["gift"])
        for _ in range(3):
            cards.issue(uow, program, actor="test", amount=100, reference=history.USED_UP)
        books.issue(uow, "gift", "young", 100)
    with database.write() as uow:
        redeem(uow, books.call("young"), amount=Money(1, "EUR"))
    history.fill(database, 1000)
    history.fill(database, 0)
    with database.read() as uow:
        rows = [uow.conn.scalar(select(func.count()).select_from(t)) for t in (Transaction, Posting)]
        entries = uow.conn.scalar(select(func.count()).where(Transaction.type == "redeem"))
        balances = uow.conn.scalars(select(Account.balance).where(Account.balance.is_not(None))).all()
    assert (rows[0], rows[1], entries) == (1005, 1005, 1001)
    assert sorted(balances) == [99, 100, 100, 100], "and no balance has moved"
    with database.write() as uow:
        redeem(uow, books.call("young"), amount=Money(1, "EUR"))
        moved = uow.conn.scalar(select(Account.balance).where(Account.card_id == books.cards["young"]))
    assert moved == 98, "and the trigger is back"


def test_the_page_keeps_what_stands_around_the_figures(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(page, r"new \1")
    write(page, r"newer \1")
    assert page.read_text() == f"before\n{BEGIN}\nnewer \\1\n{END}\nafter\n"
    page.write_text("no marks")
    with pytest.raises(ValueError, match="no marks"):
        write(page, "new")
