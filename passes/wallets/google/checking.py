"""Doing a comparison somebody asked for, telling how far it is, and remembering what it found."""

import time
from collections.abc import Callable

import structlog

from passes.db.engine import Database
from passes.installs import google_checks as checks
from passes.installs.google_checks import CheckView
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.errors import GoogleError
from passes.wallets.google.kept import GoogleCards
from passes.wallets.google.reconcile import Progress, Reconciliation, Report

TELL_EVERY_S = 1.0
REMEMBERED = 20
"""How many findings are kept of each comparison; all are counted."""
_BROKEN_OFF = "It was broken off before it was through."

log = structlog.get_logger(__name__)


class _Stopped(Exception):
    """Whoever does the work is asked to stop, or somebody else does it by now."""


def run_due(
    database: Database, wallet: GoogleWallet, kept: GoogleCards, keep_going: Callable[[], bool]
) -> bool:
    """Do the next comparison that was asked for; False where there is none."""
    with database.write() as uow:
        check = checks.claim(uow)
    if check is None:
        return False
    try:
        run(database, wallet, kept, check, keep_going=keep_going)
    except GoogleError as error:
        log.warning("google_not_compared", check_id=check.id, reason=str(error))
    return True


def run(
    database: Database,
    wallet: GoogleWallet,
    kept: GoogleCards,
    check: CheckView,
    progress: Progress = lambda _done, _total: None,
    keep_going: Callable[[], bool] = lambda: True,
) -> Report | None:
    """Do the comparison in hand; None where it was left to the next worker.

    Raises `GoogleError` when Google cannot be had, which is remembered as the way it ended.
    """
    merchant_id = None if check.merchant_id == checks.EVERYBODY else check.merchant_id
    walk = Reconciliation(database, wallet, kept, merchant_id=merchant_id, repair=check.repair)
    told_at = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told_at
        progress(done, total)
        if not keep_going():
            raise _Stopped
        if time.monotonic() - told_at < TELL_EVERY_S:
            return
        told_at = time.monotonic()
        with database.write() as uow:
            if not checks.tell(uow, check, done, total, walk.report.all_counts()):
                raise _Stopped

    failure: str | None = _BROKEN_OFF
    try:
        walk.run(tell)
        failure = None
        return walk.report
    except _Stopped:
        with database.write() as uow:
            checks.release(uow, check)
        return None
    except GoogleError as error:
        failure = str(error)[:300]
        raise
    finally:
        # After a release this finds nothing to write: the comparison is nobody's then.
        with database.write() as uow:
            checks.finish(uow, check, failure=failure, **_found(walk.report))


def _found(report: Report) -> dict[str, object]:
    named = [
        {"fault": one.fault, "id": one.id, "card_id": one.card_id, "fields": list(one.fields)}
        for one in report.findings[:REMEMBERED]
    ]
    return {"done": report.looked_at, "total": report.total, **report.all_counts(), "findings": named}
