"""Servers as processes of their own: start them, hear what they say, see whom they leave behind."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from tests.waiting import PATIENCE_S, eventually

ROOT = Path(__file__).parents[2]


def lives(pid: int) -> bool:
    """Whether a process still runs; one that has ended and waits to be buried does not.

    A process whose first thread has ended still has its files and its port while another thread ends.
    """
    try:
        return any(
            (task / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
            for task in Path(f"/proc/{pid}/task").iterdir()
        )
    except (FileNotFoundError, ProcessLookupError):
        return False


def descendants(pid: int) -> list[int]:
    """Children, their children, and so on."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *descendants(child)]
    return found


@dataclass
class Program:
    """`python ARGUMENTS` from the checkout, in a session of its own; what it says goes to a file."""

    arguments: tuple[str, ...]
    environment: dict[str, str]
    log: Path

    def __enter__(self) -> Self:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("STEMPEL_", "PORT", "FAKES"))}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self.arguments], cwd=ROOT, env={**inherited, **self.environment},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            family = [self.process.pid, *self.family()]
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def family(self) -> list[int]:
        return descendants(self.process.pid)

    def until_it_says(self, words: str) -> str:
        """Wait for `words`; returns everything said by then."""
        eventually(lambda: words in self.said() or self.process.poll() is not None, self.said)
        assert words in self.said(), self.said()
        return self.said()

    def until_it_answers(self, url: str) -> None:
        def answers() -> bool:
            assert self.process.poll() is None, self.said()
            with suppress(requests.RequestException):
                return requests.get(url, timeout=5).ok
            return False

        eventually(answers, self.said)

    def stop(self, number: int = signal.SIGTERM, *, everybody: bool = False) -> int:
        """Tell it to stop (as Ctrl-C does, `everybody` in its session); returns its exit code."""
        if everybody:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)
