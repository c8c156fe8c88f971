"""Runs the push stand-in as a program of its own, until it is told to stop."""

import argparse
import signal
import threading
from pathlib import Path

from tests.fakes.apns.control import control
from tests.fakes.apns.journal import Push
from tests.fakes.apns.server import ApnsStandIn


def main() -> None:
    """Serve until SIGINT or SIGTERM, and print every accepted push."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.apns", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="TLS port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--control-port", type=int, default=0, help="plain HTTP: GET /pushes, POST /script")
    parser.add_argument("--dir", type=Path, required=True, help="where its CA and server certificate lie")
    parser.add_argument("--roots", type=Path, required=True, help="roots of the client certificates")
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stand_in = ApnsStandIn(options.dir, options.roots, options.port)
    stand_in.listen(_show)
    with stand_in, control(stand_in.journal, options.control_port) as address:
        print(f"APNs stand-in at {stand_in.url}, control at {address}, trust {stand_in.ca_file}", flush=True)
        stop.wait()


def _show(push: Push) -> None:
    print(f"push {push.number}: {push.topic} to {push.token[:8]}…", flush=True)


main()
