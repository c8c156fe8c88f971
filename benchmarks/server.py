"""The real server as a process of its own, for as long as a benchmark needs it."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0


@contextmanager
def serving(settings: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m passes serve` under `settings` (with their prefix), ready; its words go to `log`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("STEMPEL_")} | dict(settings)
    command = [sys.executable, "-m", "passes", "serve"]
    with log.open("wb") as words:
        # A session of its own, so that an interrupt at the keyboard reaches it through us and in order.
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=words, stderr=words, start_new_session=True
        )
        try:
            _wait_until_ready(process, int(settings["STEMPEL_PORT"]), log)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError(f"The server did not start; {log} ends with:\n{log.read_text()[-2000:]}")
