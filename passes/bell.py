"""Waiting for a signal without missing it, for a process that has nothing else to do than to be told.

`threading.Event` is no help there. Its lock is held for a moment while one begins to wait, and a signal
handler that sets it in that moment waits for itself, for good. And a signal that arrives a moment before the
wait begins, or that the kernel gives to another thread, does not end the wait.
"""

from contextlib import suppress
from queue import Empty, SimpleQueue

LOOK_S = 1.0
"""After how many seconds at the latest a handler is run whose signal did not end the wait."""


class Bell:
    """Rung from anywhere, signal handlers and other threads included; every ring ends one wait."""

    def __init__(self) -> None:
        # Its `put` may interrupt any of its own methods, as is said of nothing else to wait for.
        self._rings: SimpleQueue[None] = SimpleQueue()

    def ring(self) -> None:
        """End the wait, or the next one if nobody waits."""
        self._rings.put(None)

    def wait(self) -> None:
        """Wait until it is rung; returns at once if it was since the last wait. For the main thread only."""
        while True:
            with suppress(Empty):
                return self._rings.get(timeout=LOOK_S)
