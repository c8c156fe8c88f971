"""Remembering what takes long to make, up to so many bytes: the last used stay.

A cache that counts entries holds a thousand small things or a thousand large ones; a service whose merchants
upload photographs cannot tell beforehand which.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Held:
    """How a memory stands: entries and bytes now, and how often something was and was not there."""

    entries: int
    held_bytes: int
    hits: int
    misses: int


class Remembered(Generic[V]):
    """Values by key, the last used, up to `most_bytes` by what `cost` says; safe to share between threads."""

    def __init__(self, most_bytes: int, cost: Callable[[V], int]) -> None:
        self.most_bytes = most_bytes
        self._cost = cost
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._bytes = self._hits = self._misses = 0

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value under `key`, made when it is not there; two threads may both make it."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                self._hits += 1
                return self._values[key]
            self._misses += 1
        value = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = value
                self._bytes += self._cost(value)
            while self._bytes > self.most_bytes and self._values:
                self._bytes -= self._cost(self._values.popitem(last=False)[1])
        return value

    def held(self) -> Held:
        """What it holds now."""
        with self._lock:
            return Held(len(self._values), self._bytes, self._hits, self._misses)

    def clear(self) -> None:
        """Forget everything, the counts too."""
        with self._lock:
            self._values.clear()
            self._bytes = self._hits = self._misses = 0
