"""The signing benchmark runs by its one command and compares like with like."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from benchmarks.pass_builders import in_threads, sampled
from benchmarks.passes import measure
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[2]


@pytest.mark.needs_openssl
def test_one_command_measures_us_between_the_raw_limit_and_wallet_py3k() -> None:
    command = [sys.executable, "-m", "benchmarks.passes", "--json", "--rounds", "1", "--seconds", "0.2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=300)
    found = json.loads(done.stdout)
    shares = {name: result["ratio_to_raw"] for name, result in found.items() if "ratio_to_raw" in result}
    assert list(shares) == [
        "raw RSA-2048",
        "Stempel",
        "Stempel, every signature encoded by the library",
        "Stempel, from a card's id in sqlite",
        "zipfile and the library, key kept loaded",
        "wallet-py3k",
    ]
    assert shares["raw RSA-2048"] == 1
    assert shares["Stempel"] > shares["wallet-py3k"] > 0
    assert set(found["first pass"]) == {"key_ms", "first_ms", "second_ms", "new_ms"}


def test_ratios_are_taken_to_the_first_operation_of_the_same_round_and_their_median_counts() -> None:
    rates = {"raw": iter([100.0, 200.0, 400.0]), "ours": iter([90.0, 100.0, 280.0])}
    raw, ours = measure({name: lambda _, each=each: next(each) for name, each in rates.items()}, 3, 1)
    assert (raw.per_second, raw.ratio_to_raw) == (200, 1)
    assert (ours.per_second, ours.ratio_to_raw) == (100, 0.7)


def test_work_is_counted_by_processor_time_and_not_by_the_clock_on_the_wall() -> None:
    def half_asleep() -> None:
        time.sleep(0.002)
        sum(range(20_000))

    began = time.monotonic()
    per_second = sampled(half_asleep)(0.02)
    assert per_second * (time.monotonic() - began) > 1.5 * 10


def test_threads_are_all_put_to_work() -> None:
    seen: set[int] = set()

    def until_both_were_here() -> None:
        seen.add(threading.get_ident())
        if len(seen) == 2:
            raise InterruptedError
        time.sleep(0.001)

    with pytest.raises(InterruptedError):
        in_threads(until_both_were_here, 2, PATIENCE_S)
