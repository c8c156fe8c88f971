"""The chain of a card's entries: what is hashed, in which order, and that old books can be chained."""

import hashlib
import json
import runpy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, update

from passes import migrate
from passes.cards import queries as cards
from passes.cards.models import Card
from passes.db.engine import Database, UnitOfWork
from passes.ledger.chain import GENESIS, canonical, link, next_link
from passes.ledger.models import Transaction
from passes.ledger.rules import Entry, Move
from passes.ledger.verify import verify
from tests.ledger.hand import guards_down
from tests.ledger.life import short_life

VERSIONS = Path(migrate.__file__).parent / "db" / "migrations" / "versions"

PAYMENT = Entry(
    id="txn_1",
    merchant_id="mer_1",
    card_id="card_1",
    card_version=7,
    type="redeem",
    asset="EUR",
    amount=1250,
    balance_asset="EUR",
    delta=-1250,
    balance_after=0,
    reference="Bon Ä/1 \u2028 \x7f \t",
    actor="key",
    details={"remaining_due": {"asset": "EUR", "amount": 1}},
    created_at=datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=1))),
)
MOVES = [Move("card_1.balance.EUR", "prog_1.spent.EUR", "EUR", 1250)]


def test_what_is_hashed_is_json_that_anybody_can_make_again() -> None:
    expected = {
        "actor": "key",
        "amount": 1250,
        "asset": "EUR",
        "balance_after": 0,
        "balance_asset": "EUR",
        "card_id": "card_1",
        "card_version": 7,
        "created_at": "2026-03-02T09:00:00.000000Z",
        "delta": -1250,
        "details": {"remaining_due": {"amount": 1, "asset": "EUR"}},
        "id": "txn_1",
        "merchant_id": "mer_1",
        "postings": [
            {
                "position": 0,
                "source": "card_1.balance.EUR",
                "destination": "prog_1.spent.EUR",
                "asset": "EUR",
                "amount": 1250,
            }
        ],
        "reference": "Bon Ä/1 \u2028 \x7f \t",
        "type": "redeem",
    }
    said = json.dumps(expected, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(PAYMENT, [(0, MOVES[0].source, MOVES[0].destination, "EUR", 1250)]) == said
    assert next_link(GENESIS, PAYMENT, MOVES) == hashlib.sha256(bytes(32) + said).digest()


@pytest.mark.parametrize(
    "other",
    [
        replace(PAYMENT, note=""),
        replace(PAYMENT, rewards_after=0),
        replace(PAYMENT, details={}),
        replace(PAYMENT, created_at=PAYMENT.created_at + timedelta(microseconds=1)),
    ],
)
def test_the_smallest_difference_is_another_link(other: Entry) -> None:
    assert next_link(GENESIS, other, MOVES) != next_link(GENESIS, PAYMENT, MOVES)


def test_the_same_instant_in_another_zone_is_the_same_link() -> None:
    there = replace(PAYMENT, created_at=PAYMENT.created_at.astimezone(UTC))
    assert next_link(GENESIS, there, MOVES) == next_link(GENESIS, PAYMENT, MOVES)


def test_every_link_rests_on_the_one_before() -> None:
    assert link(bytes([1] * 32), b"{}") != link(GENESIS, b"{}")


def test_a_card_begins_with_its_first_entry_and_an_empty_one_with_nothing(database: Database) -> None:
    books = short_life(database)
    with database.write() as uow:
        bought = books.issue(uow, "gift", "bought", 700)
        waiting = books.issue(uow, "gift", "waiting")
        assert waiting.chain_head == GENESIS
        assert bought.chain_head != GENESIS
        assert cards.get(uow, books.merchant_id, bought.id).chain_head == bought.chain_head
        stored = uow.conn.execute(select(Transaction.chain).where(Transaction.card_id == bought.id))
        assert stored.scalars().all() == [bought.chain_head]


def test_books_that_knew_no_chain_are_chained_by_the_migration(database: Database) -> None:
    short_life(database, baskets_known=False)
    before = _links(database)
    assert len(before) > 20
    migrate.downgrade(database, "0001")
    migrate.upgrade(database)
    assert _links(database) == before
    with database.read() as uow:
        assert verify(uow).faults == []


def test_a_card_whose_entries_lie_in_several_batches_is_chained_through(database: Database) -> None:
    short_life(database)
    before = _links(database)
    migration = runpy.run_path(str(VERSIONS / "0002_the_chain_of_entries.py"))
    chain_entries = migration["_chain_entries"]
    chain_entries.__globals__["_ENTRIES_AT_ONCE"] = 3
    with guards_down(database) as uow:
        uow.conn.execute(update(Transaction).values(chain=GENESIS))
        uow.conn.execute(update(Card).values(chain_head=GENESIS))
        chain_entries(uow.conn)
        assert _links_in(uow) == before


def _links(database: Database) -> list[tuple[str, bytes]]:
    with database.read() as uow:
        return _links_in(uow)


def _links_in(uow: UnitOfWork) -> list[tuple[str, bytes]]:
    entries = uow.conn.execute(select(Transaction.id, Transaction.chain)).all()
    heads = uow.conn.execute(select(Card.id, Card.chain_head)).all()
    return sorted((name, chain) for name, chain in [*entries, *heads])
