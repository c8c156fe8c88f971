"""Uploads meant to crash, stall, bloat or slip something past us, and oddities that mean no harm.

All are made by code. `PAYLOAD` is what the hostile ones carry; it may never be in what is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass

PAYLOAD = b"<script>alert('payload-7f3a')</script>"


@dataclass(frozen=True)
class Upload:
    """A file somebody sends: its bytes, made when they are needed."""

    name: str
    make: Callable[[], bytes]


def uploads(**made: Callable[[], bytes]) -> list[Upload]:
    """The files by name, underscores read as spaces."""
    return [Upload(name.replace("_", " "), make) for name, make in made.items()]
