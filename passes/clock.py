"""The one clock business time comes from.

Everything a merchant would call "today" asks a `Clock`. Certificates, tokens, leases, back-off and HTTP
validators ask `real_now`, because the machines on the other side of those live in real time.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


_BEING_WRITTEN_S = 1.0


class Clock(Protocol):
    """Anything that knows the business time."""

    def now(self) -> datetime:
        """The business time, aware, in UTC."""
        ...


def real_now() -> datetime:
    """The time on the wall, aware, in UTC."""
    return datetime.now(UTC)


class SystemClock:
    """Business time is real time."""

    def now(self) -> datetime:
        """The business time, aware, in UTC."""
        return real_now()


@dataclass(frozen=True, slots=True)
class FileClock:
    """Business time stands in a file, so that every process of an experiment shares it."""

    path: Path

    def now(self) -> datetime:
        """The time in the file; raises `ValueError` naming the file when it holds none.

        Most ways to write a file empty it first, so one without a time is looked at again for a second.
        """
        give_up = time.monotonic() + _BEING_WRITTEN_S
        while True:
            try:
                return self._read()
            except ValueError:
                if time.monotonic() >= give_up:
                    raise
            time.sleep(0.005)

    def _read(self) -> datetime:
        return parse_rfc3339(self.path.read_text(encoding="ascii", errors="replace").strip(), str(self.path))


@dataclass(slots=True)
class FixedClock:
    """Business time as a test sets it."""

    at: datetime

    def now(self) -> datetime:
        """The time last set."""
        return self.at


def parse_rfc3339(text: str, what: str = "time") -> datetime:
    """An aware UTC datetime from RFC 3339 text; `ValueError` naming `what` for anything else."""
    try:
        # fromisoformat also takes week dates, missing seconds and offsets that RFC 3339 does not know.
        value = datetime.fromisoformat(text.upper()) if _RFC_3339.fullmatch(text) else None
    except ValueError:
        value = None
    if value is None:
        raise ValueError(f"{what}: {text!r} is not an RFC 3339 time such as 2026-11-22T09:30:00Z")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{what}: {text!r} lies outside the years 1 to 9999") from None


def format_rfc3339(at: datetime) -> str:
    """RFC 3339 in UTC with `Z`, microseconds only where there are some."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON tells them: times as RFC 3339, everything else as it is."""
    return {
        name: format_rfc3339(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
