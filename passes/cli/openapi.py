"""`openapi`: the API document as a file, and whether that file is still the document that is served."""

from pathlib import Path

import click
import orjson

from passes.cli.base import Command, Complaint
from passes.web.api_v1 import openapi as document
from passes.web.api_v1.blueprint import operations

BASE_URL = "https://stempel.example"


@click.command(cls=Command)
@click.option("--check", type=click.Path(path_type=Path), help="Exit 1 unless this file is up to date.")
@click.option("--write", type=click.Path(path_type=Path), help="Write the document to this file.")
def openapi(check: Path | None, write: Path | None) -> None:
    """Print the OpenAPI document of the till and management API."""
    content = openapi_document()
    if check is not None and (not check.is_file() or check.read_bytes() != content):
        raise Complaint(
            [f"{check} is not the document that is served; run: python -m passes openapi --write {check}"]
        )
    if write is not None:
        write.write_bytes(content)
    if check is None and write is None:
        click.echo(content, nl=False)


def openapi_document() -> bytes:
    """The document under a base address of nobody's, so that it is the same everywhere."""
    found = document.document(operations(), BASE_URL)
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
