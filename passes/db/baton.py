"""The baton: which of a process's tills computes, while the others wait for the database or their turn.

Python runs one thread at a time anyway. But each call into the driver gives the interpreter up, most of them
for a microsecond, and each wakes a thread that waits for it and finds it taken again: a dozen times for one
redemption. Who waits for the baton instead is woken when it is free, and not before.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

import psycopg
from psycopg.abc import PQGen

P = ParamSpec("P")
RV = TypeVar("RV")


class Baton:
    """One in a process. Whoever holds it hands it on before waiting for anything but it (`waiting_for`).

    Only for calls that compute little: meanwhile no other till of the process does.
    """

    __slots__ = ("_lock", "_mine")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mine = threading.local()

    def __enter__(self) -> None:
        self._lock.acquire()
        self._mine.is_held = True

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self._mine.is_held = False
        self._lock.release()

    def waiting_for(self, wait: Callable[P, RV], *args: P.args, **kwargs: P.kwargs) -> RV:
        """What `wait` returns; the baton is with somebody else until then, if it was with this thread."""
        if not getattr(self._mine, "is_held", False):
            return wait(*args, **kwargs)
        self.__exit__()
        try:
            return wait(*args, **kwargs)
        finally:
            self.__enter__()


BATON = Baton()


class Connection(psycopg.Connection[Any]):
    """A connection to PostgreSQL: whoever waits for an answer has handed the baton on."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait as the driver does, looking for a signal every `interval` seconds."""
        return BATON.waiting_for(super().wait, gen, interval, timeout)
