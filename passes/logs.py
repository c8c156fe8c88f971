"""Where log lines go: to standard error, plainly, so that standard output stays the command's own."""

import re
import sys
from io import StringIO
from typing import Any, TextIO

import structlog
from structlog.typing import ExcInfo

_QUOTES = re.compile(r"\s*(DETAIL|CONTEXT): ")


def log_to_stderr() -> None:
    """Set logging up for this process.

    Tracebacks are plain: the library's own would print local variables, and with them secrets. PostgreSQL
    quotes the offending row in a line of its own; that line stays out for the same reason.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, exception_formatter=_traceback),
        ],
        logger_factory=_logger,
    )


def _traceback(output: TextIO, raised: ExcInfo) -> None:
    told = StringIO()
    structlog.dev.plain_traceback(told, raised)
    output.writelines(line for line in told.getvalue().splitlines(keepends=True) if not _QUOTES.match(line))


def _logger(*_: Any) -> structlog.WriteLogger:
    # Looked up for every logger, as whoever captures standard error puts another in its place.
    return structlog.WriteLogger(sys.stderr)
