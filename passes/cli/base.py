"""How every command behaves: what a person got wrong is a sentence on standard error, never a traceback.

Exit codes: 0 done; 1 a definite no (a refusal, a fault found, a database that is busy); 2 bad input.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy.exc import OperationalError

from passes.clock import parse_rfc3339
from passes.errors import ConfigurationError, FieldError, StempelError
from passes.migrate import database_words

ACTOR = "cli"
"""How the audit log and the books name the operator."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a machine.")
merchant_option = click.option("--merchant", required=True, metavar="SLUG", help="The merchant's slug.")


class Complaint(click.ClickException):
    """Sentences about what went wrong."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences

    def show(self, file: IO[Any] | None = None) -> None:
        """One line each, on standard error unless told otherwise."""
        for sentence in self.sentences:
            click.echo(f"Error: {sentence}", file=file, err=file is None)


class BadInput(Complaint):
    """Sentences about input that is wrong in itself."""

    exit_code = 2


class Command(click.Command):
    """A command whose refusals become complaints that name the option at fault."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the line; what is no text on it can be told to nobody, so it goes no further."""
        left = super().parse_args(ctx, args)
        for param in self.params:
            value = ctx.params.get(param.name or "")
            if isinstance(value, str | Path) and not _is_text(str(value)):
                raise click.BadParameter("is no UTF-8 text", ctx=ctx, param=param)
        return left

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        try:
            return super().invoke(ctx)
        except StempelError as error:
            raise self._complaint(ctx, error) from error
        except OperationalError as error:
            raise Complaint([f"The database could not do that: {database_words(error)}"]) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise BadInput([f"{error.filename}: {error.strerror}"]) from error

    def _complaint(self, ctx: click.Context, error: StempelError) -> Complaint:
        if isinstance(error, FieldError):
            return BadInput([f"{self._option(ctx, e['field'])}: {e['message']}" for e in error.errors])
        if isinstance(error, ConfigurationError):
            return BadInput([str(error)])
        return Complaint([str(error)])

    def _option(self, ctx: click.Context, field: str) -> str:
        """The option a field came from, itself or as a file; or the field where it stood in a longer file."""
        name = field.partition(".")[0]
        given = (p for p in self.params if p.opts[0] != p.name and ctx.params.get(p.name or "") is not None)
        return next((p.opts[0] for p in given if p.name in (name, f"{name}_file")), field)


class Moment(click.ParamType[datetime]):
    """A point in time, RFC 3339."""

    name = "RFC3339"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it."""
        try:
            return parse_rfc3339(value, "time")
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type


def _is_text(text: str) -> bool:
    # Bytes on the line that are no UTF-8 arrive as halves of characters.
    return not any("\ud800" <= character <= "\udfff" for character in text)
