"""Cards against an oracle in plain Python: whatever tills do in whatever order, both say the same.

The oracle shares no code with the rules. It sees a stamp card as one number, what it is worth in stamps, of
which balance and waiting rewards are the digits; so it cannot make the mistakes a booking could make.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.exc import IntegrityError

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.clock import FixedClock
from passes.db.engine import Database, UnitOfWork
from passes.errors import Refusal
from passes.ledger.verify import verify
from passes.merchants import service as merchants
from passes.merchants.rules import MerchantDraft
from passes.money import Money
from passes.programs import queries as program_queries
from passes.programs import service as programs
from passes.programs.service import ProgramDraft
from passes.redemption import rules as redemption_rules
from passes.redemption import service as redemption
from passes.redemption.service import TillCall
from tests.fixtures.databases import START
from tests.mutants import damage

REQUIRED = 5
STAMP_CENTS = 300
MUG = 12
USES = 3
PROGRAMS: dict[str, dict[str, Any]] = {
    "stamp": {
        "stamps_required": REQUIRED,
        "reward": "x",
        "stamp_per": {"amount": STAMP_CENTS, "asset": "EUR"},
    },
    "points": {
        "point_per": {"amount": 100, "asset": "EUR"},
        "rewards": [{"id": "mug", "name": "x", "points": MUG}],
    },
    "gift": {"maximum_balance": {"amount": 5000, "asset": "EUR"}, "expiry": {"after_days": 4}},
    "coupon": {"offer": {"type": "percent", "percent": 15}, "uses": USES},
}

small = st.integers(1, 3 * REQUIRED)
cents = st.integers(1, 2000)
picks = st.integers(0, 10**6)


@dataclass
class Oracle:
    """What a card must be: `worth` in its own unit, stamps and waiting rewards in stamps together."""

    kind: str
    worth: int = 0
    owed: int = 0
    state: str = "active"
    expires_at: Any = None
    blocked: bool = False
    taken: dict[str, int] = field(default_factory=dict)
    sold: dict[str, int] = field(default_factory=dict)

    def refusal(self, now: Any, *, load: bool = False) -> str | None:
        """Why the card cannot be used now; None when it can."""
        if self.state == "deactivated":
            return "card_not_active"
        if self.expires_at is not None and self.expires_at <= now:
            return "card_expired"
        waits = self.state == "pending" and not load
        return "card_not_active" if self.blocked or waits else None

    def earn(self, count: int) -> None:
        paid = min(count, self.owed)
        self.owed -= paid
        self.worth += count - paid

    def lose(self, count: int) -> None:
        self.owed += max(0, count - self.worth)
        self.worth = max(0, self.worth - count)

    @property
    def shown(self) -> tuple[int, int, int]:
        """Balance, rewards, debt."""
        if self.kind == "stamp":
            return self.worth % REQUIRED, self.worth // REQUIRED, self.owed
        return self.worth, 0, self.owed


class Tills(RuleBasedStateMachine):
    """A few cards of each kind at tills that try everything."""

    database: Database
    clock: FixedClock

    @initialize()
    def open(self) -> None:
        self.clock.at = START
        self.oracles: dict[str, Oracle] = {}
        with self.database.write() as uow:
            slug = f"m{uow.conn.exec_driver_sql('SELECT count(*) FROM merchants').scalar()}"
            draft = MerchantDraft(slug=slug if len(slug) > 1 else "m0", name="m")
            self.merchant_id = merchants.create_merchant(uow, draft, "test").id
            for kind, raw in PROGRAMS.items():
                draft_program = ProgramDraft(kind, kind, raw, currency="EUR" if kind == "gift" else None)
                made = programs.create_program(uow, self.merchant_id, draft.slug, draft_program, "test")
                program = program_queries.get(uow, self.merchant_id, made.id)
                card = card_service.issue(uow, program, actor="test")
                worth = USES if kind == "coupon" else 0
                state = "pending" if kind == "gift" else "active"
                self.oracles[card.id] = Oracle(kind, worth, state=state)

    def _of(self, *kinds: str, pick: int) -> tuple[str, Oracle]:
        fitting = [(i, oracle) for i, oracle in self.oracles.items() if oracle.kind in kinds]
        return fitting[pick % len(fitting)]

    def _try(self, work: Callable[[UnitOfWork], Any], expected: str | None) -> Any:
        """Do it, and hold whether and why it was refused against what was expected; None when it was."""
        done, code = None, None
        try:
            with self.database.write() as uow:
                done = work(uow)
        except Refusal as refusal:
            code = refusal.code
        assert code == expected
        return done

    def _call(self, card_id: str | None = None) -> TillCall:
        return TillCall(self.merchant_id, "test", card_id=card_id)

    @rule(pick=picks, count=small)
    def sell(self, pick: int, count: int) -> None:
        self._sell(*self._of("stamp", "points", pick=pick), count)

    def _sell(self, card_id: str, oracle: Oracle, count: int) -> str | None:
        call, expected = self._call(card_id), oracle.refusal(self.clock.at)
        entry = self._try(lambda uow: redemption.stamp(uow, call, count=count), expected)
        if entry is None:
            return None
        oracle.earn(count)
        oracle.sold[entry.id] = count
        return str(entry.id)

    @rule(pick=picks, price=cents)
    def sell_for(self, pick: int, price: int) -> None:
        card_id, oracle = self._of("stamp", "points", pick=pick)
        count = price // (STAMP_CENTS if oracle.kind == "stamp" else 100)
        call, expected = self._call(card_id), oracle.refusal(self.clock.at)
        purchase = Money(price, "EUR")
        if entry := self._try(lambda uow: redemption.stamp(uow, call, purchase=purchase), expected):
            assert entry.amount == count
            oracle.earn(count)
            oracle.sold[entry.id] = count

    @rule(pick=picks)
    def undo_a_sale(self, pick: int) -> None:
        sales = [(o, sale) for o in self.oracles.values() for sale in o.sold]
        if not sales:
            return
        self._undo(*sales[pick % len(sales)])

    def _undo(self, oracle: Oracle, sale: str) -> None:
        closed = oracle.state == "deactivated"
        expected = "card_not_active" if closed else "reversed" if oracle.sold[sale] < 0 else None
        if self._try(lambda uow: redemption.reverse_stamps(uow, self._call(), sale), expected):
            oracle.lose(oracle.sold[sale])
            oracle.sold[sale] = -1

    @rule(kind=st.sampled_from(["stamp", "points"]), count=st.integers(REQUIRED, 3 * MUG))
    def sell_spend_and_regret(self, kind: str, count: int) -> None:
        """The way into debt, which chance alone finds too seldom."""
        card_id, oracle = self._of(kind, pick=0)
        sale = self._sell(card_id, oracle, count)
        self.take(kind=kind, price=1)
        if sale is not None:
            self._undo(oracle, sale)

    @rule(price=cents)
    def load(self, price: int) -> None:
        card_id, oracle = self._of("gift", pick=0)
        expected = oracle.refusal(self.clock.at, load=True)
        if expected is None and oracle.worth + price > 5000:
            expected = "program_limit"
        call = self._call(card_id)
        if self._try(lambda uow: redemption.load(uow, call, Money(price, "EUR")), expected):
            oracle.worth += price
            if oracle.state == "pending":
                oracle.state, oracle.expires_at = "active", self.clock.at + timedelta(days=4)

    @rule(price=cents, partial=st.booleans(), kind=st.sampled_from(["gift", "points"]))
    def pay(self, price: int, partial: bool, kind: str) -> None:
        card_id, oracle = self._of(kind, pick=0)
        expected = oracle.refusal(self.clock.at)
        taken = min(price, oracle.worth) if partial else price
        if expected is None and (taken > oracle.worth or taken == 0):
            expected = "insufficient_balance"
        call, amount = self._call(card_id), Money(price, "EUR" if kind == "gift" else "POINT")
        if entry := self._try(
            lambda uow: redemption.redeem(uow, call, amount=amount, allow_partial=partial), expected
        ):
            assert entry.amount == taken
            assert entry.details == {"remaining_due": {"amount": price - taken, "asset": amount.asset}}
            oracle.worth -= taken
            oracle.taken[entry.id] = taken

    @rule(kind=st.sampled_from(["stamp", "points", "coupon"]), price=cents)
    def take_something(self, kind: str, price: int) -> None:
        self.take(kind, price)

    def take(self, kind: str, price: int) -> None:
        card_id, oracle = self._of(kind, pick=0)
        expected = oracle.refusal(self.clock.at)
        cost, empty = {
            "stamp": (REQUIRED, "no_reward_available"),
            "points": (MUG, "insufficient_balance"),
            "coupon": (1, "already_redeemed"),
        }[kind]
        if expected is None and oracle.worth < cost:
            expected = empty
        what: dict[str, Any] = {
            "stamp": {"reward": True},
            "points": {"reward_id": "mug"},
            "coupon": {"order_total": Money(price, "EUR")},
        }[kind]
        call = self._call(card_id)
        if entry := self._try(lambda uow: redemption.redeem(uow, call, **what), expected):
            oracle.worth -= cost
            oracle.taken[entry.id] = 1 if kind == "stamp" else cost

    @rule(pick=picks, part=st.none() | cents)
    def refund(self, pick: int, part: int | None) -> None:
        taken = [(o, entry_id) for o in self.oracles.values() for entry_id in o.taken]
        if not taken:
            return
        oracle, entry_id = taken[pick % len(taken)]
        left = oracle.taken[entry_id]
        wanted = left if part is None else part
        expected = "card_not_active" if oracle.state == "deactivated" else None
        if expected is None and (wanted > left or left == 0):
            expected = "refund_exceeds_redemption"
        asset = {"gift": "EUR", "points": "POINT", "coupon": "USE", "stamp": "REWARD"}[oracle.kind]
        amount = None if part is None else Money(part, asset)
        if self._try(lambda uow: redemption.refund(uow, self._call(), entry_id, amount), expected):
            oracle.taken[entry_id] -= wanted
            if oracle.kind == "stamp":
                oracle.worth += wanted * REQUIRED
            else:
                oracle.earn(wanted)

    @rule(pick=picks, verb=st.sampled_from(["block", *["unblock"] * 5]))
    def hinder(self, pick: int, verb: str) -> None:
        card_id, oracle = self._of(*PROGRAMS, pick=pick)
        closed = oracle.state == "deactivated"
        wrong = closed or (verb == "unblock" and not oracle.blocked)
        change = getattr(card_service, verb)
        done = self._try(
            lambda uow: change(uow, self.merchant_id, card_id, "other", "test"),
            "card_not_active" if wrong else None,
        )
        if done:
            oracle.blocked = verb == "block"

    @rule(pick=st.integers(0, 40))
    def close(self, pick: int) -> None:
        if pick < len(PROGRAMS):
            card_id, oracle = self._of(*PROGRAMS, pick=pick)
            with self.database.write() as uow:
                card_service.deactivate(uow, self.merchant_id, card_id, "closed", "test")
            oracle.state = "deactivated"

    @rule(hours=st.integers(1, 10))
    def wait(self, hours: int) -> None:
        self.clock.at += timedelta(hours=hours)

    @invariant()
    def every_card_is_what_the_oracle_says(self) -> None:
        with self.database.read() as uow:
            for card_id, oracle in getattr(self, "oracles", {}).items():
                card = cards.get(uow, self.merchant_id, card_id)
                assert (card.balance, card.rewards, card.owed) == oracle.shown, oracle
                if card.state != "blocked":
                    assert card.state == oracle.state


def live(database: Database, clock: FixedClock, *phases: Phase) -> None:
    """Forty lives of thirty calls."""
    run_state_machine_as_test(
        type("TillsHere", (Tills,), {"database": database, "clock": clock}),
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            phases=phases or tuple(Phase),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_cards_do_what_an_oracle_in_plain_python_says(database: Database, clock: FixedClock) -> None:
    live(database, clock)
    with database.read() as uow:
        assert verify(uow).faults == []


BUGS = [
    pytest.param(
        "earn", "booking.put_in(booking.settle(count))", "booking.put_in(count)", id="debts forgotten"
    ),
    pytest.param("earn", "full * stamps_required", "(full and stamps_required)", id="one round of many"),
    pytest.param("earn", "booking.add_rewards(full)", "booking.add_rewards(min(1, full))", id="one reward"),
    pytest.param("reverse_earn", "booking.owe(count - taken)", "pass", id="what is spent is not owed"),
    pytest.param("reverse_earn", "-(-missing // stamps_required)", "1", id="one reward taken back"),
    pytest.param("reverse_earn", "min(card.rewards,", "max(0,", id="rewards taken back that are gone"),
    pytest.param("redeem_value", "min(amount.amount, there)", "amount.amount", id="no partial payment"),
    pytest.param("redeem_value", " or taken == 0", "", id="partial payment of nothing"),
    pytest.param("redeem_stamp_reward", "card.rewards == 0", "False", id="rewards out of nowhere"),
    pytest.param(
        "redeem_catalogue_reward", "reward.points > card.available.amount", "False", id="mugs for nothing"
    ),
    pytest.param("redeem_coupon", "card.balance == 0", "False", id="a coupon used for ever"),
    pytest.param("refund", "booking.settle(taken.amount)", "taken.amount", id="refunds past debts"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("function, old, new", BUGS)
def test_the_oracle_notices_a_bug(
    database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, function: str, old: str, new: str
) -> None:
    damage(monkeypatch, redemption_rules, function, (old, new))
    with pytest.raises((AssertionError, IntegrityError)):
        live(database, clock, Phase.generate)
