"""The vendor's client: a program that reads instructions line by line, or an address that takes them.

An instruction and its answer are one JSON object each. Whatever else happens (silence, noise, death) is no
answer, and no answer is a finding, not an accident.
"""

import json
import os
import queue
import shlex
import shutil
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

import requests

from passes.errors import ConfigurationError

PATIENCE_S = 45.0
TIMEOUT_S = 3.0
"""How long an answer may take, and how long the client is told to wait for the server's."""

Json = dict[str, Any]


class Candidate(Protocol):
    """Somebody under examination."""

    can_be_killed: bool

    def tell(self, instruction: Json) -> Json | None:
        """Give an instruction; returns what the client believes happened, None when it says nothing."""
        ...

    def begin(self, instruction: Json) -> None:
        """Give an instruction and do not wait for its end."""
        ...

    def kill(self) -> None:
        """End the client like a power cut does; the next instruction starts it again."""
        ...

    def close(self) -> None:
        """Give back what is open."""
        ...


class Program:
    """A command, started when first needed, with a folder that outlives it."""

    can_be_killed = True

    def __init__(self, command: str, url: str, key: str, folder: Path) -> None:
        self._command = words_of(command)
        told = {"STEMPEL_URL": url, "STEMPEL_KEY": key, "STEMPEL_STATE": str(folder)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STEMPEL_")}
        self._environment = {**kept, **told, "STEMPEL_TIMEOUT_S": str(TIMEOUT_S)}
        self._process: subprocess.Popen[str] | None = None
        self._said: queue.Queue[str | None] = queue.Queue()

    def tell(self, instruction: Json) -> Json | None:
        """Write a line, wait for a line."""
        self.begin(instruction)
        try:
            line = self._said.get(timeout=PATIENCE_S)
            said = None if line is None else json.loads(line)
        except (queue.Empty, ValueError):
            said = None
        if not isinstance(said, dict):
            self.kill()
            return None
        return said

    def begin(self, instruction: Json) -> None:
        """Write a line."""
        process = self._process or self._start()
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(json.dumps(instruction) + "\n")
            process.stdin.flush()

    def kill(self) -> None:
        """Send it SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def close(self) -> None:
        """The same; a client that has nothing to do may die."""
        self.kill()

    def _start(self) -> "subprocess.Popen[str]":
        try:
            self._process = subprocess.Popen(  # noqa: S603  # the operator has just written the command
                self._command,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        except OSError as error:
            raise ConfigurationError(
                f"--till: {self._command[0]!r} cannot be started: {error.strerror}"
            ) from None
        assert self._process.stdout is not None
        self._said = queue.Queue()
        threading.Thread(target=_listen, args=(self._process.stdout, self._said), daemon=True).start()
        return self._process


def words_of(command: str) -> list[str]:
    """The words of a command that can be started; raises `ConfigurationError` for anything else."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ConfigurationError(f"--till: is no command: {error}") from None
    try:
        found = shutil.which(words[0]) if words else None
    except (ValueError, OSError):
        found = None
    if found is None:
        raise ConfigurationError("--till: is neither a command that can be started here nor an address")
    return words


class Address:
    """A client that takes instructions by POST. It cannot be killed from here."""

    can_be_killed = False

    def __init__(self, address: str) -> None:
        self._address = address

    def tell(self, instruction: Json) -> Json | None:
        """POST the instruction, hear the answer."""
        try:
            said = requests.post(self._address, json=instruction, timeout=PATIENCE_S).json()
        except (requests.RequestException, ValueError):
            return None
        return said if isinstance(said, dict) else None

    def begin(self, instruction: Json) -> None:
        """The same, in a thread of its own."""
        threading.Thread(target=self.tell, args=(instruction,), daemon=True).start()

    def kill(self) -> None:
        """It cannot."""

    def close(self) -> None:
        """Nothing is open."""


def _listen(output: IO[str], said: "queue.Queue[str | None]") -> None:
    with suppress(ValueError, OSError):
        for line in output:
            said.put(line)
    said.put(None)
