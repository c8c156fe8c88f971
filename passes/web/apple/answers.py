"""The answers that are no success, in the one form every problem of this service has."""

from flask import Response

from passes.web.problems import Problem


class _BadRequest(Problem):
    """What the till API calls 422 is 400 here: Apple's devices know no other status for it."""

    @property
    def status(self) -> int:
        """Always 400."""
        return 400


def unauthenticated() -> Response:
    """The same bytes for a wrong token, a missing one, and a card that does not exist."""
    answer = Problem("unauthenticated", "There is no such pass under that token.").response()
    answer.headers["WWW-Authenticate"] = "ApplePass"
    return answer


def invalid(field: str, message: str) -> Response:
    """A request that is wrong in itself."""
    errors = [{"field": field, "message": message}]
    return _BadRequest("invalid_request", f"{field}: {message}", {"errors": errors}).response()


def too_large(limit_bytes: int) -> Response:
    """A body that nobody will read."""
    return Problem("too_large", f"A body may have {limit_bytes} bytes at most.").response()


def unavailable(detail: str, retry_after_s: int) -> Response:
    """A request that may well succeed later."""
    return Problem("busy", detail, retry_after_s=retry_after_s).response()
