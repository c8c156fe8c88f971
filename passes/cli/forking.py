"""Forking the workers of a server so that each hears when it is told to stop, and finds no lock held.

A forked worker begins with what its parent does at a signal, which in the worker does nothing, and granian
puts its own in place only once the application is loaded. Whoever said stop in that second or two was not
heard, and the worker served on until it was killed. So a signal waits from before the fork until somebody
can hear it; and a worker that still loads has no request in flight and simply ends.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

from granian.server.common import AbstractServer

_STOPS = (signal.SIGTERM, signal.SIGINT)

Load = Callable[[], Any]


def fork_in_peace(server: AbstractServer[Any], quiet: threading.Lock) -> None:
    """Let no signal be lost while `server` forks a worker, and fork none while somebody holds `quiet`.

    A thread that is at work while its process forks leaves the locks it holds to the worker, where nobody
    ever lets them go; whoever does anything beside the server does it holding `quiet`.
    """
    spawn: Callable[..., Any] = server._spawn_worker

    def spawn_worker(idx: int, target: Any, callback_loader: Load) -> Any:
        loader = partial(load_unless_told, callback_loader)
        worker = spawn(idx=idx, target=target, callback_loader=loader)
        start: Callable[[], None] = worker.start

        def start_in_peace() -> None:
            with quiet, _signals_wait():
                start()

        worker.start = start_in_peace
        return worker

    vars(server)["_spawn_worker"] = spawn_worker
    vars(server)["main_loop_interrupt"] = _Alarm(server)


@contextmanager
def _signals_wait() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def load_unless_told(load: Load) -> Any:
    """What a worker does first: load the application, unless it is told to stop before that is done."""
    told = []

    def leave(_signal: int, _frame: FrameType | None) -> None:
        told.append(True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    # A terminal sends its Ctrl-C to everybody; the parent will say stop, and until then nothing is amiss.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    loaded = load()
    if told:
        # It was told in the middle of something that no exception leaves, such as a finalizer.
        sys.exit(0)
    return loaded


class _Alarm(threading.Event):
    """What wakes the server's loop; once it was told to stop, nothing puts it to sleep again.

    The loop looks whether it was told, and then clears the alarm to put workers back that were lost: told in
    between, it would have waited for good.
    """

    def __init__(self, server: AbstractServer[Any]) -> None:
        super().__init__()
        self._server = server

    def clear(self) -> None:
        """Wait for the next thing, unless that was to stop."""
        super().clear()
        if self._server.interrupt_signal:
            self.set()
