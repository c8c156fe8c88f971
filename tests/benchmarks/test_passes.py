"""The signing benchmark runs by its one command and compares like with like."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.passes import measure

ROOT = Path(__file__).parents[2]


@pytest.mark.needs_openssl
def test_one_command_measures_us_between_the_raw_limit_and_wallet_py3k() -> None:
    command = [sys.executable, "-m", "benchmarks.passes", "--json", "--rounds", "1", "--seconds", "0.2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120)
    shares = {name: result["ratio_to_raw"] for name, result in json.loads(done.stdout).items()}
    assert list(shares) == ["raw RSA-2048", "Stempel", "wallet-py3k"]
    assert shares["raw RSA-2048"] == 1
    assert shares["Stempel"] > shares["wallet-py3k"] > 0


def test_ratios_are_taken_to_the_first_operation_of_the_same_round() -> None:
    raw, slower = measure({"raw": lambda: time.sleep(0.002), "slower": lambda: time.sleep(0.008)}, 3, 0.03)
    assert raw.ratio_to_raw == 1
    assert 0.15 < slower.ratio_to_raw < 0.5
