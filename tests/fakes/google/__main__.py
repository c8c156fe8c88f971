"""Runs the stand-in until it is stopped: `python -m tests.fakes.google --port P --dir D`."""

import argparse
import signal
import threading
from pathlib import Path
from types import FrameType

from tests.fakes.google.server import ISSUER_ID, GoogleStandIn


def main() -> None:
    """Write the credentials, say where everything is, serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--dir", type=Path, required=True, help="where the credentials are written")
    parser.add_argument("--issuer-id", default=ISSUER_ID)
    parser.add_argument("--tls", action="store_true", help="serve https with a certificate in --dir")
    parser.add_argument("--callback-url", help="where callbacks go, for classes that name no address")
    options = parser.parse_args()

    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    with GoogleStandIn(options.dir, options.port, issuer_id=options.issuer_id, tls=options.tls) as stand_in:
        stand_in.switches.callback_url = options.callback_url
        print(f"STEMPEL_GOOGLE_API_URL={stand_in.url}")
        print(f"STEMPEL_GOOGLE_CREDENTIALS_FILE={stand_in.credentials_file.resolve()}")
        print(f"STEMPEL_GOOGLE_ISSUER_ID={stand_in.issuer_id}")
        print(f"STEMPEL_GOOGLE_CALLBACK_KEYS_URL={stand_in.keys_url}")
        print(f"STEMPEL_GOOGLE_SAVE_URL={stand_in.save_base.rstrip('/')}")
        if stand_in.ca_file is not None:
            print(f"STEMPEL_PROVIDER_CA_FILE={stand_in.ca_file.resolve()}")
        print("ready", flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
