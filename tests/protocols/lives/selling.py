"""What a life of cards is made of at the till: sales, loads, payments, rewards, coupons, holds."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.fixtures.api import Json, counted, eur
from tests.protocols.lives.life import ASSETS, STAMP_CENTS, Life, cents, picks
from tests.protocols.lives.oracle import MAXIMUM, MINIMUM_LOAD, MUG, REQUIRED, Booked, Held

counts = st.integers(1, 3 * REQUIRED)


class Selling(Life):
    """Earning, loading, spending, setting aside."""

    @rule(kind=st.sampled_from(["stamp", "points"]), count=counts, price=st.none() | cents)
    def sell(self, kind: str, count: int, price: int | None) -> None:
        card_id, card = self._of(kind)
        what: Json = {"count": count} if price is None else {"purchase": eur(price)}
        if price is not None:
            count = price // (STAMP_CENTS if kind == "stamp" else 100)
        if answer := self._done("/stamps", {"card_id": card_id, **what}, card.refusal()):
            card.earn(count)
            self._booked(card_id, answer, "earn", count)
        self._compare(card_id)

    @rule(amount=cents)
    def load(self, amount: int) -> None:
        card_id, card = self._of("gift")
        expected = card.refusal(load=True)
        if expected is None and (amount < MINIMUM_LOAD or card.worth + amount > MAXIMUM):
            expected = "program_limit"
        if answer := self._done("/loads", {"card_id": card_id, "amount": eur(amount)}, expected):
            card.worth, card.state = card.worth + amount, "active"
            self._booked(card_id, answer, "load", amount)
        self._compare(card_id)

    @rule(kind=st.sampled_from(["gift", "points"]), amount=cents, partial=st.booleans())
    def pay(self, kind: str, amount: int, partial: bool) -> None:
        card_id, card = self._of(kind)
        there = card.available(self.clock.at)
        taken = min(amount, there) if partial else amount
        expected = card.refusal() or ("insufficient_balance" if taken > there or taken == 0 else None)
        body = {"card_id": card_id, "amount": counted(amount, ASSETS[kind]), "allow_partial": partial}
        if answer := self._done("/redemptions", body, expected):
            assert answer["remaining_due"]["amount"] == amount - taken
            card.worth -= taken
            self._booked(card_id, answer, "redeem", taken)
        self._compare(card_id)

    @rule(kind=st.sampled_from(["stamp", "points", "coupon"]), order=cents)
    def take(self, kind: str, order: int) -> None:
        card_id, card = self._of(kind)
        now = self.clock.at
        cost, there, empty, body = {
            "stamp": (REQUIRED, card.worth, "no_reward_available", {"reward": True}),
            "points": (MUG, card.available(now), "insufficient_balance", {"reward_id": "mug"}),
            "coupon": (1, card.worth, "already_redeemed", {"order_total": eur(order)}),
        }[kind]
        expected = card.refusal() or (empty if there < cost else None)
        if expected is None and kind == "coupon" and order < 100:
            expected = "offer_not_applicable"
        if answer := self._done("/redemptions", {"card_id": card_id, **body}, expected):
            card.worth -= cost
            self._booked(card_id, answer, "redeem", 1 if kind == "stamp" else cost)
        self._compare(card_id)

    @rule(kind=st.sampled_from(["gift", "points"]), amount=st.integers(1, 300), lasts=st.integers(1, 7200))
    def hold(self, kind: str, amount: int, lasts: int) -> None:
        card_id, card = self._of(kind)
        now = self.clock.at
        expected = card.refusal() or ("insufficient_balance" if amount > card.available(now) else None)
        body = {"card_id": card_id, "amount": counted(amount, ASSETS[kind]), "expires_in_s": lasts}
        if answer := self._done("/holds", body, expected):
            card.holds[answer["id"]] = Held(amount, now + timedelta(seconds=lasts))
            self.made[next(reversed(self.sent))] = answer["id"]
        self._compare(card_id)

    @rule(pick=picks, end=st.sampled_from(["capture", "void"]), part=st.none() | st.integers(1, 300))
    def end_a_hold(self, pick: int, end: str, part: int | None) -> None:
        held_ids = [(i, hold_id) for i, card in self.cards.items() for hold_id in card.holds]
        if not held_ids:
            return
        card_id, hold_id = held_ids[pick % len(held_ids)]
        card = self.cards[card_id]
        held, now = card.holds[hold_id], self.clock.at
        part = None if end == "void" else part
        ended = "card_not_active" if card.is_closed else "hold_not_open"
        expected = None if held.status_at(now) == "open" else ended
        if expected is None and part is not None and part > held.amount:
            expected = "capture_exceeds_hold"
        body = {} if part is None else {"amount": counted(part, ASSETS[card.kind])}
        if answer := self._done(f"/holds/{hold_id}/{end}", body, expected):
            held.status = "voided" if end == "void" else "captured"
            if end == "capture":
                taken = held.amount if part is None else part
                assert answer["hold"]["captured"]["amount"] == taken
                card.worth -= taken
                card.booked[answer["id"]] = Booked("redeem", taken, taken)
        self._compare(card_id)
