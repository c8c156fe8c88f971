"""Google's published root keys for callbacks, kept as long as Google says and no longer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from passes.wallets.google.ecv2 import PROTOCOL, CallbackRefused, moment, public_key, text
from passes.wallets.google.errors import GoogleBusy
from passes.wallets.google.http import open_session

# Anybody can post a callback that no key matches; it must not make us call Google each time.
MISS_INTERVAL = timedelta(minutes=1)
PATIENCE_S = 0.25
"""For another thread that is reading the keys: one may wait for Google, the others have tills to serve."""


class RootKeys:
    """The keys at one address, cached until the first of them expires; safe to share between threads."""

    def __init__(self, keys_url: str, ca_file: Path | None, timeout_s: float) -> None:
        self._keys_url = keys_url
        self._session = open_session(ca_file)
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._keys: list[tuple[EllipticCurvePublicKey, datetime]] = []
        self._read_at: datetime | None = None

    def attempts(self, at: datetime) -> Iterator[list[EllipticCurvePublicKey]]:
        """The keys valid at `at`; asked for a second time, those read anew, unless just read.

        Raises `GoogleBusy` when keys have to be read and cannot be, or another is about it for long.
        """
        with self._alone():
            fresh = self._read_at is None or any(at >= expires for _, expires in self._keys)
            if fresh:
                self._read(at)
            keys = [key for key, _ in self._keys]
        yield keys
        with self._alone():
            if fresh or self._read_at is None or at - self._read_at < MISS_INTERVAL:
                return
            self._read(at)
            keys = [key for key, _ in self._keys]
        yield keys

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=PATIENCE_S):
            raise GoogleBusy("The root keys of Google's callbacks are just being read.")
        try:
            yield
        finally:
            self._lock.release()

    def _read(self, at: datetime) -> None:
        try:
            answer = self._session.get(self._keys_url, timeout=self._timeout_s, allow_redirects=False)
            published = answer.json()["keys"] if answer.status_code == 200 else None
        except (requests.RequestException, ValueError, LookupError, TypeError):
            published = None
        if not isinstance(published, list):
            raise GoogleBusy(f"The root keys of Google's callbacks could not be read at {self._keys_url}.")
        self._keys = [key for entry in published for key in _usable(entry, at)]
        self._read_at = at


def _usable(entry: Any, at: datetime) -> list[tuple[EllipticCurvePublicKey, datetime]]:
    """The key in `entry`, if it is one of this scheme and still valid; Google publishes others too."""
    try:
        if entry["protocolVersion"] != PROTOCOL:
            return []
        expires = moment(entry, "keyExpiration")
        return [(public_key(text(entry, "keyValue")), expires)] if at < expires else []
    except (CallbackRefused, LookupError, TypeError):
        return []
