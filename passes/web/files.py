"""Files that come with a form, and what is handed out as a file of its own, kept by no cache on the way."""

from flask import Response, request


def sent_file(name: str, most: int) -> bytes:
    """The first `most` bytes of the file in a form's field; none where no file was chosen."""
    sent = request.files.get(name)
    if sent is None:
        return b""
    try:
        content: bytes = sent.read(most)
        return content
    finally:
        sent.close()


def as_file(content: bytes | str, content_type: str, name: str, *, opened: bool = False) -> Response:
    """`content` to be saved as `name` (ASCII, no spaces), or `opened` by whoever can read it."""
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f"{'inline' if opened else 'attachment'}; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response
