"""What a till's call finds at once: all of it, and nothing unless all of it is there."""

from dataclasses import replace

import psycopg
import pytest

from passes.db import pipeline
from passes.db.engine import Database
from passes.ledger import service as ledger
from passes.ledger import tombstones
from passes.merchants import keys
from passes.merchants.rules import KeyDraft
from passes.redemption.arrival import Arrival, Asked, look
from tests.fixtures.api import Shop, eur

KEY = "a key nobody has used"


@pytest.fixture
def asked(shop: Shop, database: Database) -> Asked:
    """A call that finds everything."""
    with database.write() as uow:
        presented = keys.create_key(uow, shop.id, KeyDraft(scopes=("till",)), "test").key
    return Asked(presented, KEY, shop.card("gift", amount=eur(1000))["id"], None, None, None)


def found(database: Database, asked: Asked) -> Arrival | None:
    with database.write() as uow:
        return look(uow, asked)


def test_everything_is_found_at_once(shop: Shop, database: Database, asked: Asked) -> None:
    arrival = found(database, asked)
    assert arrival is not None
    assert (arrival.caller.merchant_id, arrival.caller.scopes) == (shop.id, {"till"})
    assert (arrival.card.id, arrival.card.balance) == (asked.card_id, 1000)


def test_a_barcode_names_the_card_as_its_id_does_and_a_typed_code_is_not_looked_for(
    database: Database, asked: Asked
) -> None:
    arrival = found(database, asked)
    assert arrival is not None
    by_barcode = found(database, replace(asked, card_id=None, code=arrival.card.barcode.lower()))
    assert by_barcode == arrival
    assert found(database, replace(asked, card_id=None, code=arrival.card.code)) is None


def test_a_key_that_is_unknown_or_revoked_finds_nothing(shop: Shop, database: Database, asked: Asked) -> None:
    assert found(database, replace(asked, presented=keys.new_secret())) is None
    with database.write() as uow:
        for key in keys.keys(uow, shop.id):
            keys.revoke_key(uow, shop.id, key.id, "test")
    assert found(database, asked) is None


def test_the_card_of_another_merchant_is_not_found(
    database: Database, asked: Asked, other_shop: Shop
) -> None:
    theirs = other_shop.card("gift", amount=eur(1000))["id"]
    assert found(database, replace(asked, card_id=theirs)) is None


def test_a_key_that_has_its_answer_finds_nothing(shop: Shop, database: Database, asked: Asked) -> None:
    with database.write() as uow:
        ledger.answer_key(uow, shop.id, KEY, bytes(32), 201, b"{}")
    assert found(database, asked) is None
    assert found(database, replace(asked, key="another")) is not None


def test_a_reversed_receipt_finds_nothing_where_it_was_reversed(
    shop: Shop, database: Database, asked: Asked
) -> None:
    with database.write() as uow:
        tombstones.bury_reference(uow, "rev_1", shop.id, "everywhere", None)
        tombstones.bury_reference(uow, "rev_2", shop.id, "there", "loc_1")
    assert found(database, replace(asked, reference="everywhere")) is None
    assert found(database, replace(asked, reference="there", location_id="loc_1")) is None
    assert found(database, replace(asked, reference="there", location_id="loc_2")) is not None
    assert found(database, replace(asked, reference="there")) is not None
    assert found(database, replace(asked, reference="another")) is not None


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("reference", [None, "a receipt"])
def test_a_redemption_takes_two_trips_to_the_database(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, reference: str | None
) -> None:
    trips: list[int] = []
    exchange, execute = pipeline._Pipeline._exchange, psycopg.Cursor.execute

    def counted(self: pipeline._Pipeline, sent: list[tuple[bytes, list[object]]]) -> object:
        trips.append(len(sent))
        return exchange(self, sent)

    def counted_too(self: psycopg.Cursor[object], *args: object, **named: object) -> object:
        trips.append(1)
        return execute(self, *args, **named)  # type: ignore[arg-type]  # whatever it was called with

    card = shop.card("gift", amount=eur(1000))
    monkeypatch.setattr(pipeline._Pipeline, "_exchange", counted)
    monkeypatch.setattr(psycopg.Cursor, "execute", counted_too)
    body = {"card_id": card["id"], "amount": eur(10), **({"reference": reference} if reference else {})}
    shop.till.post("/redemptions", body).ok()
    begin, writes_and_commit = (3 if reference else 2), 6
    assert trips == [begin, writes_and_commit]
