"""T3: whatever tills send in whatever order, the API says what an oracle in plain Python says.

Calls of all kinds to cards of all kinds, with holds that run out on a clock that jumps, requests repeated
with the same and with another body, reversals before and after what they reverse, and bodies that are
wrong. Every rule is taken and every code of these calls is answered at least once.
"""

import time
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from passes.clock import FixedClock
from passes.ledger.verify import verify
from passes.wiring import Services
from tests.fixtures.api import Answer, Json, Shop, counted, eur
from tests.fixtures.databases import START
from tests.protocols import size
from tests.protocols.oracle import MAXIMUM, MINIMUM_LOAD, MUG, REQUIRED, USES, Booked, Held, Oracle
from tests.protocols.outcome import Outcome

LIVES, STEPS = size.pick(ci=(24, 40), release=(20_000, 50))
AT_ONCE = size.pick(ci=24, release=250)
"""So many lives are drawn together; then it is looked whether there is time for more."""

LIMIT_S = size.seconds(ci=3600, release=6 * 3600)
STAMP_CENTS = 300
RULES: dict[str, Json] = {
    "stamp": {"stamps_required": REQUIRED, "reward": "x", "stamp_per": eur(STAMP_CENTS)},
    "points": {"point_per": eur(100), "rewards": [{"id": "mug", "name": "x", "points": MUG}]},
    "gift": {"maximum_balance": eur(MAXIMUM), "minimum_load": eur(MINIMUM_LOAD)},
    "coupon": {"offer": {"type": "percent", "percent": 15}, "uses": USES, "minimum_order": eur(100)},
}
ASSETS = {"stamp": "STAMP", "points": "POINT", "gift": "EUR", "coupon": "USE"}
CODES = {
    "insufficient_balance", "card_not_active", "card_expired", "already_redeemed", "no_reward_available",
    "refund_exceeds_redemption", "hold_not_open", "capture_exceeds_hold", "reversed", "program_limit",
    "offer_not_applicable", "invalid_request", "asset_mismatch", "wrong_kind", "idempotency_key_reused",
    "idempotency_key_required", "malformed_json", "card_not_found", "not_found",
    "scope_missing",
}  # fmt: skip
"""Every code that one caller alone can bring about with these calls."""

WRONGS = 9
"""How many ways there are to get a request wrong."""

picks = st.integers(0, 10**6)
counts = st.integers(1, 3 * REQUIRED)
cents = st.integers(1, 2000)
kinds = st.sampled_from(list(RULES))


class Tills(RuleBasedStateMachine):
    """A card of each kind, at a shop of its own in every life."""

    app: Flask
    services: Services
    reached: Counter[str]

    @initialize()
    def open(self) -> None:
        self.clock.at = START
        self.shop = Shop(self.app, self.services, f"m-{uuid4().hex}").open()
        self.programs = {kind: self.shop.program(kind, **rules) for kind, rules in RULES.items()}
        self.cards: dict[str, Oracle] = {}
        for kind in RULES:
            card = self.shop.till.post("/cards", {"program_id": self.programs[kind]}).ok()
            worth, state = (USES if kind == "coupon" else 0), ("pending" if kind == "gift" else "active")
            self.cards[card["id"]] = Oracle(kind, worth, state=state)
        body = {"program_id": self.programs["gift"], "amount": eur(500), "expires_at": "2026-03-02T10:00:00Z"}
        self.mortal = self.shop.till.post("/cards", body).ok()["id"]
        self.sent: dict[str, tuple[str, Json, Answer]] = {}
        self.made: dict[str, str] = {}
        self.gone: set[str] = set()

    @property
    def clock(self) -> FixedClock:
        clock = self.services.database.clock
        assert isinstance(clock, FixedClock)
        return clock

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
        for card_id in card_ids:
            card = self.shop.state({"id": card_id})
            amounts = ("balance", "available", "owed")
            expected = self.cards[card_id].shown(self.clock.at)
            said = {name: card[name]["amount"] if name in amounts else card[name] for name in expected}
            assert said == expected, card_id

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

    # -- earning, loading, spending

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

    # -- undoing

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

    # -- setting aside

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

    # -- the manager

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

    # -- requests again, and requests that are wrong

    @rule(pick=picks, altered=st.booleans())
    def repeat(self, pick: int, altered: bool) -> None:
        keys = [key for key in self.sent if key not in self.gone]
        if not keys:
            return
        key = keys[pick % len(keys)]
        path, body, first = self.sent[key]
        again = self.shop.till.post(path, {**body, "note": "again"} if altered else body, key=key)
        if altered:
            assert again.code == "idempotency_key_reused"
            self.reached["idempotency_key_reused"] += 1
        else:
            assert (again.status, again.raw, again.is_replay) == (first.status, first.raw, True)

    @rule(wrong=st.sampled_from(range(WRONGS)))
    def get_it_wrong(self, wrong: int) -> None:
        """Nothing happens, and the answer names what is wrong."""
        card_id, card = self._of("gift")
        pay = {"card_id": card_id, "amount": eur(1)}
        till, other = self.shop.till, Shop(self.app, self.services, f"o-{uuid4().hex}")
        stranger = "card_00000000000000000000000000"
        answer, code = [
            lambda: (till.post("/redemptions", {**pay, "amount": eur(0)}), "invalid_request"),
            lambda: (till.post("/redemptions", raw=b"{"), "malformed_json"),
            lambda: (till.post("/redemptions", pay, key=None), "idempotency_key_required"),
            lambda: (till.post("/redemptions", {**pay, "card_id": stranger}), "card_not_found"),
            lambda: (till.post("/redemptions/txn_1/refund", {}), "not_found"),
            lambda: (self.shop.reader.post("/redemptions", pay), "scope_missing"),
            lambda: (other.open().till.post("/redemptions", pay), "card_not_found"),
            lambda: (till.post("/stamps", {"card_id": card_id, "count": 1}), "wrong_kind"),
            lambda: (till.post("/holds", {**pay, "amount": counted(1, "POINT")}), "asset_mismatch"),
        ][wrong]()
        if code == "asset_mismatch":
            code = card.refusal() or code
        assert answer.code == code
        self.reached[code] += 1
        self._compare(card_id)

    @rule(hours=st.floats(0.01, 3))
    def wait(self, hours: float) -> None:
        self.clock.at += timedelta(hours=hours)
        answer = self.shop.till.post("/redemptions", {"card_id": self.mortal, "amount": eur(1)})
        is_past = self.clock.at >= START + timedelta(hours=1)
        assert answer.code == ("card_expired" if is_past else None)
        self.reached[answer.code or "done"] += 1

    def teardown(self) -> None:
        self._compare(*getattr(self, "cards", {}))


def guided(tills: Tills) -> None:
    """One life that takes the ways which chance finds too seldom, so that every code is always answered."""
    tills.open()
    tills.hold("gift", 5, 60)
    for amount in (MINIMUM_LOAD - 1, 600, 2000, 2000, 2000):
        tills.load(amount)
    tills.pay("gift", 9999, False)
    tills.pay("gift", 9999, True)
    tills.load(700)
    tills.hold("gift", 300, 60)
    tills.end_a_hold(0, "capture", 301)
    tills.end_a_hold(0, "capture", 200)
    tills.end_a_hold(0, "void", None)
    tills.hold("gift", 300, 60)
    tills.replace("gift")
    tills.sell("points", 15, None)
    tills.take("points", 1)
    tills.undo_a_sale(0)
    tills.sell("stamp", 12, None)
    for _ in range(3):
        tills.take("stamp", 1)
    tills.undo_a_sale(1)
    tills.sell("points", 20, None)
    tills.sell("stamp", 7, 1500)
    tills.take("coupon", 99)
    for _ in range(USES + 1):
        tills.take("coupon", 100)
    for part in (50, None, None):
        tills.refund(0, part)
    tills.hinder("gift", "block")
    tills.load(100)
    tills.hinder("gift", "unblock")
    tills.wait(0.1)
    tills.end_a_hold(1, "capture", None)
    tills.wait(2)
    tills.adjust("points", 400, False)
    tills.adjust("gift", 400, True)
    tills.reverse_what_never_came(5)
    for wrong in range(WRONGS):
        tills.get_it_wrong(wrong)
    for pick in range(8):
        tills.repeat(pick, True)
        tills.repeat(pick, False)
        tills.reverse_what_was_sent(pick)
    tills.teardown()


def machine(app: Flask, services: Services, reached: Counter[str]) -> type[Tills]:
    """The tills of one application; `reached` counts the codes they are answered."""
    return type("TillsHere", (Tills,), {"app": app, "services": services, "reached": reached})


def live(
    app: Flask, services: Services, lives: int, steps: int, *phases: Phase, drawn: int = 0
) -> Counter[str]:
    """So many lives of so many calls, others for each `drawn`; how often each code was answered."""
    reached: Counter[str] = Counter()
    tills = machine(app, services, reached)
    guided(tills())
    run_state_machine_as_test(
        seed(size.SEED + drawn)(tills),
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=phases or tuple(Phase),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return reached


@pytest.mark.slow
@pytest.mark.timeout(size.pick(ci=900, release=7 * 3600))
def test_the_api_does_what_an_oracle_in_plain_python_says(api_app: Flask, services: Services) -> None:
    dialect = services.database.engine.dialect.name
    outcome = Outcome("T3 model", dialect, f"{LIVES:,} lives of {STEPS} calls")
    reached, lived, end = Counter[str](), 0, time.monotonic() + LIMIT_S
    while lived < LIVES and time.monotonic() < end:
        reached += live(api_app, services, AT_ONCE, STEPS, drawn=lived)
        lived += AT_ONCE
        outcome.progress(lived, LIVES)
    if lived < LIVES:
        outcome.scale = f"{lived:,} of {outcome.scale}, all there was time for"
    with services.database.read() as uow:
        outcome.violations += verify(uow).faults
    outcome.operations, outcome.declines = reached.total(), reached["insufficient_balance"]
    outcome.notes = f"{len(reached)} different answers"
    outcome.publish()
    assert outcome.violations == []
    assert set(reached) >= CODES, CODES - set(reached)
