"""What commands print: results on standard output, for people or for machines; progress on standard error."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson

from passes.errors import FieldError

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


def show(as_json: bool, data: Any, text: str) -> None:
    """Print `data` as one line of JSON, or `text`."""
    click.echo(orjson.dumps(data, option=orjson.OPT_UTC_Z).decode() if as_json else text)


def note(text: str) -> None:
    """Say something beside the result."""
    click.echo(text, err=True)


def table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Columns as wide as their widest cell."""
    lines = [headings, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def new_file(path: Path) -> BinaryIO:
    """A file for its owner alone: what is handed out of the books is nobody else's business."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise FieldError("out", f"{path} exists already; name a new file") from None
    except OSError as error:
        raise FieldError("out", f"{path} cannot be written: {error.strerror}") from None


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """A bar on standard error, moved by calling what this yields; where nobody looks, only its label."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield progress
