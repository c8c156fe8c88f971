"""Prepared statements give and take what SQLAlchemy's own would, and fail the same way."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from passes.cards.models import Card
from passes.db import engine
from passes.db.engine import Database
from passes.db.prepared import Prepared
from passes.errors import Busy
from passes.ledger.models import AnsweredKey, Transaction
from passes.merchants.models import Merchant
from tests.db.rows import add_card, add_merchant

CARD = select(*Card.__table__.columns).where(Card.id == bindparam("wanted"))
RENAME = update(Merchant).where(Merchant.slug == bindparam("wanted")).values(name=bindparam("new"))
PAST = datetime(1997, 1, 1, 15, 4, 5, 678901, tzinfo=UTC)

only_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def a_card(database: Database) -> None:
    changes = {"news": {"de": "Grüße", "en": "Hi"}, "news_at": PAST, "reference": "100 %"}
    with database.write() as uow:
        add_merchant(uow, "raw")
        add_card(uow, "raw", 1, **changes)
        add_card(uow, "raw", 2)


def test_rows_are_what_sqlalchemy_reads(database: Database) -> None:
    a_card(database)
    prepared = Prepared(CARD)
    with database.read() as uow:
        for card in ("card_1", "card_2", "card_3", "card_1"):
            read = [dict(row._mapping) for row in uow.conn.execute(CARD, {"wanted": card})]
            assert prepared.all(uow, {"wanted": card}) == read
            assert prepared.first(uow, {"wanted": card}) == (read[0] if read else None)


def test_rows_are_written_as_sqlalchemy_writes_them(database: Database) -> None:
    a_card(database)
    values = {
        "id": "txn_1",
        "merchant_id": "mer_raw",
        "card_id": "card_1",
        "card_version": 1,
        "type": "redeem",
        "asset": "EUR",
        "amount": 2**53 - 1,
        "balance_asset": "EUR",
        "delta": -1,
        "balance_after": 0,
        "rewards_after": None,
        "undoes": None,
        "reference": "'; DROP %s :x ?",
        "note": "ein Gruß",
        "location_id": None,
        "actor": "key",
        "details": {"discount": {"amount": 1, "asset": "EUR"}},
        "created_at": PAST.astimezone(tz=None) + timedelta(microseconds=1),
        "chain": bytes(range(32)),
    }
    with database.write() as uow:
        assert Prepared(insert(Transaction)).run(uow, values) == 1
    with database.read() as uow:
        row = uow.conn.execute(select(*Transaction.__table__.columns)).one()
        assert dict(row._mapping) == values
        nothing = select(Transaction.id).where(Transaction.details.is_(None))
        assert uow.conn.execute(nothing).all() == []


def test_bytes_and_missing_documents_survive(database: Database) -> None:
    a_card(database)
    key = {"merchant_id": "mer_raw", "key": "k", "fingerprint": bytes(range(32)), "status": 201}
    with database.write() as uow:
        Prepared(insert(AnsweredKey)).run(uow, {**key, "body": b"\0{}", "created_at": PAST, "seal": b""})
        found = Prepared(select(AnsweredKey.fingerprint, AnsweredKey.body)).first(uow, {})
    assert found == {"fingerprint": bytes(range(32)), "body": b"\0{}"}


def test_an_update_says_how_many_rows_it_touched(database: Database) -> None:
    a_card(database)
    rename = Prepared(RENAME)
    with database.write() as uow:
        assert rename.run(uow, {"wanted": "raw", "new": "Roh"}) == 1
        assert rename.run(uow, {"wanted": "nobody", "new": "Roh"}) == 0
        assert uow.conn.scalar(select(Merchant.name)) == "Roh"


def test_it_is_part_of_the_unit_of_work(database: Database) -> None:
    a_card(database)

    def fail() -> None:
        with database.write() as uow:
            Prepared(RENAME).run(uow, {"wanted": "raw", "new": "lost"})
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.read() as uow:
        assert uow.conn.scalar(select(Merchant.name)) == "Raw"


def test_what_the_database_refuses_is_sqlalchemys_error_without_the_values(database: Database) -> None:
    a_card(database)
    again = update(Card).where(Card.id == "card_2").values(code=bindparam("new"), reference=bindparam("told"))
    with pytest.raises(IntegrityError) as caught, database.write() as uow:
        Prepared(again).run(uow, {"new": "CODE1", "told": "geheim"})
    assert "cards" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_refused_statement_can_be_undone_to_a_savepoint(database: Database) -> None:
    a_card(database)
    with database.write() as uow:
        with pytest.raises(IntegrityError), uow.savepoint():
            Prepared(update(Card).values(code=bindparam("new"))).run(uow, {"new": "SAME"})
        assert Prepared(RENAME).run(uow, {"wanted": "raw", "new": "kept"}) == 1
    with database.read() as uow:
        assert uow.conn.scalar(select(Merchant.name)) == "kept"


@only_postgresql
def test_a_row_held_by_another_connection_is_busy(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT_MS", 50)
    impatient = Database(database.url, database.clock)
    a_card(database)
    with database.write() as other:
        other.conn.execute(text("UPDATE merchants SET name = 'held'"))
        with pytest.raises(Busy), impatient.write() as uow:
            Prepared(RENAME).run(uow, {"wanted": "raw", "new": "late"})
    impatient.close()


@only_postgresql
def test_a_connection_that_goes_away_is_busy_and_the_next_one_works(database: Database) -> None:
    a_card(database)

    def lose_the_connection() -> None:
        with database.write() as uow:
            pid = uow.conn.scalar(text("SELECT pg_backend_pid()"))
            with database.engine.begin() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 60000)"), {"pid": pid})
            with pytest.raises(DBAPIError) as caught:
                Prepared(RENAME).run(uow, {"wanted": "raw", "new": "lost"})
            assert caught.value.connection_invalidated
            raise caught.value

    with pytest.raises(Busy):
        lose_the_connection()
    with database.write() as uow:
        assert Prepared(RENAME).run(uow, {"wanted": "raw", "new": "new"}) == 1
