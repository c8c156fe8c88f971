"""The bucket lets twenty leave at once and then one every twentieth of a second."""

import pytest

from passes.wallets.google.rate import TokenBucket


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_a_burst_of_twenty_leaves_at_once_and_the_rest_at_the_pace() -> None:
    time = Time()
    bucket = TokenBucket(20.0, monotonic=lambda: time.now, sleep=time.sleep)
    for _ in range(60):
        bucket.acquire()
    assert len(time.slept) == 40
    assert time.now - 100.0 == pytest.approx(2.0)


def test_a_pause_fills_the_bucket_but_not_over_the_brim() -> None:
    time = Time()
    bucket = TokenBucket(20.0, monotonic=lambda: time.now, sleep=time.sleep)
    time.now += 3600
    for _ in range(21):
        bucket.acquire()
    assert time.slept == [pytest.approx(0.05)]


def test_those_who_wait_together_are_spread_out() -> None:
    waits: list[float] = []
    bucket = TokenBucket(20.0, monotonic=lambda: 0.0, sleep=waits.append)
    for _ in range(23):
        bucket.acquire()
    assert waits == [pytest.approx(0.05), pytest.approx(0.10), pytest.approx(0.15)]
