"""Two runs at once: each member hears once, gets one gift, and the cap holds."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from passes.campaigns import dispatch, run
from passes.campaigns.governor import SEND, Verdict, suppressed
from passes.campaigns.models import Dispatch
from passes.campaigns.run import RunReport
from passes.errors import Busy
from passes.outbox.models import OutboxEvent
from tests.campaigns.shop import BASE_URL, Shop
from tests.waiting import eventually, somebody_waits

RUNS = 4


def all_at_once(run: Callable[[], RunReport]) -> list[RunReport]:
    """What `RUNS` runs report that start together; a busy database is asked again, as a scheduler would."""
    start, reports, errors = threading.Barrier(RUNS), [], []

    def body() -> None:
        start.wait()
        for _ in range(20):
            try:
                reports.append(run())
                return
            except Busy:
                continue
            except BaseException as error:
                errors.append(error)
                raise

    threads = [threading.Thread(target=body) for _ in range(RUNS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    return reports


def test_parallel_runs_plan_send_and_give_once(shop: Shop) -> None:
    ids = [shop.member(birthday="1990-03-02") for _ in range(25)]
    shop.campaign("birthday", grant={"stamps": 1})
    reports = all_at_once(shop.run)
    assert sum(report.planned for report in reports) == sum(report.sent for report in reports) == len(ids)
    held = [card for member in ids for card in shop.cards_of(member)]
    assert [card.balance for card in held] == [1] * len(ids)
    with shop.database.read() as uow:
        told = select(OutboxEvent.subject).where(OutboxEvent.topic == "card.message")
        assert Counter(uow.conn.execute(told).scalars()) == Counter(card.id for card in held)


def test_a_launch_stands_although_the_database_is_too_busy_to_plan_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> int:
        raise Busy("The database is busy.")

    shop.member()
    campaign = shop.campaign()
    with monkeypatch.context() as patched:
        patched.setattr(run, "plan", busy)
        run.plan_at_once(shop.database, campaign, shop.clock.at)
    assert planned_ids(shop) == []
    assert shop.run().sent == 1


def planned_ids(shop: Shop) -> list[str]:
    with shop.database.read() as uow:
        query = select(Dispatch.id).where(Dispatch.state == "planned").order_by(Dispatch.id)
        return list(uow.conn.execute(query).scalars())


def send_while_another_is_not_committed(shop: Shop) -> Verdict | None:
    """Two messages to one member who may get one more: what becomes of the second."""
    shop.member()
    for _ in range(2):
        shop.campaign()
    shop.run()
    for _ in range(2):
        run.plan(shop.database, shop.campaign(), shop.clock.at)
    first, second = planned_ids(shop)
    verdicts: list[Verdict | None] = []

    def send_second() -> None:
        with shop.database.write() as uow:
            verdicts.append(dispatch.send(uow, second, BASE_URL))

    other = threading.Thread(target=send_second)
    with shop.database.write() as uow:
        assert dispatch.send(uow, first, BASE_URL) == SEND
        other.start()
        # SQLite lets nobody in beside us; on PostgreSQL the second is done, or waits for us.
        eventually(lambda: shop.database.is_sqlite or not other.is_alive() or somebody_waits(shop.database))
    other.join()
    return verdicts[0]


def test_a_message_not_committed_yet_counts_against_the_cap(shop: Shop) -> None:
    assert send_while_another_is_not_committed(shop) == suppressed("frequency_cap")


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_without_taking_turns_the_cap_would_break(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_lock_member", lambda *_: None)
    assert send_while_another_is_not_committed(shop) == SEND


def test_parallel_runs_of_many_campaigns_keep_the_cap(shop: Shop) -> None:
    ids = [shop.member() for _ in range(4)]
    for _ in range(6):
        shop.campaign()
    all_at_once(shop.run)
    with shop.database.read() as uow:
        query = (
            select(Dispatch.member_id, func.count())
            .where(Dispatch.state == "sent")
            .group_by(Dispatch.member_id)
        )
        sent = {row[0]: row[1] for row in uow.conn.execute(query)}
    assert sent == dict.fromkeys(ids, 3)
