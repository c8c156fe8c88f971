"""Edits by hand: whatever single field of a stored book is changed, the proof of the books finds it.

Fields, rows and values are drawn from the tables themselves, so a column that is added tomorrow is edited
tomorrow. Where a unique key refuses an edit, the database has found it first.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import IntegrityError

from passes.clock import FixedClock
from passes.db.engine import Database, UnitOfWork
from passes.ledger import roots
from passes.ledger.verify import answers, verify
from passes.merchants import signing_keys
from passes.money import Money
from passes.redemption import service as redemption
from passes.redemption.replacing import replace_card
from passes.redemption.service import TillCall
from tests.fixtures.databases import START
from tests.ledger.beside import things_beside
from tests.ledger.hand import EDITED, Editor, guards_down
from tests.ledger.life import RandomLife
from tests.protocols import size
from tests.protocols.outcome import Outcome

KEY = b"what lies in the backup"
TRANSACTIONS = 200
EDITS = size.pick(ci=250, release=5_000)
AT_ONCE = 250
"""So many are drawn together; then it is looked whether there is time for more."""

LIMIT_S = size.seconds(ci=3600, release=2 * 3600)


@pytest.fixture
def book(database: Database, clock: FixedClock) -> Database:
    """A stored book of two hundred transactions, half of them under a first root, a few under none."""
    life = RandomLife(database, seed=4711, cards_per_kind=4)
    life.live(250)
    roots.make_due(database, KEY, lambda: True)
    with database.write() as uow:
        signing_keys.rotate(uow, KEY, life.books.merchant_id, "root", "boss")
        for name in ("points 0", "stamp 1"):
            replace_card(uow, life.books.merchant_id, life.books.cards[name], "lost", "test")
        for number in range(4):
            things_beside(uow, life.books, number)
        gift = [life.books.issue(uow, "gift", f"bought {number}", 700) for number in range(25)]
    clock.at = START.replace(day=4)
    roots.make_due(database, KEY, lambda: True)
    with database.write() as uow:
        for card in gift[:3]:
            call = TillCall(card.merchant_id, "till", card_id=card.id, note="after the last root")
            redemption.redeem(uow, call, amount=Money(5, "EUR"))
    with database.read() as uow:
        report = verify(uow, token_key=KEY)
    assert report.faults == []
    assert report.transactions >= TRANSACTIONS
    assert 0 < report.transactions_after_last_root < 10
    return database


def missed(database: Database, dice: random.Random, edits: int) -> tuple[list[str], Counter[str]]:
    """Edits the proof says nothing of, and how many were made in each table."""
    overlooked, made = [], Counter[str]()
    with guards_down(database) as uow:
        editor = Editor(uow, dice)
        while made.total() < edits:
            edit = editor.edit()
            with taken_back(uow):
                edit.apply(uow)
                made[edit.table.name] += 1
                if verify(uow, token_key=KEY).ok:
                    overlooked.append(str(edit))
    return overlooked, made


class _TakenBack(Exception):
    """Ends a savepoint by undoing it."""


@contextmanager
def taken_back(uow: UnitOfWork) -> Iterator[None]:
    """What is done inside is undone; what a unique key refuses was never done."""
    try:
        with uow.savepoint():
            yield
            raise _TakenBack
    except (_TakenBack, IntegrityError):
        pass


@pytest.mark.timeout(7200)
def test_every_edit_of_one_field_is_found(book: Database) -> None:
    outcome = Outcome("edits", book.engine.dialect.name, "edits", of=EDITS).carried_on()
    made, end = Counter[str](), time.monotonic() + LIMIT_S
    while outcome.done < EDITS and (not made or time.monotonic() < end):
        overlooked, more = missed(book, random.Random(outcome.seed + outcome.done), AT_ONCE)
        outcome.violations, made = outcome.violations + overlooked, made + more
        outcome.done += AT_ONCE
        outcome.progress(outcome.done, EDITS)
    outcome.operations = made.total()
    outcome.notes = f"{len(made)} tables, each as often as the others"
    outcome.publish()
    assert outcome.violations == []
    assert made.keys() == {model.__tablename__ for model in EDITED}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_proof_that_looks_at_no_seal_overlooks_some(
    book: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_check_seal", lambda key, faults: None)
    overlooked, _ = missed(book, random.Random(7), 60)
    assert any(edit.startswith("answered_keys") for edit in overlooked)
