"""Points that run out against an oracle that counts them one by one, over many random lives."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.errors import CardMovedOn
from passes.db.engine import Database, UnitOfWork
from passes.errors import Refusal
from passes.ledger import fifo
from passes.ledger import queries as books
from passes.ledger.verify import verify
from passes.merchants import service as merchants
from passes.merchants.rules import MerchantDraft
from passes.money import POINT, Money
from passes.programs import queries as program_queries
from passes.programs import service as programs
from passes.programs.ends import end_of_day
from passes.programs.service import ProgramDraft
from passes.redemption import holds, lots, replacing, undoing
from passes.redemption import rules as redemption_rules
from passes.redemption import service as redemption
from passes.redemption.adjustments import adjust
from passes.redemption.service import TillCall
from tests.fixtures.databases import START
from tests.mutants import damage
from tests.redemption.lots_oracle import Points

LIVES = 60
CALLS = 30
VERBS = "earn earn pay pay hold capture void refund undo more less replace".split()
ZONE = "Europe/Berlin"


class Life:
    """One points card, a till that does what comes to mind, and the oracle beside it."""

    def __init__(self, uow: UnitOfWork, merchant_id: str, slug: str, seed: int) -> None:
        self.uow, self.merchant_id = uow, merchant_id
        self.random = random.Random(seed)
        self.days = self.random.randint(1, 12)
        raw = {"point_per": {"amount": 100, "asset": "EUR"}, "points_expire_after_days": self.days}
        draft = ProgramDraft("points", f"points {seed}", raw)
        made = programs.create_program(uow, merchant_id, slug, draft, "test")
        program = program_queries.get(uow, merchant_id, made.id)
        self.card_id = card_service.issue(uow, program, actor="test").id
        self.oracle = Points()
        self.sales: dict[str, int] = {}
        self.paid: dict[str, int] = {}

    def live(self, calls: int) -> None:
        for _ in range(calls):
            self.uow.now += timedelta(hours=self.random.choice([0, 1, 5, 13, 30, 90]))
            self.oracle.look(self.uow.now)
            getattr(self, self.random.choice(VERBS))()
            self.oracle.look(self.uow.now)
            self.compare()

    def compare(self) -> None:
        card = cards.get(self.uow, self.merchant_id, self.card_id)
        oracle = self.oracle
        assert (card.balance, card.available.amount, card.owed) == (
            len(oracle.heap),
            oracle.available,
            oracle.owed,
        )

    @property
    def call(self) -> TillCall:
        return TillCall(self.merchant_id, "test", card_id=self.card_id)

    @property
    def end(self) -> datetime:
        return end_of_day(self.uow.now, self.days, ZONE)

    def some(self, most: int = 30) -> int:
        return self.random.randint(1, most)

    def attempt(self, work: Callable[[], Any], *, works: bool) -> Any:
        if works:
            return work()
        with pytest.raises(Refusal):
            work()
        return None

    def earn(self) -> None:
        count = self.some()
        entry = redemption.stamp(self.uow, self.call, count=count)
        self.oracle.come(count, self.end, entry.id)
        self.sales[entry.id] = count

    def pay(self) -> None:
        amount = Money(self.some(), POINT)
        works = amount.amount <= self.oracle.available
        entry = self.attempt(lambda: redemption.redeem(self.uow, self.call, amount=amount), works=works)
        if entry is not None:
            self.oracle.go(amount.amount)
            self.paid[entry.id] = amount.amount

    def hold(self) -> None:
        amount, seconds = Money(self.some(), POINT), self.random.randint(1, 10 * 86_400)
        works = amount.amount <= self.oracle.available
        held = self.attempt(lambda: holds.hold(self.uow, self.call, amount, seconds), works=works)
        if held is not None:
            self.oracle.holds[held.id] = amount.amount, held.expires_at

    def capture(self) -> None:
        if self.oracle.holds:
            name = self.random.choice(sorted(self.oracle.holds))
            count = self.some(self.oracle.holds[name][0])
            holds.capture(self.uow, self.call, name, Money(count, POINT))
            self.oracle.capture(name, count)

    def void(self) -> None:
        if self.oracle.holds:
            name = self.random.choice(sorted(self.oracle.holds))
            if self.random.random() < 0.5:
                holds.void(self.uow, self.call, name)
            else:
                undoing.undo(self.uow, self.call, [name])
            del self.oracle.holds[name]

    def refund(self) -> None:
        if self.paid:
            name = self.random.choice(sorted(self.paid))
            count = self.some(self.paid[name])
            entry = redemption.refund(self.uow, self.call, name, Money(count, POINT))
            self.oracle.come(count, self.end, entry.id)
            self.paid[name] -= count
            if not self.paid[name]:
                del self.paid[name]

    def undo(self) -> None:
        if self.sales:
            name = self.random.choice(sorted(self.sales))
            redemption.reverse_stamps(self.uow, self.call, name)
            self.oracle.undo(name, self.sales.pop(name))

    def more(self) -> None:
        count = self.some()
        entry = adjust(self.uow, self.call, "increase", Money(count, POINT), "other")
        self.oracle.come(count, self.end, entry.id)

    def less(self) -> None:
        amount = Money(self.some(), POINT)
        works = amount.amount <= self.oracle.available
        done = self.attempt(lambda: adjust(self.uow, self.call, "decrease", amount, "other"), works=works)
        if done is not None:
            self.oracle.go(amount.amount)

    def replace(self) -> None:
        if self.random.random() < 0.3:
            new = replacing.replace_card(self.uow, self.merchant_id, self.card_id, "lost", "test")
            self.card_id = new.id
            wanted = books.TransactionFilter(card_id=new.id)
            (brought,) = books.transactions(self.uow, self.merchant_id, wanted, 10, None).items
            self.oracle.move(brought.id)


def live(database: Database, lives: int, first_seed: int = 0) -> None:
    with database.write() as uow:
        merchant_id = merchants.create_merchant(uow, MerchantDraft(slug="m1", name="m"), "test").id
    for seed in range(first_seed, first_seed + lives):
        with database.write() as uow:
            Life(uow, merchant_id, "m1", seed).live(CALLS)
    with database.read() as uow:
        assert verify(uow).faults == []


def test_points_run_out_as_an_oracle_says_that_counts_them_one_by_one(database: Database) -> None:
    live(database, LIVES, 1_000 if database.is_sqlite else 2_000)


def test_drawing_on_lots_is_drawing_on_a_heap_in_thousands_of_lives() -> None:
    dice = random.Random(7)
    for _ in range(3_000):
        left = fifo.in_order(
            fifo.Lot(f"txn_{n}", START + timedelta(days=dice.randint(0, 4)), amount, dice.randint(0, amount))
            for n in range(dice.randint(0, 5))
            for amount in [dice.randint(1, 6)]
        )
        oracle = Points([(lot.expires_at, lot.transaction_id) for lot in left for _ in range(lot.remaining)])
        held = dice.randint(0, len(oracle.heap))
        oracle.holds["h"] = held, START + timedelta(days=99)
        at = START + timedelta(days=dice.randint(0, 5))
        ended = fifo.run_out(left, held, at)
        left = fifo.lapse(left, ended, held=held)
        oracle.look(at)
        going = dice.randint(0, oracle.available)
        left = fifo.spend(left, going, held=held)
        oracle.go(going)
        found = [(lot.expires_at, lot.transaction_id) for lot in left for _ in range(lot.remaining)]
        assert found == oracle.heap
        assert {lot.transaction_id: lot.lapsed for lot in left if lot.lapsed} == dict(oracle.lapsed)


BUGS = [
    pytest.param(fifo, "run_out", "- held", "", id="held points run out"),
    pytest.param(fifo, "run_out", "lot.expires_at <= at", "lot.expires_at < at", id="an instant too late"),
    pytest.param(fifo, "in_order", "lot.expires_at, lot", "lot.transaction_id[::-1], lot", id="in no order"),
    pytest.param(fifo, "take_back", "amount -= taken", "pass", id="a sale undone twice over"),
    pytest.param(fifo, "take_back", "lot.transaction_id == transaction_id", "False", id="not its own"),
    pytest.param(lots, "follow", "(*undone, *opened)", "undone", id="what comes never ends"),
    pytest.param(lots, "follow", 'in ("capture", "transfer")', '== "transfer"', id="captured from others"),
    pytest.param(lots, "follow", "else before.held", "else 0", id="paid out of what is held"),
    pytest.param(lots, "reclaim", "min(lot.lapsed, amount)", "0", id="what ran out is owed"),
    pytest.param(lots, "reclaim", "[fifo.reclaimed(lot, lapsed)]", "[lot]", id="reclaimed and still there"),
    pytest.param(
        lots,
        "hand_over",
        "Lot(entry.id, end, amount, amount)",
        "Lot(entry.id, max(ends), amount, amount)",
        id="ends lost on the way",
    ),
    pytest.param(lots, "reschedule", "if ends - future:", "if False:", id="what a hold kept lasts for ever"),
    pytest.param(redemption, "settle", "if amount:", "if not amount:", id="nothing booked"),
    pytest.param(redemption, "in_hand", "settle(uow, card, call.at(uow))", "card", id="not settled in hand"),
    pytest.param(holds, "_let_end", "card.lots_due_at is not None", "False", id="a void that frees for ever"),
    pytest.param(redemption_rules, "reverse_earn", "count - lapsed", "count", id="taken back twice"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("module, function, old, new", BUGS)
def test_the_oracle_notices_a_bug(
    database: Database, monkeypatch: pytest.MonkeyPatch, module: Any, function: str, old: str, new: str
) -> None:
    damage(monkeypatch, module, function, (old, new))
    with pytest.raises((AssertionError, IntegrityError, Refusal, CardMovedOn)):
        live(database, LIVES)
