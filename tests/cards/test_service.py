"""Changing a card: every change a wallet could show is its next version, and none is written over unseen."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select

from passes.cards import queries, service
from passes.cards.errors import CardMovedOn
from passes.cards.face import Text
from passes.cards.rules import CardView
from passes.db.engine import Database, UnitOfWork
from passes.errors import CardNotFound
from passes.outbox.models import OutboxEvent
from tests.ledger.life import Books


@pytest.fixture
def books(database: Database) -> Books:
    made = Books(database).open()
    with database.write() as uow:
        for kind in made.programs:
            made.issue(uow, kind, kind)
    return made


@pytest.fixture
def uow(books: Books) -> Iterator[UnitOfWork]:
    with books.database.write() as opened:
        yield opened


def get(uow: UnitOfWork, books: Books, name: str = "stamp") -> CardView:
    return queries.get(uow, books.merchant_id, books.cards[name])


def events(uow: UnitOfWork, card_id: str) -> list[tuple[str, int]]:
    query = select(OutboxEvent.topic, OutboxEvent.version).where(OutboxEvent.subject == card_id)
    return [tuple(row) for row in uow.conn.execute(query.order_by(OutboxEvent.id))]


def test_a_touch_is_the_next_version_and_one_event(uow: UnitOfWork, books: Books) -> None:
    before = get(uow, books)
    assert service.touch(uow, before) == before.version + 1
    assert get(uow, books).version == before.version + 1
    assert events(uow, before.id) == [("card.issued", 1), ("card.changed", 2)]


def test_a_touch_of_a_card_that_has_moved_on_is_refused_and_leaves_no_event(
    uow: UnitOfWork, books: Books
) -> None:
    before = get(uow, books)
    service.touch(uow, before)
    with pytest.raises(CardMovedOn), uow.savepoint():
        service.touch(uow, before)
    assert get(uow, books).version == 2
    assert len(events(uow, before.id)) == 2


def test_no_two_versions_share_a_second_of_last_modified(uow: UnitOfWork, books: Books) -> None:
    seen = []
    with time_machine.travel(datetime(2030, 1, 1, 12, tzinfo=UTC), tick=False):
        for _ in range(3):
            service.touch(uow, get(uow, books))
            seen.append(get(uow, books).modified_s)
    with time_machine.travel(datetime(2029, 1, 1, tzinfo=UTC), tick=False):
        service.touch(uow, get(uow, books))
        seen.append(get(uow, books).modified_s)
    assert seen == [seen[0], seen[0] + 1, seen[0] + 2, seen[0] + 3]
    assert abs(seen[0] - datetime(2030, 1, 1, 12, tzinfo=UTC).timestamp()) <= 1


def test_news_stand_on_the_card_in_both_languages(uow: UnitOfWork, books: Books) -> None:
    version = service.set_news(uow, books.merchant_id, books.cards["stamp"], Text("Hallo", "Hello"), uow.now)
    card = get(uow, books)
    assert (card.version, card.news, card.news_at) == (version, {"de": "Hallo", "en": "Hello"}, uow.now)


def test_every_new_card_has_names_of_its_own(uow: UnitOfWork, books: Books) -> None:
    made = [books.issue(uow, "stamp", f"card {n}") for n in range(50)]
    for name in ("id", "code", "barcode", "page_token"):
        assert len({getattr(card, name) for card in made}) == len(made)
    assert all(len({card.code, card.barcode, card.page_token}) == 3 for card in made)


def test_another_merchants_card_is_not_found_by_any_name(database: Database, books: Books) -> None:
    with database.read() as uow:
        card = get(uow, books)
        for merchant in ("mer_none", ""):
            with pytest.raises(CardNotFound):
                queries.get(uow, merchant, card.id)
            for code in (card.code, card.barcode):
                with pytest.raises(CardNotFound):
                    queries.by_code(uow, merchant, code)
                with pytest.raises(CardNotFound):
                    queries.lock(uow, merchant, code=code)


def test_a_card_is_found_by_its_page_whatever_the_case(database: Database, books: Books) -> None:
    with database.read() as uow:
        card = get(uow, books)
        assert queries.by_page_token(uow, card.page_token.lower()) == card
        assert queries.by_page_token(uow, card.code) is None
