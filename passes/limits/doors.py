"""What this process remembers so that an attack costs the database nothing: who is locked out, who floods.

Forgotten with the process and not shared between processes: what guards money is counted in the database,
and a process that does not know of a lock reads it there once.
"""

import hashlib
import math
import threading
import time
from dataclasses import dataclass

from passes.errors import RateLimited

_MOST = 20_000
MISSES_PER_S, MISSES_AT_ONCE = 5, 8
"""So many wrong codes of those not proven are looked up, all of them together; one more waits a second."""

OWN_MISSES_PER_S, OWN_MISSES_AT_ONCE = 1 / 60, 4
"""The same for each key that has been right, before it has to wait like all others."""

STRANGERS_PER_S = 200
BURST_S = 10
"""An address may fail so often a second to show a good key; of anything, so many seconds' worth at once."""


class Closed:
    """Who was told to come back later, so that until then nobody has to look it up."""

    def __init__(self) -> None:
        self._until: dict[bytes, float] = {}

    def is_empty(self) -> bool:
        """Whether nobody is locked out."""
        return not self._until

    def shut(self, credential: str, for_s: int) -> None:
        """Remember that whoever shows this credential is locked out for so many seconds."""
        if len(self._until) >= _MOST:
            self._until = {}  # the database still knows
        self._until[_digest(credential)] = time.monotonic() + for_s

    def open(self, credential: str) -> None:
        """Remember that whoever shows this credential has been let in."""
        self._until.pop(_digest(credential), None)

    def wait_s(self, credential: str) -> int:
        """Whole seconds until they may try again, rounded up; 0 for everybody else.

        When the time has come one request goes ahead and finds out; the others wait a second for what it is
        told, so that a crowd at the door does not rush in together.
        """
        name = _digest(credential)
        until = self._until.get(name)
        if until is None:
            return 0
        left = until - time.monotonic()
        if left > 0:
            return math.ceil(left)
        self._until[name] = time.monotonic() + 1
        return 0


def _digest(credential: str) -> bytes:
    return hashlib.sha256(credential.encode(errors="surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Stake:
    """What a request put down for the codes typed in it, as if all of them were wrong."""

    bucket: "Bucket"
    name: str
    codes: int


class Pace:
    """How many wrong codes a second are looked up for keys that have never been right.

    A code is paid for before it is looked up, and what was right is given back. So many thieves who begin at
    once, each still within what one may get wrong, keep nobody waiting while they use that up: those too
    many are turned away before they cost anything. A key that has been right pays out of a purse of its own.
    """

    def __init__(self) -> None:
        self._own = Bucket(OWN_MISSES_PER_S, OWN_MISSES_AT_ONCE)
        self._shared = Bucket(MISSES_PER_S, MISSES_AT_ONCE)

    def enter(self, credential: str, codes: int) -> Stake:
        """Put down a stake for so many typed codes; raises `RateLimited` for one too many."""
        if self._own.knows(credential) and not self._own.take(credential, codes):
            return Stake(self._own, credential, codes)
        if wait_s := self._shared.take("", codes):
            raise RateLimited("Too many typed codes are wrong; scan the barcode, or wait.", wait_s)
        return Stake(self._shared, "", codes)

    def leave(self, stake: Stake, misses: int) -> None:
        """Give back what was put down for codes that were not wrong."""
        stake.bucket.give_back(stake.name, stake.codes - misses)

    def prove(self, credential: str) -> None:
        """Whoever shows this credential has done something right."""
        if not self._own.knows(credential):
            self._own.take(credential, 0)


class Admission:
    """How many requests a second one key may make, and how many an address may make that shows no good key.

    Generous on purpose: it is there for scripts that have run wild. A key that has been good before is not
    held to what others behind its address do.
    """

    def __init__(self, per_key_s: int) -> None:
        self._keys = Bucket(per_key_s, BURST_S * per_key_s)
        self._strangers = Bucket(STRANGERS_PER_S, BURST_S * STRANGERS_PER_S)

    def enter(self, credential: str, address: str) -> None:
        """Count a request; raises `RateLimited` for one too many."""
        known = self._keys.knows(credential)
        wait_s = self._keys.take(credential) if known else self._strangers.wait_s(address)
        if wait_s:
            raise RateLimited("Too many requests; slow down.", wait_s)

    def knows(self, credential: str) -> bool:
        """Whether the credential has been a good key before."""
        return self._keys.knows(credential)

    def welcome(self, credential: str) -> None:
        """The credential was a good key."""
        if not self._keys.knows(credential):
            self._keys.take(credential)

    def turn_away(self, address: str) -> None:
        """Somebody at this address had no good key."""
        self._strangers.take(address)


@dataclass(slots=True)
class _Level:
    tokens: float
    at: float


class Bucket:
    """Token buckets by name: so many requests a second, and `burst` of them at once."""

    def __init__(self, per_s: float, burst: float) -> None:
        self.per_s = per_s
        self.burst = burst
        self._levels: dict[str, _Level] = {}
        self._lock = threading.Lock()

    def knows(self, name: str) -> bool:
        """Whether anything was taken under this name."""
        return name in self._levels

    def wait_s(self, name: str) -> int:
        """Whole seconds until there is a token again; 0 when there is one. Takes none."""
        level = self._levels.get(name)
        if level is None:
            return 0
        there = level.tokens + (time.monotonic() - level.at) * self.per_s
        return 0 if there >= 1 else math.ceil((1 - there) / self.per_s)

    def take(self, name: str, count: int = 1) -> int:
        """Take tokens; returns 0, or without a single one the whole seconds until there is one.

        Whoever takes more than there are leaves a debt.
        """
        now = time.monotonic()
        with self._lock:
            level = self._levels.get(name)
            if level is None:
                if len(self._levels) >= _MOST:
                    self._levels.clear()
                level = self._levels[name] = _Level(self.burst, now)
            level.tokens = min(self.burst, level.tokens + (now - level.at) * self.per_s)
            level.at = now
            if level.tokens < 1:
                return math.ceil((1 - level.tokens) / self.per_s)
            level.tokens -= count
            return 0

    def give_back(self, name: str, count: int) -> None:
        """Put back what was taken and not used."""
        with self._lock:
            level = self._levels.get(name)
            if level is not None:
                level.tokens = min(self.burst, level.tokens + count)
