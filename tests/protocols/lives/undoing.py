"""What undoes things in a life of cards: refunds, undone sales, reversals before and after their calls."""

from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.fixtures.api import Answer, counted, eur
from tests.protocols.lives.life import ASSETS, Life, cents, picks


class Undoing(Life):
    """Refunds, reversals, and reversals of what never came."""

    @rule(pick=picks, part=st.none() | cents)
    def refund(self, pick: int, part: int | None) -> None:
        card_id, entry_id, booked = self._some("redeem", pick)
        if booked is None:
            return
        card = self.cards[card_id]
        wanted = booked.left if part is None else part
        is_too_much = wanted > booked.left or booked.left == 0
        expected = "refund_exceeds_redemption" if is_too_much else None
        asset = "REWARD" if card.kind == "stamp" else ASSETS[card.kind]
        body = {} if part is None else {"amount": counted(part, asset)}
        if self._done(f"/redemptions/{entry_id}/refund", body, expected):
            booked.left -= wanted
            card.give_back(wanted)
        self._compare(card_id)

    @rule(pick=picks)
    def undo_a_sale(self, pick: int) -> None:
        card_id, entry_id, booked = self._some("earn", pick)
        if booked is None:
            return
        card = self.cards[card_id]
        expected = "reversed" if booked.left < 0 else None
        if self._done(f"/stamps/{entry_id}/reverse", {}, expected):
            card.lose(booked.amount, self.clock.at)
            booked.left = -1
        self._compare(card_id)

    @rule(pick=picks)
    def reverse_what_was_sent(self, pick: int) -> None:
        """By its key: what is left of it is undone, and the key tells its old answer no more."""
        keys = [key for key in self.sent if key not in self.gone]
        if not keys:
            return
        key = keys[pick % len(keys)]
        path, body, old = self.sent[key]
        if path == "/reversals" or path.endswith(("/refund", "/reverse", "/capture", "/void")):
            return
        if key in self.made and self._is_captured(self.made[key]):
            return
        expected, outcome = self._undo(key, old)
        answer = self.shop.till.post("/reversals", {"idempotency_key": key})
        assert answer.code == expected, (path, body, answer.raw)
        self.reached[answer.code or answer["outcome"]] += 1
        if expected is None:
            assert answer["outcome"] == outcome
            self.gone.add(key)
            again = self.shop.till.post(path, body, key=key)
            assert again.code == "reversed"
            self.reached["reversed"] += 1
        if key in self.made:
            self._compare(self._owner(self.made[key]))

    def _undo(self, key: str, old: Answer) -> tuple[str | None, str]:
        """What reversing a key must be refused with, and else come to; the oracle is told."""
        if old.status >= 400:
            return None, "nothing_to_reverse"
        card, thing, now = self.cards[self._owner(self.made[key])], self.made[key], self.clock.at
        if thing.startswith("hold_"):
            held = card.holds[thing]
            held.status = "voided" if held.status_at(now) == "open" else held.status
            return None, "reversed"
        booked = card.booked[thing]
        if booked.type == "earn":
            if booked.left >= 0:
                card.lose(booked.amount, now)
                booked.left = -1
        elif booked.type == "load":
            if booked.amount > card.available(now):
                return "insufficient_balance", ""
            card.worth -= booked.amount
        elif booked.left:
            card.give_back(booked.left)
            booked.left = 0
        return None, "reversed"

    @rule(amount=cents)
    def reverse_what_never_came(self, amount: int) -> None:
        """The till's request comes after its reversal, and is refused."""
        card_id, _ = self._of("gift")
        key = str(uuid4())
        assert self.shop.till.post("/reversals", {"idempotency_key": key})["outcome"] == "tombstoned"
        body = {"card_id": card_id, "amount": eur(amount)}
        assert self.shop.till.post("/redemptions", body, key=key).code == "reversed"
        self.reached["tombstoned"] += 1
        self._compare(card_id)
