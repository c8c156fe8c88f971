"""A scheduler that leaves traces: `python -m tests.scheduler.ticking URL DATA_DIR PATIENCE_S TRACES`.

Its one job writes a line with its process id and the time into the file TRACES, twenty times a second while
it leads.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from passes.clock import SystemClock
from passes.db.engine import Database
from scheduler.jobs import Job
from scheduler.leader import leader_lock
from scheduler.ticker import Ticker


def main() -> None:
    """Tick until SIGTERM."""
    url, data_dir, patience_s, traces = sys.argv[1:5]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    descriptor = os.open(traces, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def trace(_: object) -> None:
        os.write(descriptor, f"{os.getpid()} {time.time()}\n".encode())

    lock = leader_lock(Database(url, SystemClock()), Path(data_dir), float(patience_s))
    ticker = Ticker([Job("trace", 0.05, trace)], lock, lead_s=0.1)
    ticker.start()
    stop.wait()
    ticker.stop()


if __name__ == "__main__":
    main()
