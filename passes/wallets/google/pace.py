"""Staying under Google's requests a second, which no answer header announces, all our processes together.

Requests leave one by one at an even pace rather than in bursts. A tenth of the rate is left free: two
requests that leave apart may arrive together.
"""

import time
from collections.abc import Callable
from typing import Protocol

import structlog

from passes.db.engine import Database
from passes.errors import Busy
from passes.installs import google_pace
from passes.installs.google_pace import SECOND_US, NoSlot
from passes.wallets.google.errors import GoogleBusy

PATIENCE_S = 20.0
"""For how long a request waits for its turn at most."""

MARGIN = 1.1
LATE_S = 0.04
"""A slot that could not be used within this is given up for another: it would meet the next one."""

RETAKES = 5
RATE_PAUSE_S = 1.0
RATE_PAUSE_CAP_S = 60.0
QUOTA_PAUSE_S = 60.0
QUOTA_PAUSE_CAP_S = 3600.0

log = structlog.get_logger(__name__)


class Pace(Protocol):
    """When a request may leave, and what Google said of those that did."""

    def acquire(self, patience_s: float) -> None:
        """Return when one more request may leave; raises `GoogleBusy` when that takes longer."""
        ...

    def succeeded(self) -> None:
        """Google took a request."""
        ...

    def too_fast(self, retry_after_s: float | None) -> None:
        """Google answered 429."""
        ...

    def quota_spent(self, message: str) -> None:
        """Google answered 403 quotaExceeded to a request that was to notify nobody."""
        ...


class SharedPace:
    """The pace of one issuer over all processes that share a database; safe between threads."""

    def __init__(
        self,
        database: Database,
        issuer_id: str,
        requests_per_s: float,
        *,
        quota_pause_s: float = QUOTA_PAUSE_S,
        rate_pause_s: float = RATE_PAUSE_S,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._issuer_id = issuer_id
        self._interval_us = round(SECOND_US * MARGIN / requests_per_s)
        self._quota_pause_s = quota_pause_s
        self._rate_pause_s = rate_pause_s
        self._monotonic = monotonic
        self._sleep = sleep
        self._struck = False

    def acquire(self, patience_s: float) -> None:
        """Return when one more request may leave; raises `GoogleBusy` when that takes longer.

        A machine that is late again and again goes on in the end: waiting longer would not make it faster.
        """
        ends = self._monotonic() + min(patience_s, PATIENCE_S)
        for _ in range(RETAKES):
            slot_at = self._take(ends - self._monotonic())
            if (wait_s := slot_at - self._monotonic()) > 0:
                self._sleep(wait_s)
            if self._monotonic() - slot_at <= LATE_S:
                break

    def _take(self, patience_s: float) -> float:
        """The moment (of `monotonic`) at which a request may leave."""
        try:
            with self._database.tally() as uow:
                asked_at = self._monotonic()
                patience_us = max(0, round(patience_s * SECOND_US))
                slot = google_pace.take_slot(uow, self._issuer_id, self._interval_us, patience_us)
        except Busy as error:
            raise GoogleBusy(f"No turn to ask Google could be had: {error}") from error
        if isinstance(slot, NoSlot):
            retry_after_s = slot.retry_after_us / SECOND_US
            reason = slot.reason or "too many requests wait for their turn"
            raise GoogleBusy(f"Google is not asked at the moment: {reason}", retry_after_s)
        self._struck = slot.strikes > 0
        return asked_at + slot.wait_us / SECOND_US

    def succeeded(self) -> None:
        """Google took a request: should it be cross again, it is left alone for a short time first."""
        if self._struck:
            with self._database.tally() as uow:
                google_pace.forgive(uow, self._issuer_id)
            self._struck = False

    def too_fast(self, retry_after_s: float | None) -> None:
        """Hold everybody back for a moment: who was told is not the only one who was too fast."""
        base_s = max(self._rate_pause_s, retry_after_s or 0.0)
        self._pause(base_s, max(base_s, RATE_PAUSE_CAP_S), "it answered 429, too many requests")

    def quota_spent(self, message: str) -> None:
        """Hold everybody back for long, and call for a person once."""
        strikes = self._pause(
            self._quota_pause_s, QUOTA_PAUSE_CAP_S, f"it answered 403 quotaExceeded: {message}"
        )
        if strikes == 1:
            log.error("google_quota_spent", issuer_id=self._issuer_id, reason=message)

    def _pause(self, base_s: float, cap_s: float, reason: str) -> int | None:
        base_us, cap_us = round(base_s * SECOND_US), round(cap_s * SECOND_US)
        with self._database.tally() as uow:
            return google_pace.pause(uow, self._issuer_id, base_us, cap_us, reason)
