"""What the push stand-in has seen and how it is to behave: the one thing all its connections share."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Act = Literal["answer", "silence", "reset", "close", "goaway", "shutdown"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How to treat one request that nothing is wrong with, after `delay_s`.

    `answer` gives status, reason and timestamp (milliseconds); `silence` never answers; `reset` ends the
    stream, `close` the connection; `goaway` announces the end and leaves the request unprocessed;
    `shutdown` answers 503 Shutdown and then announces the end.
    """

    status: int = 200
    reason: str = ""
    timestamp_ms: int | None = None
    delay_s: float = 0.0
    act: Act = "answer"


ACCEPT = Behaviour()


@dataclass(frozen=True, slots=True)
class Push:
    """One request: `number` counts from 1 over all of them, `at` is Unix time in seconds.

    `status` is what it was answered with, 0 where it got no answer.
    """

    number: int
    token: str
    topic: str
    at: float
    connection: int
    status: int
    reason: str

    @property
    def accepted(self) -> bool:
        """Whether the phone would hear of it."""
        return self.status == 200


class Journal:
    """Requests, connections and scripts, behind one lock."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pushes: list[Push] = []
        self._connections = 0
        self._scripts: dict[str | None, deque[Behaviour]] = {}
        self._listeners: list[Callable[[Push], None]] = []

    def count_connection(self) -> int:
        """Count a TLS connection that was made; its number."""
        with self._changed:
            self._connections += 1
            return self._connections

    @property
    def connections(self) -> int:
        """How many TLS connections were made so far."""
        with self._changed:
            return self._connections

    def script(self, behaviours: Sequence[Behaviour], token: str | None = None) -> None:
        """Treat the next good requests so, in order: those to `token`, or else whichever come."""
        with self._changed:
            self._scripts.setdefault(token, deque()).extend(behaviours)

    def next_behaviour(self, token: str) -> Behaviour:
        """What the scripts have for this request: the token's own first; accept where they are empty."""
        with self._changed:
            for key in (token, None):
                if self._scripts.get(key):
                    return self._scripts[key].popleft()
        return ACCEPT

    def listen(self, listener: Callable[[Push], None]) -> None:
        """Call `listener` with every accepted push, on the thread that accepted it."""
        with self._changed:
            self._listeners.append(listener)

    def record(self, token: str, topic: str, connection: int, status: int, reason: str) -> None:
        """Write one request down, and tell the listeners if it was accepted."""
        with self._changed:
            number = len(self._pushes) + 1
            push = Push(number, token, topic, time.time(), connection, status, reason)
            self._pushes.append(push)
            listeners = list(self._listeners) if push.accepted else []
            self._changed.notify_all()
        for listener in listeners:
            listener(push)

    def requests(self) -> list[Push]:
        """Every request so far, refused ones too."""
        with self._changed:
            return list(self._pushes)

    def accepted(self, since: int = 0) -> list[Push]:
        """The accepted pushes with a number above `since`."""
        with self._changed:
            return self._accepted(since)

    def wait(self, since: int, timeout_s: float, enough: int = 1) -> list[Push]:
        """As `accepted`, once there are `enough` of them or `timeout_s` has passed."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._accepted(since)) >= enough, timeout_s)
            return self._accepted(since)

    def _accepted(self, since: int) -> list[Push]:
        return [p for p in self._pushes[since:] if p.accepted]
