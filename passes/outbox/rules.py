"""How long to wait after a failure, and when to stop trying."""

BASE_S = 5
CAP_S = 900
MAX_ATTEMPTS = 12


def retry_delay_s(attempts: int, after_s: float, chance: float) -> float:
    """The wait after the `attempts`th failure (1 is the first), for a `chance` between 0 and 1.

    Exponential with full jitter, on top of what the other side asked for (`after_s`): those who failed
    together must not come back together.
    """
    ceiling_s = min(CAP_S, BASE_S << min(attempts - 1, 10))
    return after_s + chance * ceiling_s
