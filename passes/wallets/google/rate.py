"""Staying under Google's 20 requests a second per issuer, which no answer header ever announces."""

import threading
import time
from collections.abc import Callable

REQUESTS_PER_S = 20.0


class TokenBucket:
    """Lets `rate_per_s` callers through each second, the same number at once after a pause.

    It knows only this process; an installation whose processes together send more still has every 429
    answered by waiting.
    """

    def __init__(
        self,
        rate_per_s: float = REQUESTS_PER_S,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate_per_s = rate_per_s
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = rate_per_s
        self._filled_at = monotonic()

    def acquire(self) -> None:
        """Return when one more request may leave; waits outside the lock, in order of arrival."""
        with self._lock:
            now = self._monotonic()
            earned = (now - self._filled_at) * self._rate_per_s
            # Below zero stands what is promised to those already waiting.
            self._tokens = min(self._rate_per_s, self._tokens + earned) - 1
            self._filled_at = now
            wait_s = -self._tokens / self._rate_per_s
        if wait_s > 0:
            self._sleep(wait_s)
