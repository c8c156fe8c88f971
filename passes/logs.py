"""Where log lines go: to standard error, plainly, so that standard output stays the command's own."""

import sys
from typing import Any

import structlog


def log_to_stderr() -> None:
    """Set logging up for this process.

    Tracebacks are plain: the library's own would print local variables, and with them secrets.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=_logger,
    )


def _logger(*_: Any) -> structlog.WriteLogger:
    # Looked up for every logger, as whoever captures standard error puts another in its place.
    return structlog.WriteLogger(sys.stderr)
