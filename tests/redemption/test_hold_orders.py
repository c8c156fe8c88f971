"""Every order of up to four of hold, capture, part, void and expire, around the moment a hold runs out.

The tree of orders is walked once, each branch in a savepoint; an oracle of a dozen lines says what must be.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import ModuleType

import pytest
from sqlalchemy.exc import IntegrityError

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.errors import CardMovedOn
from passes.db.engine import Database, UnitOfWork
from passes.errors import Refusal
from passes.ledger import holds as held_rows
from passes.merchants import service as merchants
from passes.merchants.rules import MerchantDraft
from passes.money import Money
from passes.programs import queries as program_queries
from passes.programs import service as programs
from passes.programs.service import ProgramDraft
from passes.redemption import holds
from passes.redemption.service import TillCall
from tests.fixtures.databases import START
from tests.mutants import damage
from tests.protocols.outcome import Outcome

OPERATIONS = ("hold", "capture", "part", "void", "expire")
MOMENTS = tuple(START + timedelta(seconds=s) for s in (-1, 0, 1))
LONGEST = 4
BALANCE, AMOUNT, PART = 100, 60, 25


@dataclass(frozen=True)
class Oracle:
    """The card's balance, and of the last hold what became of it and when it runs out."""

    balance: int = BALANCE
    hold_id: str = ""
    status: str = ""
    expires_at: datetime = START

    def status_at(self, now: datetime) -> str:
        return "expired" if self.status == "open" and now >= self.expires_at else self.status

    def available_at(self, now: datetime) -> int:
        return self.balance - (AMOUNT if self.status_at(now) == "open" else 0)


class _Undo(Exception):
    """Take a branch back."""


@contextmanager
def taken_back(uow: UnitOfWork) -> Iterator[None]:
    try:
        with uow.savepoint():
            yield
            raise _Undo
    except _Undo:
        pass


class Walk:
    """One card, and every order from where it stands."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.orders = 0
        self.merchant_id = merchants.create_merchant(uow, MerchantDraft(slug="m0", name="m"), "test").id
        draft = ProgramDraft("gift", "gift", {}, currency="EUR")
        made = programs.create_program(uow, self.merchant_id, "m0", draft, "test")
        program = program_queries.get(uow, self.merchant_id, made.id)
        self.card_id = card_service.issue(uow, program, actor="test", amount=BALANCE).id
        self.call = TillCall(self.merchant_id, "test", card_id=self.card_id)

    def on(self, oracle: Oracle, depth: int, moments: tuple[datetime, ...]) -> None:
        for number, now in enumerate(moments):
            for operation in OPERATIONS:
                if operation in ("capture", "part", "void") and not oracle.hold_id:
                    continue
                self.orders += 1
                with taken_back(self.uow):
                    self.uow.now = now
                    after = self._do(operation, oracle, now)
                    self._compare(after, now)
                    if depth > 1:
                        self.on(after, depth - 1, moments[number:])

    def _do(self, operation: str, oracle: Oracle, now: datetime) -> Oracle:
        after, code = self._expected(operation, oracle, now)
        refused, hold_id = None, after.hold_id
        try:
            with self.uow.savepoint():
                hold_id = self._really(operation, oracle) or hold_id
        except Refusal as refusal:
            refused = refusal.code
        assert refused == code, operation
        return replace(after, hold_id=hold_id)

    def _expected(self, operation: str, oracle: Oracle, now: datetime) -> tuple[Oracle, str | None]:
        if operation == "expire":
            return oracle, None
        if operation == "hold":
            if oracle.available_at(now) < AMOUNT:
                return oracle, "insufficient_balance"
            return replace(oracle, status="open", expires_at=now + timedelta(seconds=1)), None
        if oracle.status_at(now) != "open":
            return oracle, "hold_not_open"
        taken = {"capture": AMOUNT, "part": PART, "void": 0}[operation]
        status = "captured" if taken else "voided"
        return replace(oracle, balance=oracle.balance - taken, status=status), None

    def _really(self, operation: str, oracle: Oracle) -> str | None:
        if operation == "hold":
            return holds.hold(self.uow, self.call, Money(AMOUNT, "EUR"), 1).id
        if operation == "expire":
            cards.lock(self.uow, self.merchant_id, card_id=self.card_id)
        elif operation == "void":
            holds.void(self.uow, self.call, oracle.hold_id)
        else:
            amount = Money(PART, "EUR") if operation == "part" else None
            holds.capture(self.uow, self.call, oracle.hold_id, amount)
        return None

    def _compare(self, oracle: Oracle, now: datetime) -> None:
        card = cards.get(self.uow, self.merchant_id, self.card_id)
        assert (card.balance, card.available.amount) == (oracle.balance, oracle.available_at(now))
        if oracle.hold_id:
            held = holds.get(self.uow, self.merchant_id, oracle.hold_id)
            assert held.status_at(now) == oracle.status_at(now)


def walk(database: Database, longest: int) -> int:
    """How many orders there were; everything is taken back."""
    with database.write() as uow, taken_back(uow):
        tree = Walk(uow)
        tree.on(Oracle(), longest, MOMENTS)
        return tree.orders


def test_every_order_around_the_end_of_a_hold_does_what_an_oracle_says(database: Database) -> None:
    orders = walk(database, LONGEST)
    dialect = database.engine.dialect.name
    Outcome("T5 hold orders", dialect, f"up to {LONGEST} operations", operations=orders).publish()
    assert orders > 1500


BUGS = [
    pytest.param(held_rows, "HoldView.status_at", "<= at", "< at", id="open a moment too long"),
    pytest.param(held_rows, "expire", "<= uow.now", "< uow.now", id="released a moment too late"),
    pytest.param(held_rows, "unexpired", "> uow.now", ">= uow.now", id="counted a moment too long"),
    pytest.param(held_rows, "_end_all", "-total", "0", id="expired but still set aside"),
    pytest.param(holds, "void", "holds.release(uow, held)", "pass", id="void but still set aside"),
    pytest.param(holds, "capture", "holds.release(uow, held)", "pass", id="the rest is not freed"),
    pytest.param(holds, "hold", "card.available.amount", "card.balance", id="held twice"),
    pytest.param(holds, "_open_hold", 'held.status != "open"', "False", id="ended twice"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("module, function, old, new", BUGS)
def test_the_oracle_notices_a_bug(
    database: Database, monkeypatch: pytest.MonkeyPatch, module: ModuleType, function: str, old: str, new: str
) -> None:
    damage(monkeypatch, module, function, (old, new))
    with pytest.raises((AssertionError, IntegrityError, CardMovedOn)):
        walk(database, 3)
