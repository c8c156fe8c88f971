"""The books prove themselves: sound over a long life, and every planted fault is found and named.

Faults are planted the way only a broken database or a hand inside it could: with triggers, foreign keys and
checks out of the way.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Row

from passes.db.engine import Database, UnitOfWork
from passes.ledger.verify import Report, cards, verify
from passes.ledger.verify import faults as fault_list
from passes.money import Money
from passes.redemption import service as redemption
from tests.ledger.faults import FAULTS
from tests.ledger.faults_beside import FAULTS_BESIDE
from tests.ledger.hand import guards_down
from tests.ledger.life import RandomLife, short_life

OPERATIONS = 10_000


def verified(database: Database) -> Report:
    with database.read() as uow:
        return verify(uow)


def found_after(database: Database, sql: str) -> list[str]:
    """What the proof says once `sql` has been done to the books."""
    with guards_down(database) as uow:
        for statement in sql.split("; "):
            assert uow.conn.exec_driver_sql(statement).rowcount > 0, statement
        return verify(uow).faults


@pytest.mark.slow
def test_a_life_of_ten_thousand_random_operations_is_sound(database: Database) -> None:
    life = RandomLife(database, seed=1792, cards_per_kind=25)
    life.live(OPERATIONS)
    seen: list[tuple[int, int]] = []
    with database.read() as uow:
        report = verify(uow, lambda done, total: seen.append((done, total)))
    assert report.faults == []
    assert report.ok
    assert (report.cards, report.transactions) == (len(life.held), life.issued + life.booked)
    assert life.booked > OPERATIONS * 0.7
    assert seen[-1] == (report.cards, report.cards)


def test_a_short_life_with_everything_in_it_is_sound(database: Database) -> None:
    books = short_life(database)
    report = verified(database)
    assert report.faults == []
    assert (report.cards, report.transactions) == (7, len(books.entries) + 5)


def test_empty_books_are_sound(database: Database) -> None:
    assert verified(database) == Report(cards=0, transactions=0, transactions_after_last_root=0, faults=[])


def test_every_planted_fault_is_found(database: Database, subtests: pytest.Subtests) -> None:
    names = vars(short_life(database))
    for fault in [*FAULTS, *FAULTS_BESIDE]:
        with subtests.test(fault.name):
            found = found_after(database, fault.sql.format_map(names))
            said = fault.says.format_map(names)
            assert any(said in sentence for sentence in found), found
    assert verified(database).ok


def test_tills_may_go_on_while_the_books_are_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = short_life(database)
    read_entries = cards._entries

    def pay_before_reading(uow: UnitOfWork, card_ids: Sequence[str]) -> Iterator[tuple[str, list[Row[Any]]]]:
        with database.write() as till:
            redemption.redeem(till, books.call("gift"), amount=Money(1, "EUR"))
        return read_entries(uow, card_ids)

    monkeypatch.setattr(cards, "_entries", pay_before_reading)
    assert verified(database).ok
    if not database.is_sqlite:
        with database.read() as without_snapshot:
            faults = fault_list.Faults()
            cards.check(without_snapshot, faults, lambda done, total: None)
        assert faults.sentences(), "the snapshot is there for nothing"
    monkeypatch.undo()
    assert verified(database).ok


def test_a_flood_of_faults_is_counted_rather_than_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_list, "MAX_FAULTS", 2)
    faults = fault_list.Faults()
    for number in range(5):
        faults.add(f"Fault {number}.")
    assert faults.sentences() == ["Fault 0.", "Fault 1.", "There are 3 more faults."]
