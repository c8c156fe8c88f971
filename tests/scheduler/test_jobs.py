"""The job table: what runs, how often, and what a campaign tick remembers."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from passes.clock import FixedClock, real_now
from passes.db.engine import Database
from passes.outbox.sender import Sender
from scheduler.jobs import FULL_RUN_EVERY, KEEP_DONE, CampaignsTick, job_table
from tests.outbox.world import Recorder, add_cards, change, one_per_event, rows, wish


class Runs:
    """Remembers from when to when campaigns were run; fails when told so."""

    def __init__(self) -> None:
        self.spans: list[tuple[datetime | None, datetime]] = []
        self.fails = False

    def __call__(self, database: Database, now: datetime, *, base_url: str, since: datetime | None) -> None:
        assert base_url == "https://cards.example"
        if self.fails:
            raise RuntimeError("busy")
        self.spans.append((since, now))


@pytest.fixture
def runs() -> Runs:
    return Runs()


@pytest.fixture
def tick(database: Database, runs: Runs) -> CampaignsTick:
    return CampaignsTick(database, "https://cards.example", runs)


def always() -> bool:
    return True


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_first_run_looks_at_everything_and_the_next_from_there(
    tick: CampaignsTick, runs: Runs, clock: FixedClock
) -> None:
    start = clock.at
    tick(always)
    clock.at = start + timedelta(seconds=30)
    tick(always)
    assert runs.spans == [(None, start), (start, clock.at)]


def test_campaigns_are_judged_by_the_business_clock(
    tick: CampaignsTick, runs: Runs, clock: FixedClock
) -> None:
    clock.at = clock.at.replace(year=1997)
    tick(always)
    assert runs.spans[0][1].year == 1997


def test_a_run_that_failed_is_made_up_for_by_the_next(
    tick: CampaignsTick, runs: Runs, clock: FixedClock
) -> None:
    start = clock.at
    tick(always)
    runs.fails = True
    clock.at = start + timedelta(seconds=30)
    with pytest.raises(RuntimeError):
        tick(always)
    runs.fails = False
    clock.at = start + timedelta(seconds=60)
    tick(always)
    assert runs.spans[-1] == (start, clock.at)


def test_now_and_then_a_run_looks_at_everything_again(tick: CampaignsTick, runs: Runs) -> None:
    for _ in range(FULL_RUN_EVERY + 1):
        tick(always)
    assert [since is None for since, _ in runs.spans] == [True] + [False] * (FULL_RUN_EVERY - 1) + [True]


def test_a_clock_set_back_makes_a_run_look_at_everything(
    tick: CampaignsTick, runs: Runs, clock: FixedClock
) -> None:
    tick(always)
    clock.at -= timedelta(days=1)
    tick(always)
    assert runs.spans[-1][0] is None


def table(database: Database, apns: Recorder) -> dict[str, Any]:
    sender = Sender(database, one_per_event, {"apns": apns})
    return {job.name: job for job in job_table(database, {"send": sender}, "https://cards.example", b"key")}


def test_the_table_sends_every_second_and_runs_campaigns_every_ten_seconds(database: Database) -> None:
    jobs = table(database, Recorder())
    seconds = {"send": 1, "campaigns": 10, "publish": 1, "holds": 10, "roots": 30, "expiry": 5, "tidy": 3600}
    assert {name: job.every_s for name, job in jobs.items()} == seconds


def test_every_job_of_the_table_runs_on_an_empty_installation(database: Database) -> None:
    for job in table(database, Recorder()).values():
        job.run(always)


def test_the_send_job_sends_what_changed(database: Database) -> None:
    apns = Recorder()
    with database.write() as uow:
        add_cards(uow, 1)
        change(uow, "card_1")
    table(database, apns)["send"].run(always)
    assert apns.sent == {"card_1": 1}


def test_tidying_forgets_what_got_through_a_month_ago(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish(database, "phone")
    jobs = table(database, Recorder())
    jobs["send"].run(always)
    jobs["tidy"].run(always)
    assert rows(database).keys() == {"phone"}
    monkeypatch.setattr("scheduler.jobs.real_now", lambda: real_now() + KEEP_DONE + timedelta(days=1))
    jobs["tidy"].run(always)
    assert rows(database) == {}
