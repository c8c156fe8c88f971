"""How a call to Google can fail, sorted by what the caller should do about it."""

from passes.errors import StempelError


class GoogleError(StempelError):
    """A call to Google Wallet that did not succeed."""


class GoogleBusy(GoogleError):
    """Too many requests, a fault at Google, a timeout or a lost answer: the same call may be sent again.

    The call may have taken effect although its answer was lost; every call of this room can bear that.
    `retry_after_s` is what Google asked us to wait, in seconds, None where it said nothing.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class GoogleTooFast(GoogleBusy):
    """More requests than Google takes in a second; nothing was done."""


class GoogleDenied(GoogleError):
    """Google does not accept this service account or issuer: retrying is useless, a person has to act."""


class GoogleRefused(GoogleError):
    """Google read the request and said no; `status`, `reason` and `message` are Google's own."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"Google Wallet refused the request with {status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message


class GoogleMissing(GoogleRefused):
    """The class or object does not exist at Google (404)."""


class GoogleExists(GoogleRefused):
    """A class or object of that id exists already (409)."""


class GoogleQuotaSpent(GoogleRefused):
    """403 quotaExceeded: this pass has had its three notices of the last 24 hours, or we ours altogether."""
