"""The real server as its own processes, to be killed like a power cut kills it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 120.0


class Process:
    """A program of ours in a process group of its own."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], log: Path) -> None:
        self._command = [sys.executable, "-m", *arguments]
        self._environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; its words go to the log."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its number, while it runs."""
        assert self._process is not None
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it was started and has not ended by itself."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """kill -9 the whole group, and see it gone."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(120)
        self._process = None

    def words(self) -> str:
        """What it said so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""


class Server(Process):
    """`python -m passes serve` on a port of its own."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        settings = {**environment, "STEMPEL_PORT": str(self.port), "STEMPEL_BASE_URL": self.base_url}
        super().__init__("passes", "serve", environment=settings, log=log)

    def start(self) -> None:
        """Start it and wait until it is ready."""
        super().start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.is_alive():
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.base_url}/readyz", timeout=10).status_code == 200:
                    return
            time.sleep(0.05)
        self.kill()
        raise AssertionError(f"the server did not become ready:\n{self.words()[-4000:]}")
