"""A merchant's books, lived through the use-cases: a short life with names in it, and a long random one."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import insert

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.rules import CardView
from passes.db.engine import Database, UnitOfWork
from passes.errors import Refusal
from passes.ledger import seals
from passes.ledger import service as ledger
from passes.ledger.models import AnsweredKey
from passes.ledger.rules import Entry
from passes.merchants import service as merchants
from passes.merchants.rules import MerchantDraft
from passes.money import Money
from passes.programs import queries as program_queries
from passes.programs import service as programs
from passes.programs.service import ProgramDraft
from passes.redemption import basket_refunds, baskets, holds
from passes.redemption import service as redemption
from passes.redemption.adjustments import Direction, adjust
from passes.redemption.baskets import Instrument
from passes.redemption.replacing import replace_card
from passes.redemption.reversals import reverse_key
from passes.redemption.service import TillCall
from passes.web.api_v1 import baskets as basket_api
from passes.web.api_v1 import present
from tests.fixtures.api import EUR, RULES

OPERATIONS_PER_COMMIT = 250


@dataclass
class Books:
    """One merchant with a program of each kind, its cards by name, its entries by name."""

    database: Database
    merchant_id: str = ""
    programs: dict[str, str] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=dict)
    baskets: dict[str, str] = field(default_factory=dict)

    def open(self, slug: str = "mokka") -> "Books":
        with self.database.write() as uow:
            draft = MerchantDraft(slug=slug, name="Mokka")
            self.merchant_id = merchants.create_merchant(uow, draft, "test").id
            for kind, rules in RULES.items():
                more = {"uses": 3} if kind == "coupon" else {}
                program = ProgramDraft(kind, kind, rules | more, currency=EUR if kind == "gift" else None)
                made = programs.create_program(uow, self.merchant_id, slug, program, "test")
                self.programs[kind] = made.id
        return self

    def issue(self, uow: UnitOfWork, kind: str, name: str, amount: int | None = None) -> CardView:
        program = program_queries.get(uow, self.merchant_id, self.programs[kind])
        card = card_service.issue(uow, program, actor="test", amount=amount)
        self.cards[name] = card.id
        return card

    def call(self, name: str | None = None) -> TillCall:
        card_id = None if name is None else self.cards[name]
        return TillCall(self.merchant_id, "test", card_id=card_id, reference="receipt")

    def keep(self, uow: UnitOfWork, name: str, entry: Entry) -> Entry:
        """Remember an entry by name, and answer a key of that name with it."""
        self.entries[name] = entry.id
        body = orjson.dumps(present.transaction(entry))
        ledger.answer_key(uow, self.merchant_id, f"key-{name}", bytes(32), 201, body)
        return entry


def short_life(database: Database, *, baskets_known: bool = True) -> Books:
    """Everything that can happen to a card, once; books that are older than baskets hold none."""
    books = Books(database).open()
    with database.write() as uow:
        books.issue(uow, "gift", "gift", 5000)
        books.issue(uow, "stamp", "stamp")
        books.issue(uow, "points", "points")
        books.issue(uow, "coupon", "coupon")
        for name, happens in _events(books):
            books.keep(uow, name, happens(uow))
        undone = redemption.load(uow, books.call("gift"), Money(5, EUR))
        books.keep(uow, "undone", undone)
        reversal = reverse_key(uow, TillCall(books.merchant_id, "test"), "key-undone")
        books.entries["load undone"] = reversal.entries[0].id
        for name, cents in (("open", 30), ("taken", 40), ("void", 50)):
            books.holds[name] = holds.hold(uow, books.call("gift"), Money(cents, EUR)).id
        taken, _ = holds.capture(uow, books.call(), books.holds["taken"], Money(35, EUR))
        books.keep(uow, "capture", taken)
        holds.void(uow, books.call(), books.holds["void"])
        books.keep(uow, "capture refunded", redemption.refund(uow, books.call(), taken.id, Money(35, EUR)))
        if baskets_known:
            _a_basket(uow, books)
        gift = cards.get(uow, books.merchant_id, books.cards["gift"])
        old = books.issue(uow, "points", "lost")
        books.keep(uow, "before it was lost", redemption.stamp(uow, books.call("lost"), count=7))
        books.cards["found"] = replace_card(uow, books.merchant_id, old.id, "lost", "test").id
        body = orjson.dumps({"id": gift.id})
        ledger.answer_key(uow, books.merchant_id, "key-card", bytes(32), 201, body)
        ledger.answer_key(uow, books.merchant_id, "key-of-a-member", bytes(32), 201, b"")
    return books


def _a_basket(uow: UnitOfWork, books: Books) -> None:
    """Two cards for one order, of which the one comes back, does not after all, and one nobody knows."""
    purse = books.issue(uow, "gift", "purse", 100)
    used = [Instrument(card_id=purse.id, amount=Money(60, EUR)), Instrument(code="nobody")]
    used.append(Instrument(card_id=books.cards["coupon"]))
    made = baskets.pay(uow, books.call(), "partial", Money(80, EUR), used)
    books.baskets["paid"] = made.id
    for name, line in (("line", made.lines[0]), ("line of a coupon", made.lines[2])):
        assert line.entry is not None
        books.entries[name] = line.entry.id
    back = basket_refunds.refund_basket(uow, books.call(), made.id, [0])
    books.baskets["given back"] = back.id
    assert back.lines[0].entry is not None
    books.entries["line back"] = back.lines[0].entry.id
    for name, answer in (
        ("basket", basket_api.basket(made)),
        ("basket back", basket_api.basket_refund(back)),
    ):
        ledger.answer_key(uow, books.merchant_id, f"key-{name}", bytes(32), 201, orjson.dumps(answer))
    undone = reverse_key(uow, TillCall(books.merchant_id, "test"), "key-basket back")
    books.entries["line taken again"] = undone.entries[0].id


def _events(books: Books) -> list[tuple[str, Callable[[UnitOfWork], Entry]]]:
    call, r = books.call, redemption

    def refund(name: str, cents: int | None = None) -> Callable[[UnitOfWork], Entry]:
        amount = None if cents is None else Money(cents, EUR)
        return lambda uow: r.refund(uow, call(), books.entries[name], amount)

    def reverse(name: str) -> Callable[[UnitOfWork], Entry]:
        return lambda uow: r.reverse_stamps(uow, call(), books.entries[name])

    return [
        ("load", lambda uow: r.load(uow, call("gift"), Money(1000, EUR))),
        ("pay", lambda uow: r.redeem(uow, call("gift"), amount=Money(5500, EUR))),
        ("refund", refund("pay", 200)),
        ("stamps", lambda uow: r.stamp(uow, call("stamp"), count=7)),
        ("full", lambda uow: r.stamp(uow, call("stamp"), count=5)),
        ("reward", lambda uow: r.redeem(uow, call("stamp"), reward=True)),
        ("reward back", refund("reward")),
        ("sale", lambda uow: r.stamp(uow, call("stamp"), count=4)),
        ("sale undone", reverse("full")),
        ("points", lambda uow: r.stamp(uow, call("points"), count=60)),
        ("mug", lambda uow: r.redeem(uow, call("points"), reward_id="mug")),
        ("points undone", reverse("points")),
        ("debt paid", lambda uow: r.stamp(uow, call("points"), count=55)),
        ("gift of stamps", lambda uow: r.add_stamps(uow, books.merchant_id, books.cards["stamp"], 12, "t")),
        ("more", lambda uow: adjust(uow, call("points"), "increase", Money(9, "POINT"), "support")),
        ("less", lambda uow: adjust(uow, call("points"), "decrease", Money(9, "POINT"), "support")),
        ("gift more", lambda uow: adjust(uow, call("gift"), "increase", Money(1, EUR), "support")),
        ("gift less", lambda uow: adjust(uow, call("gift"), "decrease", Money(1, EUR), "support")),
        ("coupon", lambda uow: r.redeem(uow, call("coupon"), order_total=Money(999, EUR))),
    ]


class RandomLife:
    """Cards of every kind, and tills that do whatever comes to mind; most of it is refused now and then."""

    def __init__(self, database: Database, seed: int, cards_per_kind: int) -> None:
        self.books = Books(database).open()
        self.random = random.Random(seed)
        self.done: list[Entry] = []
        self.booked = self.refused = 0
        with database.write() as uow:
            self.held: list[CardView] = [
                self.books.issue(uow, kind, f"{kind} {n}", 2000 if kind == "gift" and n % 2 else None)
                for kind in RULES
                for n in range(cards_per_kind if kind != "coupon" else 2)
            ]

    def live(self, operations: int) -> None:
        """So many operations, many to a commit."""
        for _ in range(operations // OPERATIONS_PER_COMMIT):
            with self.books.database.write() as uow:
                booked = [entry for _ in range(OPERATIONS_PER_COMMIT) if (entry := self._try(uow))]
                uow.conn.execute(insert(AnsweredKey), [self._answer(uow, entry) for entry in booked])
                self.booked += len(booked)

    @property
    def issued(self) -> int:
        """How many cards began with an entry."""
        return sum(card.balance > 0 for card in self.held)

    def _answer(self, uow: UnitOfWork, entry: Entry) -> dict[str, Any]:
        row: dict[str, Any] = {"merchant_id": entry.merchant_id, "key": entry.id, "fingerprint": bytes(32)}
        row |= {"status": 201, "created_at": uow.now}
        body = orjson.dumps(present.transaction(entry))
        return {**row, "body": body, "seal": seals.of_key(row, body)}

    def _try(self, uow: UnitOfWork) -> Entry | None:
        try:
            entry = self._something(uow)
        except Refusal:
            self.refused += 1
            return None
        if entry is not None and entry.type in ("earn", "redeem", "capture"):
            self.done.append(entry)
        return entry

    def _something(self, uow: UnitOfWork) -> Entry | None:
        chance = self.random.random()
        if self.done and chance < 0.2:
            return self._take_back(uow, self.done.pop(self.random.randrange(len(self.done))))
        card = self.random.choice(self.held)
        if chance < 0.23:
            change = card_service.block if chance < 0.205 else card_service.unblock
            change(uow, card.merchant_id, card.id, "other", "test")
            return None
        return getattr(self, f"_{card.kind}")(uow, TillCall(card.merchant_id, "test", card_id=card.id))

    def _take_back(self, uow: UnitOfWork, entry: Entry) -> Entry:
        call = TillCall(entry.merchant_id, "test")
        part = Money(self.random.randint(1, max(1, entry.amount)), entry.asset)
        with uow.savepoint():
            if entry.type == "earn":
                return redemption.reverse_stamps(uow, call, entry.id)
            return redemption.refund(uow, call, entry.id, self.random.choice([None, part]))

    def _stamp(self, uow: UnitOfWork, call: TillCall) -> Entry:
        if self.random.random() < 0.3:
            return redemption.redeem(uow, call, reward=True)
        return self._collect(uow, call, 25)

    def _points(self, uow: UnitOfWork, call: TillCall) -> Entry:
        chance = self.random.random()
        if chance < 0.25:
            return redemption.redeem(uow, call, reward_id="mug")
        if chance < 0.5:
            return redemption.redeem(uow, call, amount=Money(self.random.randint(1, 80), "POINT"))
        return self._collect(uow, call, 60)

    def _collect(self, uow: UnitOfWork, call: TillCall, most: int) -> Entry:
        if self.random.random() < 0.1:
            return redemption.add_stamps(uow, call.merchant_id, str(call.card_id), 3, "test")
        if self.random.random() < 0.1:
            asset = "STAMP" if most == 25 else "POINT"
            direction: Direction = self.random.choice(["increase", "decrease"])
            return adjust(uow, call, direction, Money(self.random.randint(1, most), asset), "other")
        if self.random.random() < 0.5:
            return redemption.stamp(uow, call, purchase=Money(self.random.randint(1, 5000), EUR))
        return redemption.stamp(uow, call, count=self.random.randint(1, most))

    def _gift(self, uow: UnitOfWork, call: TillCall) -> Entry | None:
        amount = Money(self.random.randint(1, 3000), EUR)
        if self.random.random() < 0.45:
            return redemption.load(uow, call, amount)
        if self.random.random() < 0.3:
            return self._hold(uow, call, amount)
        partial = self.random.random() < 0.5
        return redemption.redeem(uow, call, amount=amount, allow_partial=partial)

    def _hold(self, uow: UnitOfWork, call: TillCall, amount: Money) -> Entry | None:
        held = holds.hold(uow, call, amount)
        chance = self.random.random()
        if chance < 0.6:
            part = Money(self.random.randint(1, amount.amount), EUR)
            return holds.capture(uow, call, held.id, self.random.choice([None, part]))[0]
        if chance < 0.9:
            holds.void(uow, call, held.id)
        return None

    def _coupon(self, uow: UnitOfWork, call: TillCall) -> Entry:
        return redemption.redeem(uow, call, order_total=Money(self.random.randint(1, 9999), EUR))
