"""How long the protocols run: long enough to bite in every run of the suite, as long as published before a
release.

STEMPEL_TEST_SIZE=release asks for the release sizes, STEMPEL_TEST_SECONDS bounds every timed run besides
(for trying `make chaos` out). The suite rolls the same dice every time, a release others each time, which
STEMPEL_TEST_SEED repeats.
"""

import math
import os
import random
from typing import TypeVar

RELEASE = os.environ.get("STEMPEL_TEST_SIZE") == "release"
NAME = "release" if RELEASE else "ci"
SEED = int(os.environ.get("STEMPEL_TEST_SEED") or (random.SystemRandom().randrange(10**6) if RELEASE else 7))

_BOUND_S = float(os.environ.get("STEMPEL_TEST_SECONDS") or "inf")

T = TypeVar("T")


def pick(*, ci: T, release: T) -> T:
    """The size of this run."""
    return release if RELEASE else ci


def seconds(*, ci: float, release: float) -> float:
    """How long a timed run takes."""
    return min(pick(ci=ci, release=release), _BOUND_S)


def is_bounded() -> bool:
    """Whether a timed run was cut short, so that it may miss how many kills it must have."""
    return math.isfinite(_BOUND_S)
