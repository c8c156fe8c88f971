"""How often somebody may try, counted in this process and forgotten with it.

Good enough against a script that fills forms; what guards a code, a PIN or a password is counted in the
database (`passes/limits`).
"""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class Turnstile:
    """Lets everybody through so many times in so long, for example `60 per 10 minutes`."""

    def __init__(self, rate: str) -> None:
        self._rate = parse(rate)
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    def admits(self, *who: str) -> bool:
        """Whether `who` may try once more; asking counts as trying."""
        return self._counter.hit(self._rate, *who)
