"""Back-off: exponential, capped, jittered, and never sooner than the other side asked."""

import pytest

from passes.outbox.rules import BASE_S, CAP_S, retry_delay_s


@pytest.mark.parametrize(
    "attempts, ceiling_s", [(1, 5), (2, 10), (3, 20), (7, 320), (8, 640), (9, 900), (12, 900), (1000, 900)]
)
def test_the_ceiling_doubles_up_to_a_quarter_of_an_hour(attempts: int, ceiling_s: float) -> None:
    assert retry_delay_s(attempts, 0, 1) == ceiling_s
    assert retry_delay_s(attempts, 0, 0.5) == ceiling_s / 2
    assert retry_delay_s(attempts, 0, 0) == 0


def test_what_the_other_side_asked_for_comes_on_top() -> None:
    assert retry_delay_s(1, 900, 0) == 900
    assert retry_delay_s(1, 900, 1) == 900 + BASE_S
    assert retry_delay_s(20, 60, 1) == 60 + CAP_S
