"""Customers who wait for Google while we ask: never so many that no thread is left for a till.

A web process has few threads (`passes/cli/serve.py`), and Google may take seconds. The scheduler's own calls
do not pass here; nobody waits behind them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from passes.wallets.google.errors import GoogleBusy

AT_ONCE = 3
"""In one process."""

_ROOM = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Room to wait for Google; raises `GoogleBusy` at once when there is none."""
    if not _ROOM.acquire(blocking=False):
        raise GoogleBusy("Too many are waiting for Google already.", retry_after_s=1)
    try:
        yield
    finally:
        _ROOM.release()
