"""The service account: its access token, and its signature under save links.

The only module that knows google-auth. Neither the token nor anything signed here is ever logged.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from google.auth import jwt
from google.auth.exceptions import RefreshError
from google.oauth2.service_account import Credentials

from passes.errors import ConfigurationError
from passes.wallets.google.errors import GoogleBusy, GoogleDenied

SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"


@dataclass(frozen=True, slots=True)
class _TokenAnswer:
    """An HTTP answer in the words of `google.auth.transport.Response`."""

    status: int
    headers: Mapping[str, str]
    data: bytes


@dataclass(frozen=True, slots=True)
class _TokenRequest:
    """google-auth's way to the token address: one try with our timeout.

    Left to itself it would wait two minutes, and repeat what fails while a customer waits.
    """

    session: requests.Session
    timeout_s: float

    def __call__(self, url: str, method: str, body: bytes, headers: Mapping[str, str]) -> _TokenAnswer:
        try:
            answer = self.session.request(
                method, url, data=body, headers=headers, timeout=self.timeout_s, allow_redirects=False
            )
        except requests.RequestException as error:
            raise GoogleBusy(f"Google's token address did not answer ({type(error).__name__}).") from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise GoogleBusy(f"Google's token address answered {answer.status_code}.")
        return _TokenAnswer(answer.status_code, answer.headers, answer.content)


class ServiceAccount:
    """What a service account's JSON key file lets us do; safe to share between threads."""

    def __init__(self, credentials_file: Path, session: requests.Session) -> None:
        self._credentials = _load(credentials_file)
        self._session = session
        self._lock = threading.Lock()

    @property
    def email(self) -> str:
        """The account's e-mail address, which is its name."""
        return str(self._credentials.service_account_email)

    def token(self, timeout_s: float, refused: str | None = None) -> str:
        """A valid access token, fetched when there is none, it is about to end, or it was `refused`.

        Raises `GoogleBusy` when the token address cannot be reached and `GoogleDenied` when it refuses.
        """
        if not self._lock.acquire(timeout=timeout_s):
            raise GoogleBusy("Google's token address did not answer another caller in time.")
        try:
            if not self._credentials.valid or self._credentials.token == refused:
                self._refresh(timeout_s)
            return str(self._credentials.token)
        finally:
            self._lock.release()

    def _refresh(self, timeout_s: float) -> None:
        try:
            self._credentials.refresh(_TokenRequest(self._session, timeout_s))
        except RefreshError as error:
            raise GoogleDenied(
                f"Google gave the service account {self.email} no access token: {error.args[0]}. Check "
                "that the key in STEMPEL_GOOGLE_CREDENTIALS_FILE is still valid and the clock is right."
            ) from error

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT over `claims`, RS256, with the id of the account's key in its header."""
        token: bytes = jwt.encode(self._credentials.signer, claims)
        return token.decode("ascii")


def _load(credentials_file: Path) -> Credentials:
    try:
        info = json.loads(credentials_file.read_text(encoding="utf-8"))
        credentials: Credentials = Credentials.from_service_account_info(info, scopes=[SCOPE])
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        # google-auth looks into whatever JSON it gets, so a list or a missing part fails in any of these.
        raise ConfigurationError(
            f"STEMPEL_GOOGLE_CREDENTIALS_FILE: {credentials_file} is no readable service account key "
            f"({type(error).__name__}). Download the JSON key of the service account again."
        ) from error
    return credentials
