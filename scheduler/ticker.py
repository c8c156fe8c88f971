"""APScheduler as a metronome: it ticks in UTC and knows nothing that could be lost.

No job store, no dates, no time zones: what is due is a question each job puts to the database. Only the
leader works; everybody else keeps asking for the lock.
"""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import UTC
from functools import partial

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from passes.clock import real_now
from scheduler.jobs import Job
from scheduler.leader import LeaderLock

LEAD_S = 1.0

log = structlog.get_logger(__name__)


class Ticker:
    """Runs `jobs` while this process holds `lock`."""

    def __init__(self, jobs: Sequence[Job], lock: LeaderLock, lead_s: float = LEAD_S) -> None:
        self._lock = lock
        self._leading_until = 0.0
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            # A thread for each, so that no job waits for another and the lock for none of them.
            executors={"default": ThreadPoolExecutor(len(jobs) + 1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._add("lead", lead_s, self._lead)
        for job in jobs:
            self._add(job.name, job.every_s, partial(self._run, job))

    @property
    def leading(self) -> bool:
        """Whether this process may work: it has the lock and was lately sure of it."""
        return time.monotonic() < self._leading_until

    def start(self) -> None:
        """Begin to tick; returns at once."""
        # Its own words about jobs that still run, or failed, would repeat `_report` or say nothing.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        self._lead()
        self._scheduler.start()

    def stop(self) -> None:
        """Let the piece of work in hand come to its end, then give up the lock. Safe to call twice."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._scheduler.shutdown(wait=True)
            self._lock.release()

    def _add(self, name: str, every_s: float, work: object) -> None:
        # The first time at once: whoever starts us has waited long enough.
        self._scheduler.add_job(work, "interval", seconds=every_s, id=name, next_run_time=real_now())

    def _lead(self) -> None:
        asked = time.monotonic()
        was_leading = self.leading
        held = self._lock.hold()
        self._leading_until = asked + self._lock.patience_s if held else 0.0
        if held != was_leading:
            log.info("leader" if held else "follower")

    def _run(self, job: Job) -> None:
        if self.leading:
            job.run(lambda: self.leading and not self._stopping.is_set())


def _report(event: JobExecutionEvent) -> None:
    if event.code == EVENT_JOB_MISSED:
        log.warning("tick_missed", job=event.job_id)
    else:
        log.error("tick_failed", job=event.job_id, error=repr(event.exception), traceback=event.traceback)
