"""All processes together ask Google no faster than it allows, and leave it alone when told."""

import multiprocessing
import threading
import time
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Select, select, update
from structlog.testing import capture_logs

from passes.clock import SystemClock
from passes.db.engine import Database
from passes.installs import google_pace
from passes.installs.models import GoogleIssuer
from passes.wallets.google.errors import GoogleBusy
from passes.wallets.google.pace import MARGIN, SharedPace

ISSUER = "3388000000012345678"
WIDTH_US = 60 * google_pace.SECOND_US
"""So far apart that the time a slow machine takes between two requests does not show."""


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def slots(database: Database, count: int, patience_us: int = 10**10) -> list[int]:
    """How long each of some requests that come at once has to wait, in microseconds."""
    waits = []
    for _ in range(count):
        with database.tally() as uow:
            slot = google_pace.take_slot(uow, ISSUER, WIDTH_US, patience_us)
        assert isinstance(slot, google_pace.Slot)
        waits.append(slot.wait_us)
    return waits


def test_those_who_come_together_leave_one_by_one(database: Database) -> None:
    waits = slots(database, 20)
    assert waits[0] == 0
    assert all(earlier < later for earlier, later in pairwise(waits))
    assert sum(b - a for a, b in pairwise(waits)) <= 19 * WIDTH_US


def test_who_would_wait_too_long_is_sent_away_and_costs_no_slot(database: Database) -> None:
    slots(database, 20)
    for _ in range(2):
        with database.tally() as uow:
            refused = google_pace.take_slot(uow, ISSUER, WIDTH_US, 1000)
        assert isinstance(refused, google_pace.NoSlot)
        assert 0 < refused.retry_after_us <= 20 * WIDTH_US


def test_each_pause_is_twice_as_long_until_a_request_succeeds(database: Database) -> None:
    second_us, lengths = google_pace.SECOND_US, []
    for _ in range(4):
        with database.tally() as uow:
            google_pace.pause(uow, ISSUER, 2000 * second_us, 10_000 * second_us, "429")
            lengths.append(google_pace.issuer_state(uow, ISSUER).paused_for_us)
            uow.conn.execute(update(GoogleIssuer).values(paused_until_us=0))
    assert [round(length / second_us, -3) for length in lengths] == [2000, 4000, 8000, 10_000]
    with database.tally() as uow:
        google_pace.forgive(uow, ISSUER)
        assert google_pace.issuer_state(uow, ISSUER).strikes == 0


def test_a_pause_that_runs_is_neither_lengthened_nor_forgiven(database: Database) -> None:
    with database.tally() as uow:
        assert google_pace.pause(uow, ISSUER, WIDTH_US, WIDTH_US, "403") == 1
        assert google_pace.pause(uow, ISSUER, WIDTH_US, WIDTH_US, "403") is None
        google_pace.forgive(uow, ISSUER)
        state = google_pace.issuer_state(uow, ISSUER)
    assert (state.strikes, state.pause_reason) == (1, "403")
    assert 0 < state.paused_for_us <= WIDTH_US


def test_while_paused_nobody_asks_and_everybody_hears_why_and_for_how_long(database: Database) -> None:
    pace, other = (SharedPace(database, ISSUER, 20) for _ in range(2))
    with capture_logs() as logs:
        pace.quota_spent("Quota exceeded.")
        other.quota_spent("Quota exceeded.")
    assert [entry["event"] for entry in logs] == ["google_quota_spent"]
    with pytest.raises(GoogleBusy, match="403 quotaExceeded") as refused:
        other.acquire(5.0)
    assert refused.value.retry_after_s == pytest.approx(60, abs=30)


def test_what_google_asks_for_is_waited_for(database: Database) -> None:
    pace = SharedPace(database, ISSUER, 20)
    pace.too_fast(1700.0)
    with pytest.raises(GoogleBusy) as refused:
        pace.acquire(1.0)
    assert refused.value.retry_after_s == pytest.approx(1700, abs=100)


def test_after_a_pause_the_first_success_is_noted_and_no_other(database: Database) -> None:
    pace = SharedPace(database, ISSUER, 1000, rate_pause_s=0.01)
    pace.too_fast(None)
    time.sleep(0.02)
    pace.acquire(1.0)
    pace.succeeded()
    with database.read() as uow:
        assert google_pace.issuer_state(uow, ISSUER).strikes == 0


def test_a_slot_that_was_slept_through_is_given_up(database: Database) -> None:
    clock = Time()

    def oversleep(seconds: float) -> None:
        clock.sleep(seconds + (0.5 if len(clock.slept) == 0 else 0.0))

    pace = SharedPace(database, ISSUER, 20, monotonic=lambda: clock.now, sleep=oversleep)
    pace.acquire(10.0)
    pace.acquire(10.0)
    assert len(clock.slept) >= 2


def test_an_issuer_that_another_process_begins_meanwhile_has_a_slot(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.tally() as uow:

        def overtaken(*columns: Any) -> Select[Any]:
            google_pace._begin(uow, ISSUER)
            return select(*columns)

        monkeypatch.setattr(google_pace, "select", overtaken)
        assert google_pace.take_slot(uow, ISSUER, 10_000, 0) == google_pace.Slot(0, 0)


def ask(url: str, count: int, together: Any, moments: "multiprocessing.SimpleQueue[list[float]]") -> None:
    """One process with two threads that ask as fast as they may; tells when it began, and each turn."""
    database = Database(url, SystemClock())
    pace = SharedPace(database, ISSUER, 100)
    together.wait(120)
    left = [time.monotonic()]

    def go() -> None:
        for _ in range(count):
            pace.acquire(20.0)
            left.append(time.monotonic())

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    moments.put(left)


def test_two_processes_share_one_pace(database: Database) -> None:
    context = multiprocessing.get_context("spawn")
    moments: multiprocessing.SimpleQueue[list[float]] = context.SimpleQueue()
    together = context.Barrier(2)
    processes = [context.Process(target=ask, args=(database.url, 15, together, moments)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    left = sorted(moments.get() + moments.get())
    assert len(left) == 2 + 60
    assert left[-1] - left[0] >= 59 * MARGIN / 100
