"""Publishing while the worker is killed at its worst moments: every card follows once, whoever finishes."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from passes.cards import publishing
from passes.cards.models import Card
from passes.db.engine import Database
from passes.outbox.models import OutboxEvent
from passes.programs import queries as programs
from passes.programs.service import change_program
from tests.ledger.life import Books

ROOT = Path(__file__).parents[2]
CARDS, BATCH = 43, 5
KILLED = -9


@pytest.fixture
def books(database: Database, monkeypatch: pytest.MonkeyPatch) -> Books:
    monkeypatch.setattr(publishing, "BATCH", BATCH)
    made = Books(database).open()
    with database.write() as uow:
        for n in range(CARDS):
            made.issue(uow, "stamp", f"stamp {n}")
    return made


def publish(books: Books) -> None:
    with books.database.write() as uow:
        before = programs.lock(uow, books.merchant_id, books.programs["stamp"])
        publishing.publish(uow, change_program(uow, before, "test", colors={"label": "#ffffff"}))


def work(url: str, where: str, *bug: str) -> int:
    """How a worker ended."""
    command = [sys.executable, "-m", "tests.cards.publishers", url, str(BATCH), where, *bug]
    return subprocess.run(command, cwd=ROOT, timeout=300, check=False).returncode


def followed(books: Books) -> tuple[dict[int, int], int, int]:
    """How many cards have each version, how many were announced, and how many the progress counts."""
    with books.database.read() as uow:
        count = func.count()
        versions = uow.conn.execute(select(Card.version, count).group_by(Card.version))
        told = select(count).where(OutboxEvent.topic == "card.changed")
        done = publishing.progress(uow, books.merchant_id, books.programs["stamp"]).cards_done
        return {row[0]: row[1] for row in versions}, uow.conn.execute(told).scalar_one(), done


def killed_again_and_again(books: Books, url: str, *bug: str) -> None:
    publish(books)
    for where in ("before", "between", "after", "between"):
        assert work(url, where, *bug) == KILLED
    assert work(url, "never", *bug) == 0
    assert followed(books) == ({2: CARDS}, CARDS, CARDS)


def test_every_card_follows_once_however_often_a_worker_is_killed(books: Books, database_url: str) -> None:
    killed_again_and_again(books, database_url)


def test_a_change_while_the_one_before_is_half_told_lets_the_rest_follow_once(
    books: Books, database_url: str
) -> None:
    publish(books)
    assert work(database_url, "between") == KILLED
    half, _, done = followed(books)
    assert half == {2: done, 1: CARDS - done}
    publish(books)
    assert work(database_url, "never") == 0
    # Those that had followed the first follow the second; all others follow once for both.
    assert followed(books) == ({3: done, 2: CARDS - done}, CARDS + done, CARDS)


def test_cards_and_cursor_in_two_commits_would_be_noticed(books: Books, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        return  # there is one writer at a time, so the bug cannot even begin
    with pytest.raises(AssertionError):
        killed_again_and_again(books, database_url, "hasty")
