"""The guessing benchmark hears honest tills and a thief, and takes its percentiles over all rounds."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks import guessing
from benchmarks.guessing import Heard, measure, summarise


@pytest.mark.slow
def test_honest_tills_and_a_thief_are_heard_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "CARDS", 20)
    result = measure("sqlite", tmp_path, rounds=1, seconds=3)
    assert (result.honest_refused, result.right) == (0, 0)
    assert 0 < result.looked_up < result.guesses
    assert 0 < result.quiet_p50_ms <= result.quiet_p99_ms


def test_what_the_honest_were_refused_is_counted_and_a_slip_is_no_refusal() -> None:
    quiet = Heard([0.001] * 100, Counter({201: 99, 404: 1}))
    attacked = Heard([0.002] * 100, Counter({201: 97, 429: 2, 503: 1}))
    result = summarise("sqlite", quiet, attacked, Counter({404: 20, 429: 280}), 1.0)
    assert (result.honest_refused, result.looked_up, result.guesses) == (3, 20, 300)
    assert (result.ratio, result.attack_per_s) == (pytest.approx(2), 300)
