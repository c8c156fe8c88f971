"""Faults of ours, as the outermost edges of the web meet them: logged with their trace, told without it."""

import structlog

from passes.web.problems import Problem

log = structlog.get_logger(__name__)


def accident(method: str, endpoint: str | None) -> Problem:
    """What a machine is told of the exception being handled, once that is in the log."""
    log.exception("request_failed", method=method, endpoint=endpoint)
    return Problem("internal_error", "This is our fault and has been logged.")
