"""Starting the stand-ins for Apple's push service and for Google, as processes that end with this one.

They live in `tests/fakes` of a checkout. The demo knows them by what they print and nothing else.
"""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from passes.errors import ConfigurationError

CHECKOUT = Path(__file__).parents[3]
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 5.0

_APNS_READY = re.compile(r"^APNs stand-in at (\S+), control at (\S+), trust (.+)$", re.MULTILINE)
_GOOGLE_SETTING = re.compile(r"^(STEMPEL_\w+)=(.+)$", re.MULTILINE)
_GOOGLE_READY = re.compile(r"^ready$", re.MULTILINE)


@dataclass(slots=True)
class StandIn:
    """A running stand-in: the settings that lead to it, and where it writes what it sees."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    settings: dict[str, str]

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def are_here() -> bool:
    """Whether this is a checkout, which has the stand-ins."""
    return (CHECKOUT / "tests" / "fakes").is_dir()


def start_apns(folder: Path, roots: Path, own_trust: Path | None) -> StandIn:
    """The push stand-in, which knows clients whose certificates end at the roots in the folder `roots`.

    `own_trust` is a file of roots that is trusted beside the stand-in's own.
    """
    arguments = ["tests.fakes.apns", "--dir", str(folder / "apns"), "--roots", str(roots.resolve())]
    stand_in, said = _start("apns", arguments, folder, _APNS_READY)
    ready = _APNS_READY.search(said)
    assert ready is not None
    trust = folder / "trusted.pem"
    trust.write_bytes(b"".join(path.read_bytes() for path in (own_trust, Path(ready[3])) if path))
    stand_in.settings = {"STEMPEL_APNS_URL": ready[1], "STEMPEL_PROVIDER_CA_FILE": str(trust)}
    return stand_in


def start_google(folder: Path, callback_url: str) -> StandIn:
    """The stand-in for Google Wallet, which reports saves and deletions to `callback_url`."""
    arguments = ["tests.fakes.google", "--dir", str(folder / "google"), "--callback-url", callback_url]
    stand_in, said = _start("google", arguments, folder, _GOOGLE_READY)
    stand_in.settings = dict(_GOOGLE_SETTING.findall(said))
    return stand_in


def _start(name: str, arguments: list[str], folder: Path, ready: re.Pattern[str]) -> tuple[StandIn, str]:
    """Start it and wait until it says that it is ready; returns what it said by then."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    command = [sys.executable, "-u", "-m", "passes.cli.tether", str(os.getpid()), *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, and arguments of this file
            command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    stand_in = StandIn(name, process, log, {})
    deadline = time.monotonic() + START_TIMEOUT_S
    while not ready.search(said := log.read_text(encoding="utf-8", errors="replace")):
        if process.poll() is not None or time.monotonic() > deadline:
            stand_in.stop()
            last = said.strip().rpartition("\n")[2] or "it said nothing"
            raise ConfigurationError(f"The {name} stand-in did not start: {last} (all of it: {log})")
        time.sleep(0.05)
    return stand_in, said
