"""The replay plays through a real server, changes nothing the second time, and notices what is wrong."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from benchmarks.replay.__main__ import main
from benchmarks.replay.recount import recount
from benchmarks.replay.story import read_story
from passes.campaigns.models import Dispatch
from passes.cards.models import Card
from passes.clock import SystemClock
from passes.db.engine import Database
from passes.members.models import Member
from passes.redemption import service as redemption
from passes.redemption.service import TillCall

DAYS = 4
INACTIVE_DAYS = 2


@pytest.mark.slow
def test_a_few_days_of_the_shop_come_out_right_twice_and_every_planted_fault_is_found(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def replay() -> tuple[int, str]:
        folder = ["--folder", str(tmp_path / "replay"), "--database-url", database_url]
        code = main(["--days", str(DAYS), "--inactive-days", str(INACTIVE_DAYS), *folder])
        return code, capsys.readouterr().out

    code, said = replay()
    assert (code, "Everything is as the recount says." in said) == (0, True), said
    assert "ledger verify: ok" in said
    assert "0 answers were repeats" in said

    code, said = replay()
    assert (code, "and nothing has changed." in said) == (0, True), said
    assert "0 pushes" in said

    customer, reminded = plant(database_url)
    code, said = replay()
    assert (code, "and something changed." in said) == (1, True), said
    assert f"customer {customer} has Standing(stamps=" in said
    assert f"customer {reminded} was not reminded on" in said
    assert f"customer {reminded} was reminded on" in said


def plant(database_url: str) -> tuple[int, int]:
    """Stamp one customer's card twice for a sale, and remind another two days late; who they are."""
    story = read_story(DAYS, INACTIVE_DAYS)
    twice, late = story.customers[3], min(recount(story).reminders)[0]
    with closing(Database(database_url, SystemClock())) as database, database.write() as uow:
        named = uow.conn.execute(select(Member.external_id, Member.id))
        members = {row.external_id: row.id for row in named}
        card = uow.conn.execute(select(Card).where(Card.member_id == members[str(twice)])).first()
        assert card is not None
        redemption.stamp(uow, TillCall(card.merchant_id, "planted", card_id=card.id), count=1)
        mine = Dispatch.member_id == members[str(late)]
        sent_at = uow.conn.execute(select(Dispatch.sent_at).where(mine)).scalar_one()
        assert sent_at is not None
        uow.conn.execute(update(Dispatch).where(mine).values(sent_at=uow.now))
    return twice, late


def test_a_folder_with_more_days_than_asked_for_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state.json").write_text('{"days": 30, "inactive_days": 60}')
    assert main(["--days", "5", "--folder", str(tmp_path)]) == 2
    assert "holds 30 days" in capsys.readouterr().err
