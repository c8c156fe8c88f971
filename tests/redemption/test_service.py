"""What a till's calls leave behind besides value: the last purchase, the audit of who and where, gifts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from passes.cards import queries as cards
from passes.clock import FixedClock
from passes.db.engine import Database, UnitOfWork
from passes.errors import Refusal
from passes.ledger import queries as ledger
from passes.ledger.rules import Entry
from passes.ledger.verify import verify
from passes.money import Money
from passes.redemption import service as redemption
from passes.redemption.service import TillCall
from tests.fixtures.databases import START
from tests.ledger.life import Books

Work = Callable[[UnitOfWork], Entry]


@pytest.fixture
def books(database: Database) -> Books:
    made = Books(database).open()
    with database.write() as uow:
        for kind in made.programs:
            made.issue(uow, kind, kind, 5000 if kind == "gift" else None)
    return made


class Day:
    """Calls an hour apart."""

    def __init__(self, books: Books, clock: FixedClock) -> None:
        self.books, self.clock = books, clock

    def do(self, work: Work) -> Entry:
        self.clock.at += timedelta(hours=1)
        with self.books.database.write() as uow:
            return work(uow)

    def stamp(self, name: str = "stamp", count: int = 1) -> Entry:
        return self.do(lambda uow: redemption.stamp(uow, self.books.call(name), count=count))

    def redeem(self, name: str, **what: Any) -> Entry:
        return self.do(lambda uow: redemption.redeem(uow, self.books.call(name), **what))

    def reverse(self, sale: Entry) -> Entry:
        return self.do(lambda uow: redemption.reverse_stamps(uow, self.books.call(), sale.id))

    def refund(self, taken: Entry, amount: Money | None = None) -> Entry:
        return self.do(lambda uow: redemption.refund(uow, self.books.call(), taken.id, amount))

    def last_purchase(self, name: str = "stamp") -> datetime | None:
        with self.books.database.read() as uow:
            return cards.get(uow, self.books.merchant_id, self.books.cards[name]).last_purchase_at


@pytest.fixture
def day(books: Books, clock: FixedClock) -> Day:
    return Day(books, clock)


def test_a_card_remembers_its_last_purchase(day: Day) -> None:
    assert day.last_purchase() is None
    assert day.last_purchase("gift") is None
    day.stamp()
    day.stamp()
    assert day.last_purchase() == START + timedelta(hours=2)


def test_a_purchase_undone_was_none(day: Day) -> None:
    first, second = day.stamp(), day.stamp()
    day.reverse(second)
    assert day.last_purchase() == first.created_at
    day.reverse(first)
    assert day.last_purchase() is None


def test_a_payment_is_a_purchase_until_all_of_it_is_refunded(day: Day) -> None:
    paid = day.redeem("gift", amount=Money(1000, "EUR"))
    day.refund(paid, Money(400, "EUR"))
    assert day.last_purchase("gift") == paid.created_at
    day.refund(paid)
    assert day.last_purchase("gift") is None


def test_a_used_coupon_is_a_purchase_and_a_taken_reward_is_none(day: Day) -> None:
    used = day.redeem("coupon", order_total=Money(999, "EUR"))
    assert day.last_purchase("coupon") == used.created_at
    filled = day.stamp(count=10)
    day.redeem("stamp", reward=True)
    assert day.last_purchase() == filled.created_at


def test_a_gift_from_the_merchant_collects_and_is_no_purchase(day: Day, books: Books) -> None:
    given = day.do(
        lambda uow: redemption.add_stamps(uow, books.merchant_id, books.cards["stamp"], 12, "camp_1")
    )
    assert (given.type, given.amount, given.balance_after, given.rewards_after) == ("adjust", 12, 2, 1)
    assert (given.actor, day.last_purchase()) == ("camp_1", None)


@pytest.mark.parametrize("kind", ["gift", "coupon"])
def test_a_gift_of_stamps_goes_onto_cards_that_collect_alone(day: Day, books: Books, kind: str) -> None:
    with pytest.raises(Refusal) as refused:
        day.do(lambda uow: redemption.add_stamps(uow, books.merchant_id, books.cards[kind], 1, "camp_1"))
    assert refused.value.code == "wrong_kind"


def test_the_books_remember_who_where_and_under_which_receipt(day: Day, books: Books) -> None:
    call = TillCall(
        books.merchant_id, "key_7", card_id=books.cards["stamp"], location_id="loc_1", reference="r", note="n"
    )
    booked = day.do(lambda uow: redemption.stamp(uow, call, count=1))
    with books.database.read() as uow:
        found = ledger.transaction(uow, books.merchant_id, booked.id)
    assert found == booked
    assert (booked.actor, booked.location_id, booked.reference, booked.note) == ("key_7", "loc_1", "r", "n")


def test_a_refused_call_leaves_nothing_behind(day: Day, books: Books) -> None:
    with books.database.read() as uow:
        before = cards.get(uow, books.merchant_id, books.cards["gift"])
    with books.database.write() as uow, pytest.raises(Refusal):
        redemption.redeem(uow, books.call("gift"), amount=Money(9999, "EUR"))
    with books.database.read() as uow:
        assert cards.get(uow, books.merchant_id, books.cards["gift"]) == before
    with books.database.read() as uow:
        assert verify(uow).ok
