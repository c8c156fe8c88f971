"""Daily roots: once a local day, over every card that changed, whoever dies or comes late at it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import func, select

from passes.clock import FixedClock
from passes.db.engine import Database
from passes.ledger import roots
from passes.ledger.models import Root, RootLeaf
from passes.ledger.roots import SignedRoot, make_due
from passes.ledger.verify import Report, verify
from passes.merchants import service as merchants
from passes.merchants import signing_keys
from passes.merchants.rules import MerchantDraft
from passes.money import Money
from passes.redemption import service as redemption
from tests.fixtures.api import EUR
from tests.fixtures.databases import START
from tests.ledger.life import Books, short_life

KEY = b"what lies in the backup"
LATER = timedelta(days=1)


def always() -> bool:
    return True


def verified(database: Database) -> Report:
    with database.read() as uow:
        return verify(uow, token_key=KEY)


def stored(database: Database) -> list[SignedRoot]:
    with database.read() as uow:
        return [
            SignedRoot(**row._mapping)
            for row in uow.conn.execute(select(Root.__table__).order_by(Root.sequence))
        ]


def leaves(database: Database, sequence: int) -> int:
    with database.read() as uow:
        query = select(func.count()).select_from(RootLeaf).where(RootLeaf.sequence == sequence)
        return int(uow.conn.execute(query).scalar_one())


def pay(books: Books, cents: int = 1) -> None:
    with books.database.write() as uow:
        redemption.redeem(uow, books.call("gift"), amount=Money(cents, EUR))


@pytest.fixture
def books(database: Database) -> Books:
    return short_life(database)


def test_a_root_covers_everything_and_the_next_only_what_came_since(books: Books, clock: FixedClock) -> None:
    database = books.database
    before = verified(database)
    assert before.transactions_after_last_root == before.transactions > 0
    assert make_due(database, KEY, always) == 1
    assert verified(database) == Report(before.cards, before.transactions, 0, [])
    pay(books)
    pay(books)
    assert verified(database).transactions_after_last_root == 2
    clock.at += LATER
    assert make_due(database, KEY, always) == 1
    assert verified(database) == Report(before.cards, before.transactions + 2, 0, [])
    first, second = stored(database)
    assert (first.sequence, second.sequence, second.leaves) == (1, 2, 1)
    assert (first.transactions, second.transactions) == (before.transactions, before.transactions + 2)
    assert second.previous == roots.statement_hash(first)


def test_anybody_with_the_public_key_can_check_a_root(books: Books) -> None:
    make_due(books.database, KEY, always)
    (root,) = stored(books.database)
    with books.database.read() as uow:
        (key,) = signing_keys.public_keys(uow, books.merchant_id, "root")
    assert signing_keys.is_signed(key.public, roots.statement(root), root.signature)
    assert roots.statement(root).startswith(
        b'{"created_at":"2026-03-02T09:00:00.000000Z","day":"2026-03-02",'
    )


def test_a_day_has_one_root_however_often_one_asks(books: Books, clock: FixedClock) -> None:
    assert make_due(books.database, KEY, always) == 1
    pay(books)
    assert make_due(books.database, KEY, always) == 0
    clock.at -= LATER * 2
    assert make_due(books.database, KEY, always) == 0
    assert [root.day for root in stored(books.database)] == [START.date()]


def test_the_day_is_the_merchants_own(database: Database, clock: FixedClock) -> None:
    clock.at = datetime.fromisoformat("2026-03-02T23:30:00Z")
    short_life(database)
    make_due(database, KEY, always)
    assert [root.day for root in stored(database)] == [date(2026, 3, 3)]


def test_a_quiet_day_has_a_root_too_but_an_empty_house_has_none(books: Books, clock: FixedClock) -> None:
    with books.database.write() as uow:
        merchants.create_merchant(uow, MerchantDraft(slug="new", name="New"), "test")
    assert make_due(books.database, KEY, always) == 1
    clock.at += LATER
    assert make_due(books.database, KEY, always) == 1
    assert [root.leaves > 0 for root in stored(books.database)] == [True, False]
    assert verified(books.database).faults == []


def test_an_entry_of_an_earlier_time_that_was_committed_late_is_in_the_next_root(
    books: Books, clock: FixedClock
) -> None:
    make_due(books.database, KEY, always)
    clock.at = START - timedelta(days=30)
    pay(books)
    clock.at = START + LATER
    make_due(books.database, KEY, always)
    assert verified(books.database).transactions_after_last_root == 0
    assert verified(books.database).ok


def test_who_dies_half_way_leaves_what_the_next_one_goes_on_from(
    books: Books, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots, "CARDS_AT_ONCE", 2)
    asked = count()
    assert make_due(books.database, KEY, lambda: next(asked) < 3) == 0
    assert stored(books.database) == []
    assert 0 < leaves(books.database, 1) <= 4
    assert verified(books.database).ok
    pay(books)
    assert make_due(books.database, KEY, always) == 1
    clock.at += LATER
    assert make_due(books.database, KEY, always) == 1
    report = verified(books.database)
    assert (report.faults, report.transactions_after_last_root) == ([], 0)


def test_tills_that_book_and_others_that_seal_meanwhile_do_no_harm(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots, "CARDS_AT_ONCE", 1)

    def work(number: int) -> None:
        if number % 2:
            make_due(books.database, KEY, always)
        else:
            pay(books)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(8)))
    make_due(books.database, KEY, always)
    assert len(stored(books.database)) == 1
    assert verified(books.database).faults == []


def test_keys_may_change_between_roots(books: Books, clock: FixedClock) -> None:
    make_due(books.database, KEY, always)
    with books.database.write() as uow:
        signing_keys.rotate(uow, KEY, books.merchant_id, "root", "boss")
    clock.at += LATER
    make_due(books.database, KEY, always)
    assert len({root.key_id for root in stored(books.database)}) == 2
    assert verified(books.database).ok


def test_a_root_made_with_another_secret_is_found_by_whoever_has_the_right_one(books: Books) -> None:
    make_due(books.database, b"the forger's", always)
    assert any("is not as it was made" in fault for fault in verified(books.database).faults)
    with books.database.read() as uow:
        assert verify(uow).ok
