"""What a manager does in a life of cards: adjustments, blocking, replacing."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.fixtures.api import counted
from tests.protocols.lives.life import ASSETS, Life, kinds
from tests.protocols.lives.oracle import MAXIMUM


class Managing(Life):
    """The manager."""

    @rule(kind=kinds, amount=st.integers(1, 400), up=st.booleans())
    def adjust(self, kind: str, amount: int, up: bool) -> None:
        card_id, card = self._of(kind)
        expected = card.refusal()
        if expected is None and up and kind == "gift" and card.worth + amount > MAXIMUM:
            expected = "program_limit"
        if expected is None and not up and amount > card.available(self.clock.at):
            expected = "insufficient_balance"
        body = {"card_id": card_id, "direction": "increase" if up else "decrease", "reason": "support"}
        amounts = {"amount": counted(amount, ASSETS[kind])}
        self._post("/adjustments", {**body, **amounts}, expected, manager=True)
        if expected is None and up:
            card.earn(amount)
        elif expected is None:
            card.worth -= amount
        self._compare(card_id)

    @rule(kind=kinds, verb=st.sampled_from(["block", *["unblock"] * 5]))
    def hinder(self, kind: str, verb: str) -> None:
        card_id, card = self._of(kind)
        wrong = verb == "unblock" and not card.blocked
        path, body = f"/cards/{card_id}/{verb}", {"reason": "other"}
        self._post(path, body, "card_not_active" if wrong else None, manager=True)
        card.blocked = card.blocked if wrong else verb == "block"
        self._compare(card_id)

    @rule(kind=kinds)
    def replace(self, kind: str) -> None:
        card_id, card = self._of(kind)
        made = self._post(f"/cards/{card_id}/replace", {"reason": "lost"}, None, manager=True)
        self.cards[made["id"]] = card.move_to(self.clock.at)
        self._compare(card_id, made["id"])
