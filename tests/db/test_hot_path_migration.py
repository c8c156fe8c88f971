"""Cards that were there before get the date they were stopped on, and keep all else on the way back."""

from typing import Any

import pytest
from sqlalchemy import select, text

from passes import migrate
from passes.cards.models import Card
from passes.clock import FixedClock
from passes.db.engine import Database
from tests.db.rows import add_books, add_merchant
from tests.fixtures.databases import START

BEFORE = "0009"
_EVERYTHING = text("SELECT id, state, version, code, updated_at, last_purchase_at FROM cards ORDER BY id")


def everything(database: Database) -> list[Any]:
    with database.engine.begin() as conn:
        return [tuple(row) for row in conn.execute(_EVERYTHING)]


def stop_dates(database: Database) -> dict[str, Any]:
    with database.engine.begin() as conn:
        return {row.id: row.stopped_at for row in conn.execute(select(Card.id, Card.stopped_at))}


@pytest.mark.parametrize("state", ["blocked", "deactivated"])
def test_a_card_stopped_before_is_known_as_stopped_and_one_that_goes_on_is_not(
    empty_database_url: str, clock: FixedClock, state: str
) -> None:
    database = Database(empty_database_url, clock)
    migrate.upgrade(database)
    with database.write() as uow:
        for name in ("one", "two"):
            add_merchant(uow, name)
        add_books(uow, "one")
    migrate.downgrade(database, BEFORE)
    before = everything(database)
    assert before
    migrate.upgrade(database)
    assert everything(database) == before
    assert set(stop_dates(database).values()) == {None}
    with database.engine.begin() as conn:
        conn.execute(Card.__table__.update().values(state=state))
    migrate.downgrade(database, BEFORE)
    migrate.upgrade(database)
    assert set(stop_dates(database).values()) == {START}
    database.close()
