"""One life of cards as a till sees it, and what an oracle must say of each; what all kinds of calls share.

The lives of one run share two merchants, for opening a shop takes as long as ten payments; the cards are each
life's own. After every call the touched cards are read from the books; the API shows them after every
fourth, and all of them at the end of a life.
"""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from passes.cards import queries
from passes.cards import service as cards
from passes.clock import FixedClock
from passes.programs import queries as programs
from passes.wiring import Services
from tests.fixtures.api import Answer, Json, Shop, eur
from tests.fixtures.databases import START
from tests.protocols.lives.oracle import MAXIMUM, MINIMUM_LOAD, MUG, REQUIRED, USES, Booked, Oracle

STAMP_CENTS = 300
RULES: dict[str, Json] = {
    "stamp": {"stamps_required": REQUIRED, "reward": "x", "stamp_per": eur(STAMP_CENTS)},
    "points": {"point_per": eur(100), "rewards": [{"id": "mug", "name": "x", "points": MUG}]},
    "gift": {"maximum_balance": eur(MAXIMUM), "minimum_load": eur(MINIMUM_LOAD)},
    "coupon": {"offer": {"type": "percent", "percent": 15}, "uses": USES, "minimum_order": eur(100)},
}
ASSETS = {"stamp": "STAMP", "points": "POINT", "gift": "EUR", "coupon": "USE"}
EVERY = 4
"""Reading the books is much cheaper than asking the API, which is asked this seldom."""

picks = st.integers(0, 10**6)
cents = st.integers(1, 2000)
kinds = st.sampled_from(list(RULES))


class Scene:
    """Where lives take place: the merchant with its programs, another merchant, and what was answered."""

    def __init__(self, app: Flask, services: Services, reached: Counter[str]) -> None:
        self.services, self.reached = services, reached
        self.shop = Shop(app, services, f"m-{uuid4().hex}").open()
        self.other_shop = Shop(app, services, f"o-{uuid4().hex}").open()
        made = {kind: self.shop.program(kind, **rules) for kind, rules in RULES.items()}
        with services.database.read() as uow:
            self.programs = {kind: programs.get(uow, self.shop.id, made[kind]) for kind in RULES}
        assert isinstance(services.database.clock, FixedClock)
        self.clock = services.database.clock


class Life(RuleBasedStateMachine):
    """A card of each kind; `scene` is set by who makes the machine."""

    scene: Scene

    @initialize()
    def open(self) -> None:
        self.shop, self.reached, self.clock = self.scene.shop, self.scene.reached, self.scene.clock
        self.clock.at = START
        self.cards: dict[str, Oracle] = {}
        with self.scene.services.database.write() as uow:
            for kind, program in self.scene.programs.items():
                worth, state = (USES if kind == "coupon" else 0), ("pending" if kind == "gift" else "active")
                card = cards.issue(uow, program, actor="test")
                self.cards[card.id] = Oracle(kind, worth, state=state)
            past = START + timedelta(hours=1)
            gift = self.scene.programs["gift"]
            self.mortal = cards.issue(uow, gift, actor="test", amount=500, expires_at=past).id
        self.sent: dict[str, tuple[str, Json, Answer]] = {}
        self.made: dict[str, str] = {}
        self.gone: set[str] = set()
        self.looks = 0

    def _of(self, *wanted: str) -> tuple[str, Oracle]:
        """The newest card of the kinds."""
        return [(i, card) for i, card in self.cards.items() if card.kind in wanted][-1]

    def _post(self, path: str, body: Json, expected: str | None, *, manager: bool = False) -> Answer:
        """Send it under a new key and hold the answer against what was expected; then look at the card."""
        key = str(uuid4())
        caller = self.shop.manager if manager else self.shop.till
        answer = caller.post(path, body, key=key)
        assert answer.code == expected, (path, body, answer.raw)
        self.reached[answer.code or "done"] += 1
        if not manager:
            self.sent[key] = (path, body, answer)
        return answer

    def _compare(self, *card_ids: str) -> None:
        """Hold what the books say of the cards against the oracle."""
        with self.scene.services.database.read() as uow:
            for card_id in card_ids:
                card = queries.get(uow, self.shop.id, card_id)
                said = {
                    "balance": card.balance,
                    "available": card.available.amount,
                    "rewards": card.rewards,
                    "owed": card.owed,
                    "state": card.state_at(uow.now),
                }
                expected = self.cards[card_id].shown(self.clock.at)
                assert {name: said[name] for name in expected} == expected, card_id
        self.looks += 1
        if self.looks % EVERY == 0:
            self._show(card_id)

    def _show(self, card_id: str) -> None:
        """Hold what the API shows of a card against the oracle."""
        card = self.shop.state({"id": card_id})
        expected = self.cards[card_id].shown(self.clock.at)
        amounts = ("balance", "available", "owed")
        said = {name: card[name]["amount"] if name in amounts else card[name] for name in expected}
        assert said == expected, card_id

    def teardown(self) -> None:
        """The API shows every card at the end."""
        for card_id in getattr(self, "cards", {}):
            self._show(card_id)

    def _done(self, path: str, body: Json, expected: str | None) -> Answer | None:
        """The answer to what was expected to succeed."""
        answer = self._post(path, body, expected)
        return None if expected else answer

    def _some(self, kind: str, pick: int) -> tuple[str, str, Booked | None]:
        """Something booked that can be undone, if there is any; captures are refunded like redemptions."""
        found = [
            (card_id, entry_id, booked)
            for card_id, card in self.cards.items()
            for entry_id, booked in card.booked.items()
            if booked.type == kind
        ]
        return found[pick % len(found)] if found else ("", "", None)

    def _owner(self, thing: str) -> str:
        """The card that what was made is on now."""
        return next(i for i, card in self.cards.items() if thing in card.holds or thing in card.booked)

    def _is_captured(self, thing: str) -> bool:
        return any(
            thing in card.holds and card.holds[thing].status == "captured" for card in self.cards.values()
        )

    def _booked(self, card_id: str, answer: Answer, kind: str, amount: int) -> None:
        self.cards[card_id].booked[answer["id"]] = Booked(kind, amount, amount)
        key = next(reversed(self.sent))
        self.made[key] = answer["id"]
