"""Pictures that were drawn once, kept on disk: a process that has just started draws nothing again.

Drawing the nine pictures of a pass takes longer than five hundred signatures, and every worker of every
start would do it for every design and number of stamps. What is kept is named by what it was drawn from and
by the code that drew it, so it is never out of date; a file that cannot be read is drawn anew.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from functools import cache
from importlib.metadata import version
from pathlib import Path

import orjson
import structlog

from passes.wallets.apple.archive import Front
from passes.wallets.art.pictures import Art

MOST_BYTES = 512 * 1024 * 1024
"""Some four thousand states of cards in our own art, or three hundred with photographs."""
_PAINTERS = ("Pillow", "font-roboto")
_HERE = Path(__file__).parent
_SOURCES = (*sorted((_HERE.parent / "art").glob("*.py")), _HERE / "archive.py", _HERE / "images.py")

log = structlog.get_logger(__name__)


class DrawnPictures:
    """A folder of pictures ready for an archive; processes share it, and it may be emptied at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, art: Art, draw: Callable[[], Front]) -> Front:
        """The pictures of `art`, by `draw` if nobody has drawn them yet. A full disk stops nothing."""
        path = self._folder / _name(art)
        try:
            return _read(path)
        except (OSError, ValueError, KeyError, TypeError):
            pictures = draw()
        try:
            self._keep(path, pictures)
        except OSError as error:
            log.warning("pictures_not_kept", reason=str(error))
        return pictures

    def _keep(self, path: Path, pictures: Front) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_written(pictures))
            os.replace(name, path)
        finally:
            Path(name).unlink(missing_ok=True)
        self._make_room()

    def _make_room(self) -> None:
        """Remove what was not used for longest; other processes may be at it too."""
        with os.scandir(self._folder) as found:
            kept = [(file.stat(), file.path) for file in found if not file.name.startswith(".")]
        held = sum(state.st_size for state, _ in kept)
        for state, path in sorted(kept, key=lambda one: one[0].st_mtime_ns):
            if held <= MOST_BYTES:
                return
            Path(path).unlink(missing_ok=True)
            held -= state.st_size


def _name(art: Art) -> str:
    """Equal for equal pictures; the images themselves are equal where the design is."""
    depends = [getattr(art, part.name) for part in fields(art) if part.compare]
    return hashlib.sha256(_code() + orjson.dumps(depends)).hexdigest()[:40]


@cache
def _code() -> bytes:
    """What tells one way of drawing from another."""
    painters = "".join(version(name) for name in _PAINTERS).encode()
    return hashlib.sha256(painters + b"".join(path.read_bytes() for path in _SOURCES)).digest()


def _written(pictures: Front) -> bytes:
    parts = (pictures.listing, pictures.local, pictures.directory)
    body = b"".join(parts)
    head = {
        "count": pictures.count,
        "lengths": [len(part) for part in parts],
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return orjson.dumps(head) + b"\n" + body


def _read(path: Path) -> Front:
    """Raises `ValueError`, `KeyError` or `TypeError` for a file that is not whole."""
    line, _, body = path.read_bytes().partition(b"\n")
    head = orjson.loads(line)
    if hashlib.sha256(body).hexdigest() != head["sha256"]:
        raise ValueError(f"{path} is damaged")
    with suppress(OSError):
        os.utime(path)  # the last used stay
    first, second, _ = head["lengths"]
    listing, local, directory = body[:first], body[first : first + second], body[first + second :]
    return Front(head["count"], listing, local, directory)
