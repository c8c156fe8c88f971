"""Ticking: only the leader works, one job's trouble is its own, and stopping lets a piece of work end."""

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from scheduler.jobs import Job, KeepGoing
from scheduler.ticker import Ticker
from tests.waiting import eventually


class FakeLock:
    """A lock that is held when told so."""

    def __init__(self, held: bool = True, patience_s: float = 600.0) -> None:
        self.held = held
        self.patience_s = patience_s
        self.released = False
        self.answers = threading.Event()
        self.answers.set()

    def hold(self) -> bool:
        self.answers.wait()
        return self.held

    def release(self) -> None:
        self.released = True


class Counter:
    """A job that counts."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, keep_going: KeepGoing) -> None:
        self.runs += 1


def ticker(lock: FakeLock, *jobs: Callable[[KeepGoing], object]) -> Ticker:
    table = [Job(f"job {number}", 0.05, job) for number, job in enumerate(jobs)]
    return Ticker(table, lock, lead_s=0.05)


def test_the_leader_works_tick_after_tick() -> None:
    job = Counter()
    running = ticker(FakeLock(), job)
    running.start()
    eventually(lambda: job.runs >= 3)
    running.stop()


def test_a_follower_does_nothing_until_it_leads() -> None:
    job, lock = Counter(), FakeLock(held=False)
    running = ticker(lock, job)
    running.start()
    time.sleep(0.3)
    assert job.runs == 0
    lock.held = True
    eventually(lambda: job.runs > 0)
    running.stop()


def test_who_loses_the_lock_stops_working() -> None:
    job, lock = Counter(), FakeLock()
    running = ticker(lock, job)
    running.start()
    eventually(lambda: job.runs > 0)
    lock.held = False
    eventually(lambda: not running.leading)
    seen = job.runs
    time.sleep(0.3)
    assert job.runs <= seen + 1
    running.stop()


def test_a_lock_that_does_not_answer_is_not_trusted_for_longer_than_its_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a process finds that was stopped and goes on: its last answer is too old."""
    lock = FakeLock()
    running = ticker(lock)
    running.start()
    assert running.leading
    lock.answers.clear()
    now = time.monotonic()
    monkeypatch.setattr("scheduler.ticker.time", SimpleNamespace(monotonic=lambda: now + lock.patience_s))
    assert not running.leading
    lock.answers.set()
    running.stop()


def test_a_job_that_fails_is_logged_and_comes_again_and_hurts_no_other() -> None:
    calls, other = [0], Counter()

    def fails(_: KeepGoing) -> None:
        calls[0] += 1
        raise KeyError("broken")

    running = ticker(FakeLock(), fails, other)
    with capture_logs() as logs:
        running.start()
        eventually(lambda: calls[0] >= 2 and other.runs >= 2)
        running.stop()
    failed = [line for line in logs if line["event"] == "tick_failed"]
    assert failed[0]["job"] == "job 0"
    assert "broken" in failed[0]["error"]


def test_a_job_never_runs_twice_at_once() -> None:
    active, most = [0], [0]

    def slow(_: KeepGoing) -> None:
        active[0] += 1
        most[0] = max(most[0], active[0])
        time.sleep(0.15)
        active[0] -= 1

    running = ticker(FakeLock(), slow)
    running.start()
    time.sleep(0.5)
    running.stop()
    assert most[0] == 1


def test_stopping_tells_the_job_and_waits_for_the_piece_in_hand() -> None:
    begun, ended = threading.Event(), threading.Event()

    def works(keep_going: KeepGoing) -> None:
        begun.set()
        while keep_going():
            time.sleep(0.01)
        time.sleep(0.1)
        ended.set()

    lock = FakeLock()
    running = ticker(lock, works)
    running.start()
    assert begun.wait(120)
    running.stop()
    assert ended.is_set()
    assert lock.released
    running.stop()


@pytest.mark.parametrize("held, word", [(True, "leader"), (False, None)])
def test_only_a_change_of_leadership_is_logged(held: bool, word: str | None) -> None:
    running = ticker(FakeLock(held))
    with capture_logs() as logs:
        running.start()
        time.sleep(0.3)
        running.stop()
    assert [line["event"] for line in logs] == ([word] if word else [])
