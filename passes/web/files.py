"""What is handed out as a file of its own, under a name, and kept by no cache on the way."""

from flask import Response


def as_file(content: bytes | str, content_type: str, name: str, *, opened: bool = False) -> Response:
    """`content` to be saved as `name` (ASCII, no spaces), or `opened` by whoever can read it."""
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f"{'inline' if opened else 'attachment'}; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response
