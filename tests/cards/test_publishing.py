"""A program changes, and every live card follows: once, whoever is killed or hurries."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from passes.cards import publishing, service
from passes.cards.models import Card
from passes.cards.publishing import Progress
from passes.db.engine import Database, UnitOfWork
from passes.errors import NotFound
from passes.outbox.models import OutboxEvent
from passes.programs import queries as programs
from passes.programs.service import change_program
from tests.ledger.life import Books
from tests.mutants import damage

CARDS = 17


@pytest.fixture
def books(database: Database, monkeypatch: pytest.MonkeyPatch) -> Books:
    monkeypatch.setattr(publishing, "BATCH", 5)
    made = Books(database).open()
    with database.write() as uow:
        for n in range(CARDS):
            made.issue(uow, "stamp", f"stamp {n}")
        made.issue(uow, "points", "points")
    return made


def change(books: Books) -> None:
    with books.database.write() as uow:
        before = programs.lock(uow, books.merchant_id, books.programs["stamp"])
        publishing.publish(uow, change_program(uow, before, "test", name="New name"))


def versions(books: Books) -> list[int]:
    """The versions of the stamp cards, oldest card first."""
    with books.database.read() as uow:
        mine = select(Card.version).where(Card.program_id == books.programs["stamp"])
        return list(uow.conn.execute(mine.order_by(Card.id)).scalars())


def told(uow: UnitOfWork, topic: str = "card.changed") -> int:
    count = select(func.count()).select_from(OutboxEvent).where(OutboxEvent.topic == topic)
    return int(uow.conn.execute(count).scalar_one())


def progress(books: Books) -> Progress:
    with books.database.read() as uow:
        return publishing.progress(uow, books.merchant_id, books.programs["stamp"])


def finish(books: Books) -> int:
    return publishing.publish_due(books.database, lambda: True)


def test_the_first_batch_follows_at_once_and_the_rest_in_the_background(books: Books) -> None:
    change(books)
    assert versions(books) == [2] * 5 + [1] * (CARDS - 5)
    so_far = progress(books)
    assert (so_far.version, so_far.cards_done, so_far.cards_total) == (2, 5, CARDS)
    assert so_far.finished_at is None

    assert finish(books) == CARDS - 5
    assert versions(books) == [2] * CARDS
    assert progress(books).cards_done == CARDS
    assert progress(books).finished_at is not None
    with books.database.read() as uow:
        assert told(uow) == CARDS
    assert finish(books) == 0


def test_other_programs_and_closed_cards_stay_as_they_are(books: Books) -> None:
    with books.database.write() as uow:
        closed = service.deactivate(uow, books.merchant_id, books.cards["stamp 7"], "closed", "test")
        points_before = books.cards["points"]
    change(books)
    finish(books)
    with books.database.read() as uow:
        found = {row.id: row.version for row in uow.conn.execute(select(Card.id, Card.version))}
    assert found[closed.id] == closed.version
    assert found[points_before] == 1
    assert progress(books).cards_done == CARDS - 1


def test_a_worker_that_stops_is_carried_on_by_the_next(books: Books) -> None:
    change(books)
    asked: list[int] = []

    def one_batch() -> bool:
        asked.append(1)
        return len(asked) == 1

    assert publishing.publish_due(books.database, one_batch) == 5
    assert progress(books).cards_done == 10
    finish(books)
    assert versions(books) == [2] * CARDS


def test_a_batch_that_fails_leaves_nothing_behind(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    change(books)
    touch = publishing._touch

    def fail(uow: UnitOfWork, card_ids: list[str]) -> None:
        touch(uow, card_ids)
        raise RuntimeError("pulled the plug")

    monkeypatch.setattr(publishing, "_touch", fail)
    with pytest.raises(RuntimeError):
        finish(books)
    assert progress(books).cards_done == 5
    monkeypatch.setattr(publishing, "_touch", touch)
    finish(books)
    assert versions(books) == [2] * CARDS


def test_a_newer_change_takes_over_from_an_older_one(books: Books) -> None:
    change(books)
    change(books)
    finish(books)
    assert versions(books) == [3] * 5 + [2] * (CARDS - 5)
    assert (progress(books).version, progress(books).cards_done) == (3, CARDS)


def all_at_once(books: Books) -> None:
    change(books)
    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(lambda _: finish(books), range(4)))
    assert done == CARDS - 5
    assert versions(books) == [2] * CARDS


def test_four_workers_touch_every_card_once(books: Books) -> None:
    all_at_once(books)


def test_a_cursor_that_is_forgotten_would_be_noticed(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    damage(
        monkeypatch, publishing, "advance", ("after_card=ids[-1] if ids else row.after_card", "after_card=''")
    )
    damage(monkeypatch, publishing, "publish_due", ("while keep_going()", "for _ in range(5)"))
    with pytest.raises(AssertionError):
        all_at_once(books)


def test_a_program_that_was_never_changed_has_nothing_left_to_do(books: Books) -> None:
    assert (progress(books).version, progress(books).cards_total) == (1, 0)
    assert progress(books).finished_at is not None


def test_nobody_sees_another_merchants_progress(books: Books) -> None:
    change(books)
    with books.database.read() as uow, pytest.raises(NotFound):
        publishing.progress(uow, "mer_other", books.programs["stamp"])


def test_a_till_is_not_kept_waiting_by_the_cards_that_have_followed(books: Books) -> None:
    change(books)
    with books.database.write() as uow:
        card = service.queries.lock(uow, books.merchant_id, card_id=books.cards["stamp 16"])
        assert service.touch(uow, card) == 2
    finish(books)
    assert versions(books) == [2] * (CARDS - 1) + [3]
    assert progress(books).finished_at is not None
    assert progress(books).finished_at - progress(books).created_at < timedelta(minutes=1)
