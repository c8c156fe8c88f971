"""What a process remembers of those it told to wait, and how much it lets through a second."""

import time

import pytest

from passes.errors import RateLimited
from passes.limits import doors
from passes.limits.doors import Admission, Bucket, Closed, Pace


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The process's clock; add to it to let time pass."""
    at = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    return at


def test_a_bucket_gives_its_burst_and_then_so_many_a_second(now: list[float]) -> None:
    bucket = Bucket(per_s=2, burst=3)
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 1]
    assert bucket.take("b") == 0
    now[0] += 1
    assert [bucket.take("a") for _ in range(3)] == [0, 0, 1]
    now[0] += 3600
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 1]


def test_whoever_was_told_to_wait_waits_and_then_one_goes_ahead(now: list[float]) -> None:
    closed = Closed()
    closed.shut("thief", 10)
    assert (closed.wait_s("thief"), closed.wait_s("honest")) == (10, 0)
    now[0] += 10
    assert [closed.wait_s("thief") for _ in range(3)] == [0, 1, 1]
    closed.open("thief")
    assert closed.wait_s("thief") == 0
    assert closed.is_empty()


def test_wrong_codes_of_many_at_once_are_paced_before_they_are_looked_up(now: list[float]) -> None:
    pace = Pace()
    for number in range(doors.MISSES_AT_ONCE):
        pace.leave(pace.enter(f"thief {number}", 1), misses=1)
    with pytest.raises(RateLimited) as refused:
        pace.enter("one more", 1)
    assert refused.value.retry_after_s == 1
    now[0] += 1
    for number in range(doors.MISSES_PER_S):
        pace.enter(f"thief {number}", 1)
    with pytest.raises(RateLimited):
        pace.enter("one more", 1)


def test_a_right_code_is_given_its_stake_back_and_a_basket_of_wrong_ones_costs_all_of_them(
    now: list[float],
) -> None:
    pace = Pace()
    for _ in range(5 * doors.MISSES_AT_ONCE):
        pace.leave(pace.enter("honest", 1), misses=0)
    pace.leave(pace.enter("thief", 30), misses=30)
    now[0] += (30 - doors.MISSES_AT_ONCE) / doors.MISSES_PER_S
    with pytest.raises(RateLimited):
        pace.enter("thief", 1)
    now[0] += 1
    pace.enter("thief", 1)


def test_a_key_that_was_right_pays_its_slips_from_its_own_purse_while_others_attack(now: list[float]) -> None:
    pace = Pace()
    pace.prove("honest")
    for number in range(doors.MISSES_AT_ONCE):
        pace.enter(f"thief {number}", 1)
    for _ in range(doors.OWN_MISSES_AT_ONCE):
        pace.leave(pace.enter("honest", 1), misses=1)
    with pytest.raises(RateLimited):
        pace.enter("honest", 1)
    pace.prove("honest")
    with pytest.raises(RateLimited):
        pace.enter("honest", 1)
    now[0] += 60
    assert pace.enter("honest", 1).name == "honest"


def test_a_key_may_ask_so_often_and_strangers_less_without_holding_up_a_known_key(now: list[float]) -> None:
    admission = Admission(per_key_s=1000)
    admission.enter("good", "192.0.2.1")
    admission.welcome("good")
    for _ in range(doors.BURST_S * doors.STRANGERS_PER_S):
        admission.enter("bad", "192.0.2.1")
        admission.turn_away("192.0.2.1")
    with pytest.raises(RateLimited) as refused:
        admission.enter("bad", "192.0.2.1")
    assert refused.value.retry_after_s == 1
    admission.enter("bad", "192.0.2.2")
    for _ in range(doors.BURST_S * 1000 - 1):
        admission.enter("good", "192.0.2.1")
    with pytest.raises(RateLimited):
        admission.enter("good", "192.0.2.1")
    now[0] += 1
    admission.enter("good", "192.0.2.1")
