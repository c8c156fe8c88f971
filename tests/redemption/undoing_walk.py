"""Every kind of call, its undoing and the reversal of either, in any order, against a small model.

The model knows no order. A card is worth the sum of what was done to it and still counts; what was reversed
does not count, and what undid something counts only as long as that something does.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from passes.cards import queries as cards
from passes.cards.rules import CardView
from passes.db.engine import Database, UnitOfWork
from passes.errors import Refusal
from passes.ledger import service as ledger
from passes.ledger.rules import Entry
from passes.money import REWARD, Money
from passes.redemption import basket_refunds, baskets, holds, reversals
from passes.redemption import service as redemption
from passes.redemption.adjustments import Direction, adjust
from passes.redemption.baskets import Instrument, Mode
from passes.redemption.replacing import replace_card
from passes.redemption.reversals import Reversal
from passes.redemption.service import TillCall
from tests.ledger.life import Books

REQUIRED = 10
NAMES = ("gift", "purse", "coupon", "stamp", "points")
ASSETS = {"gift": "EUR", "purse": "EUR", "coupon": "USE", "stamp": "STAMP", "points": "POINT"}
OWING = ("stamp", "points")
STARTED = 200
WALKS, STEPS = 14, 60


@dataclass(eq=False)
class Line:
    """What a call did to one card, in the card's unit; `of` is the line that it undoes."""

    name: str
    delta: int
    entry_id: str
    call: "Call"
    of: "Line | None" = None
    undone_by: "list[Line]" = field(default_factory=list)

    @property
    def counts(self) -> int:
        """What of it still counts, with what has undone it."""
        if self.call.is_reversed:
            return 0
        return self.delta + sum(line.delta for line in self.undone_by if not line.call.is_reversed)


@dataclass(eq=False)
class Call:
    """A call under a key, perhaps under a receipt; a refused one did nothing."""

    key: str
    reference: str | None
    done: bool = True
    lines: list[Line] = field(default_factory=list)
    held: int = 0
    on: str = ""
    thing: str = ""
    captured_by: "Call | None" = None
    is_reversed: bool = False

    def reverse(self) -> None:
        self.is_reversed, self.held = True, 0
        if self.captured_by is not None:
            self.captured_by.is_reversed = True


class Walk:
    """A few cards, and tills that do, undo and regret things at random."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database, self.random = database, random.Random(seed)
        self.books = Books(database).open(f"walk-{seed}")
        self.calls: list[Call] = []
        self.receipts = [f"r {n}" for n in range(3)]
        self.outcomes: dict[str, int] = {}
        with database.write() as uow:
            self.cards = {name: self._issued(uow, name) for name in NAMES}
        self.started = {"gift": STARTED, "purse": STARTED, "coupon": 3, "stamp": 0, "points": 0}

    def _issued(self, uow: UnitOfWork, name: str) -> str:
        kind = "gift" if name == "purse" else name
        return self.books.issue(uow, kind, name, STARTED if kind == "gift" else None).id

    def step(self) -> None:
        """Something, and then a look at every card."""
        kinds = (self.take, self.take, self.bring, self.hold, self.end_hold, self.basket)
        undoing_kinds = (self.refund, self.unsell, self.refund_basket)
        reversing = (self.reverse_a_key, self.reverse_a_key, self.reverse_a_receipt)
        chance = self.random.random()
        if chance < 0.03:
            self.replace()
        elif chance < 0.45:
            self.random.choice(kinds)()
        else:
            self.random.choice(undoing_kinds if chance < 0.65 else reversing)()
        self.compare()

    def compare(self) -> None:
        """Every card is worth what still counts."""
        for name in NAMES:
            card = self.card(name)
            assert card.balance + REQUIRED * card.rewards - card.owed == self.worth(name), name
            assert card.held == self.held(name), name

    def worth(self, name: str) -> int:
        mine = [line for call in self.calls for line in call.lines if line.name == name and line.of is None]
        return self.started[name] + sum(line.counts for line in mine)

    def held(self, name: str) -> int:
        return sum(call.held for call in self.calls if call.on == name)

    def card(self, name: str) -> CardView:
        with self.database.read() as uow:
            return cards.get(uow, self.books.merchant_id, self.cards[name])

    def till(self, call: Call, name: str | None = None) -> TillCall:
        card_id = self.cards[name] if name else None
        return TillCall(self.books.merchant_id, "test", card_id=card_id, reference=call.reference)

    def _do(self, work: Callable[[UnitOfWork, Call], tuple[str, list[Line]]]) -> Call:
        """Try something under a fresh key, which is answered either way."""
        reference = self.random.choice([*self.receipts, None, None])
        call = Call(f"key {len(self.calls)}", reference)
        try:
            with self.database.write() as uow:
                call.thing, call.lines = work(uow, call)
                body = orjson.dumps({"id": call.thing})
                status = 201 if call.done else 200
                ledger.answer_key(uow, self.books.merchant_id, call.key, bytes(32), status, body)
        except Refusal:
            call.done, call.held, call.thing = False, 0, ""
            with self.database.write() as uow:
                ledger.answer_key(uow, self.books.merchant_id, call.key, bytes(32), 402, b"{}")
        self.calls.append(call)
        for line in call.lines:
            if line.of is not None:
                line.of.undone_by.append(line)
        return call

    def _one(self, call: Call, entry: Entry, sign: int, of: Line | None = None) -> tuple[str, list[Line]]:
        return entry.id, [self._line(call, entry, sign, of)]

    def _line(self, call: Call, entry: Entry, sign: int, of: Line | None = None) -> Line:
        name = next(name for name, card_id in self.cards.items() if card_id == entry.card_id)
        worth = entry.amount * (REQUIRED if entry.asset == REWARD else 1)
        return Line(name, sign * worth, entry.id, call, of)

    def take(self) -> None:
        name, amount = self.random.choice(NAMES), self.random.randint(1, 300)
        # A greedy one empties the card, so that what came onto it can no longer be taken back.
        greedy = self.random.random() < 0.5
        how: dict[str, dict[str, Any]] = {
            "coupon": {"order_total": Money(amount, "EUR")},
            "stamp": {"reward": True},
            "points": {"amount": Money(amount % 30 + 1, "POINT"), "allow_partial": greedy},
        }
        how["gift"] = how["purse"] = {"amount": Money(amount, "EUR"), "allow_partial": greedy}
        self._do(
            lambda uow, call: self._one(call, redemption.redeem(uow, self.till(call, name), **how[name]), -1)
        )

    def bring(self) -> None:
        name, amount = self.random.choice(NAMES), self.random.randint(1, 25)
        direction: Direction = self.random.choice(["increase", "decrease"])
        sign = 1 if direction == "increase" else -1
        value = Money(amount if name in OWING else 1 if name == "coupon" else amount * 10, ASSETS[name])
        if self.random.random() < 0.4 or name == "coupon":
            self._do(
                lambda uow, call: self._one(
                    call, adjust(uow, self.till(call, name), direction, value, "other"), sign
                )
            )
        elif name in OWING:
            self._do(
                lambda uow, call: self._one(
                    call, redemption.stamp(uow, self.till(call, name), count=amount), 1
                )
            )
        else:
            self._do(lambda uow, call: self._one(call, redemption.load(uow, self.till(call, name), value), 1))

    def hold(self) -> None:
        name = self.random.choice(["gift", "purse", "points"])

        def work(uow: UnitOfWork, call: Call) -> tuple[str, list[Line]]:
            amount = Money(self.random.randint(1, 200), ASSETS[name])
            placed = holds.hold(uow, self.till(call, name), amount)
            call.held, call.on = amount.amount, name
            return placed.id, []

        self._do(work)

    def end_hold(self) -> None:
        waiting = [call for call in self.calls if call.held]
        if not waiting:
            return
        held = self.random.choice(waiting)

        def work(uow: UnitOfWork, call: Call) -> tuple[str, list[Line]]:
            if self.random.random() < 0.3:
                call.done = False  # a void leaves nothing that could be reversed
                return holds.void(uow, self.till(call), held.thing).id, []
            part = Money(self.random.randint(1, held.held), ASSETS[held.on])
            entry, _ = holds.capture(uow, self.till(call), held.thing, part)
            held.captured_by = call
            return self._one(call, entry, -1)

        ended = self._do(work)
        assert ended.thing
        held.held = 0

    def basket(self) -> None:
        used = self.random.sample(NAMES, self.random.randint(1, 4))
        mode: Mode = self.random.choice(["all", "partial"])
        instruments = [
            Instrument(
                card_id=self.cards[name],
                reward=name == "stamp",
                amount=Money(5, "POINT") if name == "points" else None,
            )
            for name in used
        ]

        def work(uow: UnitOfWork, call: Call) -> tuple[str, list[Line]]:
            total = Money(self.random.randint(1, 900), "EUR")
            made = baskets.pay(uow, self.till(call), mode, total, instruments)
            return made.id, [self._line(call, line.entry, -1) for line in made.lines if line.entry]

        self._do(work)

    def _taken(self) -> list[Line]:
        return [line for call in self.calls for line in call.lines if line.of is None and line.delta < 0]

    def refund(self) -> None:
        lines = [line for line in self._taken() if self._type(line) in ("redeem", "capture")]
        if not lines:
            return
        of = self.random.choice(lines)
        unit = REQUIRED if of.name == "stamp" else 1
        asset = REWARD if of.name == "stamp" else ASSETS[of.name]
        left = -of.counts // unit
        part = self.random.choice([None, self.random.randint(1, -of.delta // unit)])
        amount = None if part is None else Money(part, asset)
        made = self._do(
            lambda uow, call: self._one(
                call, redemption.refund(uow, self.till(call), of.entry_id, amount), 1, of
            )
        )
        assert made.done == (left > 0 and (part or 0) <= left)

    def unsell(self) -> None:
        lines = [line for call in self.calls for line in call.lines if self._type(line) == "earn"]
        if not lines:
            return
        of = self.random.choice(lines)
        stands = of.counts > 0
        made = self._do(
            lambda uow, call: self._one(
                call, redemption.reverse_stamps(uow, self.till(call), of.entry_id), -1, of
            )
        )
        assert made.done == stands

    def refund_basket(self) -> None:
        paid = [call for call in self.calls if call.thing.startswith("bask_") and call.done]
        if not paid:
            return
        basket = self.random.choice(paid)
        of = {line.entry_id: line for line in basket.lines}
        left = any(line.counts for line in basket.lines)

        def work(uow: UnitOfWork, call: Call) -> tuple[str, list[Line]]:
            made = basket_refunds.refund_basket(uow, self.till(call), basket.thing, None)
            back = [(line.entry, of[line.taken.id]) for line in made.lines if line.entry]
            return made.id, [self._line(call, entry, 1, line) for entry, line in back]

        assert self._do(work).done == left

    def replace(self) -> None:
        name = self.random.choice(NAMES)
        with self.database.write() as uow:
            new = replace_card(uow, self.books.merchant_id, self.cards[name], "lost", "test")
        self.cards[name] = new.id

    def _type(self, line: Line) -> str:
        with self.database.read() as uow:
            query = f"SELECT type FROM transactions WHERE id = '{line.entry_id}'"
            return str(uow.conn.exec_driver_sql(query).scalar_one())

    def reverse_a_key(self) -> None:
        if not self.calls:
            return
        call = self.random.choice(self.calls)
        if not call.done:
            expected = "nothing_to_reverse"
        else:
            expected = "already_reversed" if call.is_reversed else self._reversing([call])
        self._reverse(
            lambda uow, till: reversals.reverse_key(uow, till, call.key),
            expected,
            [call] if expected == "reversed" else [],
        )

    def reverse_a_receipt(self) -> None:
        reference = self.random.choice(self.receipts)
        under = [call for call in self.calls if call.reference == reference and call.done]
        fresh = [call for call in under if not call.is_reversed]
        expected = self._reversing(fresh) if fresh else "already_reversed" if under else "tombstoned"
        done = self._reverse(
            lambda uow, till: reversals.reverse_reference(uow, till, reference, None),
            expected,
            fresh if expected == "reversed" else [],
        )
        if done:
            self.receipts[self.receipts.index(reference)] = f"r {len(self.calls)} {reference}"

    def _reversing(self, those: list[Call]) -> str:
        """What reversing some calls at once comes to; it is tried out on the model and taken back."""
        before = {name: self.worth(name) for name in NAMES}
        kept = [(call, call.held, call.captured_by and call.captured_by.is_reversed) for call in those]
        retakes_reward = any(
            line.name == "stamp" and line.of is not None and line.delta > 0 and not line.of.call.is_reversed
            for call in those
            for line in call.lines
        )
        for call in those:
            call.reverse()
        short = any(
            name not in OWING and self.worth(name) < min(before[name], self.held(name)) for name in NAMES
        )
        for call, held, captured in kept:
            call.is_reversed, call.held = False, held
            if call.captured_by is not None:
                call.captured_by.is_reversed = bool(captured)
        if retakes_reward and self.card("stamp").rewards == 0:
            return "insufficient_balance"
        return "insufficient_balance" if short else "reversed"

    def _reverse(
        self, work: Callable[[UnitOfWork, TillCall], Reversal], expected: str, those: list[Call]
    ) -> bool:
        try:
            with self.database.write() as uow:
                done = work(uow, TillCall(self.books.merchant_id, "test"))
                said, entries = done.outcome, len(done.entries)
        except Refusal as refusal:
            said, entries = refusal.code, 0
        assert said == expected
        self.outcomes[said] = self.outcomes.get(said, 0) + 1
        lines = {line for call in those for line in self._lines_of(call)}
        assert entries == sum(self._has_effect(line, those) for line in lines)
        for call in those:
            call.reverse()
        return said != "insufficient_balance"

    @staticmethod
    def _lines_of(call: Call) -> list[Line]:
        later = call.captured_by
        return call.lines if later is None or later.is_reversed else [*call.lines, *later.lines]

    @staticmethod
    def _has_effect(line: Line, those: list[Call]) -> bool:
        """Whether undoing the line moves anything: not if what it undid is undone at the same time."""
        if line.of is None:
            return line.counts != 0
        return not line.of.call.is_reversed and line.of.call not in those


def walk(database: Database, walks: int = WALKS, steps: int = STEPS) -> dict[str, int]:
    """So many walks; returns how often which outcome was met."""
    met: dict[str, int] = {}
    for seed in range(walks):
        one = Walk(database, seed)
        for _ in range(steps):
            one.step()
        for outcome, count in one.outcomes.items():
            met[outcome] = met.get(outcome, 0) + count
    return met
