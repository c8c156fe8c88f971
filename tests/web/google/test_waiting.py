"""Customers who wait for Google keep no till waiting: some thread of a worker is always left."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from passes.cli.serve import BLOCKING_THREADS
from passes.wallets.google import root_keys, waiting
from passes.wallets.google.errors import GoogleBusy
from passes.wallets.google.root_keys import RootKeys

LONG_S = 60
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@contextmanager
def waiting_for_google(how_many: int) -> Iterator[None]:
    """So many threads that wait for Google until the block ends."""
    arrived, answered = threading.Barrier(how_many + 1), threading.Event()

    def wait() -> None:
        with waiting.turn():
            arrived.wait(LONG_S)
            answered.wait(LONG_S)

    with ThreadPoolExecutor(how_many) as threads:
        waits = [threads.submit(wait) for _ in range(how_many)]
        try:
            arrived.wait(LONG_S)
            yield
        finally:
            answered.set()
        for each in waits:
            each.result()


def test_a_worker_has_more_threads_than_may_wait_for_google() -> None:
    assert waiting.AT_ONCE < BLOCKING_THREADS


def test_who_would_take_the_last_thread_is_told_to_come_again() -> None:
    with (
        waiting_for_google(waiting.AT_ONCE),
        pytest.raises(GoogleBusy, match="waiting for Google already"),
        waiting.turn(),
    ):
        pass


def test_a_turn_that_has_ended_is_free_for_the_next_even_when_it_failed() -> None:
    for _ in range(waiting.AT_ONCE + 1):
        with pytest.raises(GoogleBusy, match="slow today"), waiting.turn():
            raise GoogleBusy("slow today")
    with waiting_for_google(waiting.AT_ONCE):
        pass


def test_while_one_reads_the_keys_of_callbacks_the_others_do_not_wait_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(root_keys, "PATIENCE_S", 0.01)
    keys = RootKeys("https://keys.invalid", None, timeout_s=LONG_S)
    reading, answered = threading.Event(), threading.Event()

    def read(_at: object) -> None:
        reading.set()
        answered.wait(LONG_S)

    monkeypatch.setattr(keys, "_read", read)
    with ThreadPoolExecutor(1) as threads:
        try:
            first = threads.submit(lambda: next(keys.attempts(NOW)))
            assert reading.wait(LONG_S)
            with pytest.raises(GoogleBusy, match="just being read"):
                next(keys.attempts(NOW))
        finally:
            answered.set()
        assert first.result() == []
    assert next(keys.attempts(NOW)) == []
