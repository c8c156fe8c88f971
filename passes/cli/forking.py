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

from passes.bell import Bell

_STOPS = (signal.SIGTERM, signal.SIGINT)
AGAIN_S = 0.5
"""After how long a worker that still loads is told once more."""

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
    vars(server)["main_loop_interrupt"] = _Alarm()


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
        # No exception leaves a finalizer or the callback of a weak reference, of which loading is full.
        signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGALRM, leave)
    # A terminal sends its Ctrl-C to everybody; the parent will say stop, and until then nothing is amiss.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        return load()
    finally:
        # Whoever leaves tidies up first, and is not to be told in the middle of that.
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        if told:
            sys.exit(0)


class _Alarm(Bell):
    """What wakes the server's loop, in place of its own `threading.Event`.

    The loop clears that only after it looked what there is to do, and would sleep through what came in
    between: a stop, or another worker that was lost. Here every ring has it look once more.
    """

    set = Bell.ring

    def clear(self) -> None:
        """Nothing is left to clear, as waking has used the ring up."""
