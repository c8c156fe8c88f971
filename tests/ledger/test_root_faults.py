"""What can be wrong with roots, keys and seals, each planted by hand and named by the proof."""

import pytest
from sqlalchemy import Table, func, select

from passes.clock import FixedClock
from passes.db.engine import Database, UnitOfWork
from passes.ledger import roots
from passes.ledger.models import RootLeaf
from passes.ledger.verify import verify
from passes.merchants import signing_keys
from tests.fixtures.databases import START
from tests.ledger.beside import things_beside
from tests.ledger.faults import Fault
from tests.ledger.hand import EDITED, guards_down
from tests.ledger.life import Books, short_life

KEY = b"what lies in the backup"

FAULTS = [
    Fault(
        "a day moved",
        "UPDATE roots SET day = '2026-02-01' WHERE sequence = 1",
        "Root 1 of merchant {merchant_id} is not what key",
    ),
    Fault(
        "a day before the one before",
        "UPDATE roots SET day = '2026-02-01' WHERE sequence = 2",
        "Root 2 of merchant {merchant_id} is of 2026-02-01, which is not after 2026-03-02",
    ),
    Fault(
        "a root taken out",
        "DELETE FROM roots WHERE sequence = 1",
        "Root 2 of merchant {merchant_id} has no root before it",
    ),
    Fault(
        "a root that follows from another",
        "UPDATE roots SET previous = root WHERE sequence = 2",
        "Root 2 of merchant {merchant_id} does not follow from the root before it",
    ),
    Fault(
        "a root signed with a barcode's key",
        "UPDATE roots SET key_id = (SELECT id FROM ed25519_keys WHERE purpose = 'barcode')",
        "which is none of that merchant's for roots",
    ),
    Fault(
        "a leaf taken out",
        "DELETE FROM root_leaves WHERE card_id = '{cards[gift]}'",
        "Root 1 of merchant {merchant_id} is not the root over its {leaves} leaves",
    ),
    Fault(
        "a leaf of another link",
        "UPDATE root_leaves SET head = (SELECT chain FROM transactions WHERE id = '{entries[load]}') "
        "WHERE card_id = '{cards[gift]}'",
        "Root 1 of merchant {merchant_id} has a leaf for card {cards[gift]} at version",
    ),
    Fault(
        "a leaf of a root to come",
        "UPDATE root_leaves SET sequence = 9 WHERE card_id = '{cards[gift]}'",
        "Root 9 of merchant {merchant_id} has a leaf for card {cards[gift]} at version",
    ),
    Fault(
        "an entry under a root that is gone",
        "DELETE FROM transactions WHERE id = '{entries[load]}'",
        "but {transactions} are there",
    ),
    Fault(
        "a key made current again",
        "UPDATE ed25519_keys SET created_at = '2026-01-01 00:00:00' WHERE purpose = 'root'",
        "of merchant {merchant_id} is not as it was made",
    ),
    Fault(
        "a hold that was let go under another name",
        "UPDATE holds SET status = 'expired' WHERE id = '{holds[void]}'",
        "Hold {holds[void]} is not as it was left",
    ),
    Fault(
        "a key answered to another request",
        "UPDATE answered_keys SET status = 200 WHERE answered_keys.key = 'key-pay'",
        "Key key-pay of merchant {merchant_id} is not as it was answered",
    ),
    Fault(
        "a program's account with something on it",
        "UPDATE accounts SET held = 1 WHERE id = '{programs[gift]}.spent.EUR'",
        "Account {programs[gift]}.spent.EUR of program {programs[gift]} is not as a program's own",
    ),
]


@pytest.fixture
def books(database: Database, clock: FixedClock) -> Books:
    books = short_life(database)
    with database.write() as uow:
        things_beside(uow, books, 0)
    roots.make_due(database, KEY, lambda: True)
    clock.at = START.replace(day=3)
    roots.make_due(database, KEY, lambda: True)
    with database.write() as uow:
        signing_keys.current_or_first(uow, KEY, books.merchant_id, "barcode")
    with database.read() as uow:
        assert verify(uow, token_key=KEY).faults == []
    return books


def test_every_planted_fault_is_found(books: Books, subtests: pytest.Subtests) -> None:
    with books.database.read() as uow:
        names = vars(books) | {"transactions": verify(uow).transactions - 1, "leaves": _leaves(uow, 1) - 1}
    for fault in FAULTS:
        with subtests.test(fault.name), guards_down(books.database) as uow:
            assert uow.conn.exec_driver_sql(fault.sql.format_map(names)).rowcount > 0
            found = verify(uow, token_key=KEY).faults
            said = fault.says.format_map(names)
            assert any(said in sentence for sentence in found), found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("nonsense", ["'nonsense'", "X'FF00'", "1.5"])
def test_what_is_no_longer_of_its_kind_is_found_too(books: Books, nonsense: str) -> None:
    overlooked = []
    with guards_down(books.database) as uow:
        for name, column in columns():
            uow.conn.exec_driver_sql("SAVEPOINT before_it")
            place = f"rowid = (SELECT max(rowid) FROM {name})"
            uow.conn.exec_driver_sql(f'UPDATE {name} SET "{column}" = {nonsense} WHERE {place}')
            if verify(uow, token_key=KEY).ok:
                overlooked.append(f"{name}.{column}")
            uow.conn.exec_driver_sql("ROLLBACK TO before_it")
    assert overlooked == []


def _leaves(uow: UnitOfWork, sequence: int) -> int:
    found = uow.conn.execute(select(func.count()).where(RootLeaf.sequence == sequence))
    return found.scalar_one()


def columns() -> list[tuple[str, str]]:
    found = []
    for model in EDITED:
        table = model.__table__
        assert isinstance(table, Table)
        found += [(table.name, column.name) for column in table.columns if table.name != "cards"]
    return found
