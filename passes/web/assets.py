"""Style sheet and fonts of our pages, served by ourselves under names that change with their content."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Response, abort
from font_roboto import Roboto, RobotoMedium

IMMUTABLE = "public, max-age=31536000, immutable"

ARTWORK = Path(__file__).parents[2] / "templates" / "web" / "artwork"
"""Where an operator puts the official badges; see docs/artwork.md."""

_BADGES = frozenset(f"{wallet}-{language}.svg" for wallet in ("apple", "google") for language in ("de", "en"))

_FILES: dict[str, tuple[Path, str]] = {
    "stempel.css": (Path(__file__).parent / "static" / "stempel.css", "text/css; charset=utf-8"),
    "wide.css": (Path(__file__).parent / "static" / "wide.css", "text/css; charset=utf-8"),
    "roboto-regular.ttf": (Path(Roboto), "font/ttf"),
    "roboto-medium.ttf": (Path(RobotoMedium), "font/ttf"),
}


def serve(tag_asked: str, name: str) -> Response:
    """The asset called `name`; 404 for any other name.

    An old page may ask under an old tag: it gets today's file, but may not keep it under that name.
    """
    if name not in _FILES:
        abort(404)
    response = Response(_content(name), content_type=_FILES[name][1])
    response.headers["Cache-Control"] = IMMUTABLE if tag_asked == tag() else "no-cache"
    return response


@cache
def tag() -> str:
    """A short name for the assets as they are now."""
    return hashlib.sha256(b"".join(_content(name) for name in _FILES)).hexdigest()[:12]


@cache
def _content(name: str) -> bytes:
    return _FILES[name][0].read_bytes()


def artwork(wallet: str, language: str) -> str | None:
    """The name of the official badge an operator put into `ARTWORK`, None where there is none."""
    name = f"{wallet}-{language}.svg"
    return name if (ARTWORK / name).is_file() else None


def serve_artwork(name: str) -> Response:
    """An official badge; 404 for anything else. The policy keeps a script in an SVG from ever running."""
    if name not in _BADGES or not (ARTWORK / name).is_file():
        abort(404)
    response = Response((ARTWORK / name).read_bytes(), content_type="image/svg+xml")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
