"""Comparisons with Google: wanted by somebody, taken in hand by one worker, remembered when through.

At most one of a merchant's (or of everybody's) is open; the database sees to it. A worker that is not heard
of any more has died, and the next one begins anew: a comparison leaves nothing half done behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, or_, select, update

from passes.clock import real_now
from passes.db.engine import UnitOfWork
from passes.db.upsert import insert_once
from passes.ids import new_id
from passes.installs.models import GoogleCheck

EVERYBODY = ""
"""Stands for all merchants where a merchant's id would."""
PATIENCE = timedelta(minutes=2)
"""For how long a worker may be silent, which it is while Google makes it wait, before another takes over."""
COUNTS = ("same", "different", "missing", "orphaned", "unknown", "waiting", "put_in_line")
"""What a comparison counts, each a column of its own."""


@dataclass(frozen=True, slots=True)
class CheckView:
    """One comparison as it stands. `findings` are the first few of what is not as meant."""

    id: str
    merchant_id: str
    actor: str
    repair: bool
    worker: str | None
    wanted_at: datetime
    finished_at: datetime | None
    failure: str | None
    done: int
    total: int
    counts: Mapping[str, int]
    findings: Sequence[Mapping[str, Any]]

    @property
    def faults(self) -> int:
        """How many are not as meant."""
        return sum(self.counts[name] for name in ("different", "missing", "orphaned", "unknown"))


def want(uow: UnitOfWork, merchant_id: str, actor: str, *, repair: bool) -> bool:
    """Ask for a comparison; False where one is open already."""
    row = {
        "id": new_id("gchk"),
        "merchant_id": merchant_id,
        "actor": actor[:100],
        "repair": repair,
        "wanted_at": real_now(),
        "findings": [],
        **dict.fromkeys(("done", "total", *COUNTS), 0),
    }
    return insert_once(uow, GoogleCheck, row)


def claim(uow: UnitOfWork, merchant_id: str | None = None) -> CheckView | None:
    """Take an open comparison in hand that nobody is at, of one merchant or the oldest of all."""
    now = real_now()
    free = (
        GoogleCheck.finished_at.is_(None),
        or_(GoogleCheck.heard_at.is_(None), GoogleCheck.heard_at < now - PATIENCE),
    )
    query = select(GoogleCheck.id).where(*free).order_by(GoogleCheck.wanted_at).limit(1)
    if merchant_id is not None:
        query = query.where(GoogleCheck.merchant_id == merchant_id)
    found = uow.conn.execute(query).scalar()
    values = {"worker": new_id("work"), "heard_at": now, **dict.fromkeys(("done", "total", *COUNTS), 0)}
    taken = update(GoogleCheck).where(GoogleCheck.id == found, *free).values(**values)
    if found is None or uow.conn.execute(taken).rowcount != 1:
        return None
    return _view(uow.conn.execute(select(GoogleCheck.__table__).where(GoogleCheck.id == found)).one())


def tell(uow: UnitOfWork, check: CheckView, done: int, total: int, counts: Mapping[str, int]) -> bool:
    """Note how far it is; False when it is somebody else's by now."""
    return _write(uow, check, done=done, total=total, heard_at=real_now(), **counts)


def release(uow: UnitOfWork, check: CheckView) -> None:
    """Leave it to the next worker, who begins anew."""
    _write(uow, check, worker=None, heard_at=None)


def finish(uow: UnitOfWork, check: CheckView, **found: Any) -> bool:
    """Note that it is through, with what it found or the `failure` it ended with."""
    return _write(uow, check, finished_at=real_now(), **found)


def latest(uow: UnitOfWork, merchant_id: str) -> tuple[CheckView | None, CheckView | None]:
    """The open comparison of a merchant's cards, if any, and the last that is through."""
    mine = select(GoogleCheck.__table__).where(GoogleCheck.merchant_id == merchant_id)
    done = mine.where(GoogleCheck.finished_at.is_not(None)).order_by(GoogleCheck.finished_at.desc()).limit(1)
    now, last = (
        uow.conn.execute(query).first() for query in (mine.where(GoogleCheck.finished_at.is_(None)), done)
    )
    return None if now is None else _view(now), None if last is None else _view(last)


def forget(uow: UnitOfWork, before: datetime) -> None:
    """Drop what was found before then, the last of each merchant excepted."""
    kept = select(func.max(GoogleCheck.finished_at)).group_by(GoogleCheck.merchant_id)
    uow.conn.execute(
        delete(GoogleCheck).where(GoogleCheck.finished_at < before, GoogleCheck.finished_at.not_in(kept))
    )


def _write(uow: UnitOfWork, check: CheckView, **values: Any) -> bool:
    mine = (GoogleCheck.id == check.id, GoogleCheck.worker == check.worker, GoogleCheck.finished_at.is_(None))
    return uow.conn.execute(update(GoogleCheck).where(*mine).values(**values)).rowcount == 1


def _view(row: Row[Any]) -> CheckView:
    return CheckView(
        id=row.id,
        merchant_id=row.merchant_id,
        actor=row.actor,
        repair=row.repair,
        worker=row.worker,
        wanted_at=row.wanted_at,
        finished_at=row.finished_at,
        failure=row.failure,
        done=row.done,
        total=row.total,
        counts={name: getattr(row, name) for name in COUNTS},
        findings=row.findings,
    )
