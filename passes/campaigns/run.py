"""A campaign run: plan what has come due, then send what is planned.

Each step is a transaction of its own and safe to repeat, so a run may die anywhere, be late, or meet
another one: the next run finishes what is left and nothing happens twice.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, and_, func, or_, select, update

from passes.campaigns import dispatch, queries
from passes.campaigns.governor import SEND, Verdict
from passes.campaigns.models import Campaign, Dispatch
from passes.campaigns.occasions import BATCH, due
from passes.campaigns.queries import SENDING, CampaignView
from passes.db.engine import Database, UnitOfWork
from passes.errors import Busy

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class RunReport:
    """What a run did, or with `dry_run` what it would have done: counts of dispatches.

    `postponed` met quiet hours and wait for the morning; `failed` broke for a reason that is in the log
    and are tried again by the next run.
    """

    dry_run: bool
    planned: int = 0
    sent: int = 0
    postponed: int = 0
    failed: int = 0
    suppressed: Counter[str] = field(default_factory=Counter)

    def count(self, verdict: Verdict) -> None:
        """Add one dispatch that ended this way."""
        if verdict == SEND:
            self.sent += 1
        elif verdict.reason is not None:
            self.suppressed[verdict.reason] += 1
        else:
            self.postponed += 1


def run_due(
    database: Database,
    now: datetime,
    *,
    base_url: str,
    since: datetime | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> RunReport:
    """Evaluate every merchant's campaigns at `now`, which is the time of everything the run writes.

    `since` is the `now` of the last run that came to its end, if the caller remembers: lapses whose day
    had come by then are not looked for again. None looks at everything, as the first run of a process
    and one now and then should. Raises `Busy` when the database does; what was done by then stays done.
    """
    report = RunReport(dry_run)
    with database.read() as uow:
        campaigns = queries.all_active(uow)
    if dry_run:
        _rehearse(database, campaigns, now, report)
        return report
    for campaign in campaigns:
        try:
            report.planned += plan(database, campaign, now, since)
        except Busy:
            raise
        except Exception:
            log.exception("campaign_not_planned", campaign=campaign.id)
            report.failed += 1
    _send_planned(database, now, base_url, report, progress)
    return report


def plan(
    database: Database,
    campaign: CampaignView,
    now: datetime,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> int:
    """Write down every dispatch that has come due for an active campaign; returns how many were new.

    A campaign by hand is `finished` once its whole audience is planned.
    """
    planned = 0
    with database.read() as reading, closing(due(reading, campaign, now, since)) as batches:
        for batch in filter(None, batches):
            with _writing(database, now) as uow:
                planned += dispatch.plan(uow, campaign, batch)
            if progress is not None:
                progress(planned, planned)
    if campaign.trigger.type == "manual":
        with _writing(database, now) as uow:
            mine = (Campaign.id == campaign.id, Campaign.state == "active")
            uow.conn.execute(update(Campaign).where(*mine).values(state="finished", updated_at=now))
    return planned


def plan_at_once(database: Database, campaign: CampaignView, now: datetime) -> None:
    """`plan` for somebody who waits for the answer to a launch.

    The launch is committed by then, so a busy database must not make it look refused: what is not planned
    here the scheduler's next run plans.
    """
    try:
        plan(database, campaign, now)
    except Busy:
        log.warning("planning_left_to_scheduler", campaign=campaign.id)


def _send_planned(
    database: Database, now: datetime, base_url: str, report: RunReport, progress: Progress | None
) -> None:
    with database.read() as uow:
        total = uow.conn.execute(select(func.count()).select_from(Dispatch).where(*_due(now))).scalar_one()
    for done, dispatch_id in enumerate(_planned(database, now), start=1):
        try:
            with _writing(database, now) as uow:
                verdict = dispatch.send(uow, dispatch_id, base_url)
        except Busy:
            raise
        except Exception:
            log.exception("dispatch_failed", dispatch=dispatch_id)
            report.failed += 1
        else:
            if verdict is not None:
                report.count(verdict)
        if progress is not None:
            progress(done, max(total, done))


def _planned(database: Database, now: datetime) -> Iterator[str]:
    """The dispatches whose time has come, oldest first, each once however it ends."""
    seen: tuple[datetime, str] | None = None
    while True:
        query = select(Dispatch.id, Dispatch.due_at).where(*_due(now))
        if seen is not None:
            later = and_(Dispatch.due_at == seen[0], Dispatch.id > seen[1])
            query = query.where(or_(Dispatch.due_at > seen[0], later))
        with database.read() as uow:
            rows = uow.conn.execute(query.order_by(Dispatch.due_at, Dispatch.id).limit(BATCH)).all()
        for row in rows:
            yield row.id
            seen = (row.due_at, row.id)
        if len(rows) < BATCH:
            return


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    sending = select(Campaign.id).where(Campaign.state.in_(SENDING))
    return (Dispatch.state == "planned", Dispatch.due_at <= now, Dispatch.campaign_id.in_(sending))


def _rehearse(database: Database, campaigns: list[CampaignView], now: datetime, report: RunReport) -> None:
    """Judge everything a run would, and write nothing.

    Each dispatch is judged by itself: that an earlier one of the same run uses up the cap, or that a gift
    will be refused, shows only when it happens.
    """
    with database.read() as uow:
        uow.now = now
        for campaign in campaigns:
            for batch in due(uow, campaign, now):
                report.planned += len(batch)
                for occasion in batch:
                    report.count(dispatch.verdict_on(uow, campaign, occasion.member_id, occasion.key))
    known: dict[str, CampaignView] = {}
    for dispatch_id in _planned(database, now):
        with database.read() as uow:
            uow.now = now
            row = uow.conn.execute(select(Dispatch.__table__).where(Dispatch.id == dispatch_id)).one()
            if row.campaign_id not in known:
                known[row.campaign_id] = queries.get(uow, row.merchant_id, row.campaign_id)
            campaign = known[row.campaign_id]
            report.count(dispatch.verdict_on(uow, campaign, row.member_id, row.occasion, row.id))


@contextmanager
def _writing(database: Database, now: datetime) -> Iterator[UnitOfWork]:
    """A unit of work that happens at `now`, whatever the clock says."""
    with database.write() as uow:
        uow.now = now
        yield uow
