"""What is there survives the migration that brings confirmed addresses, up and down."""

from sqlalchemy import text

from passes import migrate
from passes.db.engine import Database
from tests.ledger.life import short_life

BEFORE = "0015"


def kept(database: Database) -> list[tuple[str, str | None]]:
    with database.read() as uow:
        query = text("SELECT id, enrolled_by FROM cards ORDER BY id")
        return [(row.id, row.enrolled_by) for row in uow.conn.execute(query)]


def test_cards_are_the_same_before_and_after(database: Database) -> None:
    short_life(database)
    before = kept(database)
    assert before
    migrate.downgrade(database, BEFORE)
    assert kept(database) == before
    migrate.upgrade(database)
    assert kept(database) == before
    assert migrate.drift(database) == []
