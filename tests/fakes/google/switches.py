"""What can be changed while the stand-in runs, and what it has seen."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Misbehaviour:
    """What to do instead of, or around, the right answer to the next `times` matching requests.

    With `status` the request has no effect and gets that answer. With `lose_answer` it has its effect
    and the connection is closed instead of an answer.
    """

    method: str = ""
    path: str = ""
    status: int | None = None
    reason: str = "backendError"
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    lose_answer: bool = False
    times: int = 1

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is meant; an empty method or path means any."""
        return self.times > 0 and self.method in ("", method) and self.path in path


@dataclass(frozen=True, slots=True)
class Seen:
    """One request: what was asked, what was answered (0 when the answer was lost), and when it came.

    `at` is a moment of `time.monotonic`.
    """

    method: str
    path: str
    body: Any
    status: int
    at: float


def busiest_second(moments: Sequence[float]) -> int:
    """The most of some moments that lie within any second."""
    ordered, most, first = sorted(moments), 0, 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


@dataclass(slots=True)
class Switches:
    """How strict and how well-behaved the stand-in is."""

    rate_limit: bool = False
    locations_allowed: bool = False
    fetch_images: bool = False
    duplicates: int = 0
    bad_signatures: bool = False
    callback_url: str | None = None
    clock: Callable[[], float] = time.time


class Script:
    """The misbehaviours still to come, taken in order; safe between threads."""

    def __init__(self) -> None:
        self._waiting: list[Misbehaviour] = []
        self._lock = threading.Lock()

    def add(self, misbehaviour: Misbehaviour) -> None:
        """Plan one more."""
        with self._lock:
            self._waiting.append(misbehaviour)

    def take(self, method: str, path: str) -> Misbehaviour | None:
        """The first planned one this request is meant by, used up once."""
        with self._lock:
            found = next((m for m in self._waiting if m.matches(method, path)), None)
            if found is not None:
                found.times -= 1
            return found


class RateBucket:
    """Twenty requests in any second."""

    def __init__(self, per_second: int = 20, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._moments: deque[float] = deque(maxlen=per_second)
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Whether this request still fits; those that do not are not counted."""
        with self._lock:
            now = self._now()
            if len(self._moments) == self._moments.maxlen and now - self._moments[0] < 1.0:
                return False
            self._moments.append(now)
            return True
