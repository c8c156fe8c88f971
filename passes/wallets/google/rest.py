"""One call to Google's REST API: token, pace, timeout, and an answer sorted into what to do next."""

import time
from typing import Any

import requests

from passes.wallets.google.account import ServiceAccount
from passes.wallets.google.errors import (
    GoogleBusy,
    GoogleDenied,
    GoogleExists,
    GoogleMissing,
    GoogleQuotaSpent,
    GoogleRefused,
    GoogleTooFast,
)
from passes.wallets.google.pace import PATIENCE_S, Pace

_UNREACHABLE = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
_PACE_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})


class Rest:
    """The wallet API of one service account; safe to share between threads."""

    def __init__(
        self,
        account: ServiceAccount,
        session: requests.Session,
        api_url: str,
        timeout_s: float,
        pace: Pace,
    ) -> None:
        self._account = account
        self._session = session
        self._base = f"{api_url.rstrip('/')}/walletobjects/v1"
        self._timeout_s = timeout_s
        self._pace = pace

    def call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        deadline: float | None = None,
        *,
        notifies: bool = False,
    ) -> dict[str, Any]:
        """The JSON Google answers to `method` on `path`, such as `loyaltyClass/123.abc`.

        `deadline` is a moment of `time.monotonic`, after which no call is started any more. A token
        that Google no longer takes is replaced once. A spent quota is the pass's own only where the call
        `notifies`; else it is everybody's, who then wait. Raises the errors of this room.
        """
        token = self._account.token(self._timeout_s_until(deadline))
        answer = self._send(method, path, body, token, deadline)
        if answer.status_code == 401:
            token = self._account.token(self._timeout_s_until(deadline), refused=token)
            answer = self._send(method, path, body, token, deadline)
        if not answer.ok or answer.is_redirect:
            raise self._judged(_refusal(answer), notifies)
        self._pace.succeeded()
        try:
            return dict(answer.json())
        except (ValueError, TypeError):
            raise GoogleBusy("Google's answer could not be read.") from None

    def _judged(self, refusal: Exception, notifies: bool) -> Exception:
        """The refusal, once everybody who has to know of it does."""
        if isinstance(refusal, GoogleTooFast):
            self._pace.too_fast(refusal.retry_after_s)
        if isinstance(refusal, GoogleQuotaSpent) and not notifies:
            self._pace.quota_spent(refusal.message)
            return GoogleBusy(f"Google's quota is spent: {refusal.message}")
        return refusal

    def _send(
        self, method: str, path: str, body: dict[str, Any] | None, token: str, deadline: float | None
    ) -> requests.Response:
        left_s = PATIENCE_S if deadline is None else self._timeout_s_until(deadline)
        self._pace.acquire(left_s)
        timeout_s = self._timeout_s_until(deadline)
        try:
            return self._session.request(
                method,
                f"{self._base}/{path}",
                json=body,
                headers={"Authorization": f"Bearer {token}"},
                timeout=timeout_s,
                allow_redirects=False,
            )
        except _UNREACHABLE as error:
            raise GoogleBusy(f"Google did not answer ({type(error).__name__}).") from error

    def _timeout_s_until(self, deadline: float | None) -> float:
        if deadline is None:
            return self._timeout_s
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise GoogleBusy("Google did not answer within the time we have.")
        return min(self._timeout_s, left_s)


def _refusal(answer: requests.Response) -> Exception:
    status, (reason, message) = answer.status_code, _reason(answer)
    if status == 429 or (status == 403 and reason in _PACE_REASONS):
        return GoogleTooFast(f"Google answered {status} {reason}.", _retry_after_s(answer))
    if status == 408 or status >= 500:
        return GoogleBusy(f"Google answered {status} {reason}.", _retry_after_s(answer))
    if status == 403 and reason == "quotaExceeded":
        return GoogleQuotaSpent(status, reason, message)
    if status in (401, 403):
        return GoogleDenied(
            f"Google denies the service account access ({status} {reason}: {message}). In the Google Pay "
            "& Wallet Console, add the account as a user of the issuer, and check STEMPEL_GOOGLE_ISSUER_ID."
        )
    kind = {404: GoogleMissing, 409: GoogleExists}.get(status, GoogleRefused)
    return kind(status, reason, message)


def _reason(answer: requests.Response) -> tuple[str, str]:
    """Google's reason and message; some errors carry no `status`, some no `errors`, some no JSON."""
    try:
        error = answer.json()["error"]
        details = error.get("errors") or [{}]
        return str(details[0].get("reason") or error.get("status") or ""), str(error.get("message", ""))
    except (ValueError, LookupError, TypeError, AttributeError):
        return "", answer.text[:200]


def _retry_after_s(answer: requests.Response) -> float | None:
    # Google may send seconds; a date here would come from a proxy and is not worth guessing at.
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None
