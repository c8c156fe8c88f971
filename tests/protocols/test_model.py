"""T3: whatever tills send in whatever order, the API says what an oracle in plain Python says.

Calls of all kinds to cards of all kinds, with holds that run out on a clock that jumps, requests repeated
with the same and with another body, reversals before and after what they reverse, and bodies that are
wrong. Every rule is taken and every code of these calls is answered at least once.
"""

import time
from collections import Counter

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from passes.ledger.verify import verify
from passes.wiring import Services
from tests.protocols import size
from tests.protocols.lives.asking import WRONGS, Asking
from tests.protocols.lives.life import Scene
from tests.protocols.lives.managing import Managing
from tests.protocols.lives.oracle import MINIMUM_LOAD, USES
from tests.protocols.lives.selling import Selling
from tests.protocols.lives.undoing import Undoing
from tests.protocols.outcome import Outcome

LIVES, STEPS = size.pick(ci=(24, 40), release=(20_000, 50))
AT_ONCE = size.pick(ci=24, release=100)
"""So many lives are drawn together; then it is looked whether there is time for more."""

LIMIT_S = size.seconds(ci=3600, release=6 * 3600)
CODES = {
    "insufficient_balance", "card_not_active", "card_expired", "already_redeemed", "no_reward_available",
    "refund_exceeds_redemption", "hold_not_open", "capture_exceeds_hold", "reversed", "program_limit",
    "offer_not_applicable", "invalid_request", "asset_mismatch", "wrong_kind", "idempotency_key_reused",
    "idempotency_key_required", "malformed_json", "card_not_found", "not_found",
    "scope_missing",
}  # fmt: skip
"""Every code that one caller alone can bring about with these calls."""


class Tills(Selling, Undoing, Managing, Asking):
    """All that a till and its manager can do."""


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
    return type("TillsHere", (Tills,), {"scene": Scene(app, services, reached)})


def live(
    app: Flask, services: Services, lives: int, steps: int, *phases: Phase, drawn_from: int
) -> Counter[str]:
    """So many lives of so many calls, others for each seed; how often each code was answered."""
    reached: Counter[str] = Counter()
    tills = machine(app, services, reached)
    guided(tills())
    run_state_machine_as_test(
        seed(drawn_from)(tills),
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
    outcome = Outcome("T3 model", dialect, f"lives of {STEPS} calls", of=LIVES).carried_on()
    reached, end = Counter[str](), time.monotonic() + LIMIT_S
    while outcome.done < LIVES and (not reached or time.monotonic() < end):
        reached += live(api_app, services, AT_ONCE, STEPS, drawn_from=outcome.seed + outcome.done)
        outcome.done += AT_ONCE
        outcome.progress(outcome.done, LIVES)
    with services.database.read() as uow:
        outcome.violations += verify(uow).faults
    outcome.operations, outcome.declines = reached.total(), reached["insufficient_balance"]
    outcome.notes = f"{len(reached)} different answers"
    outcome.publish()
    assert outcome.violations == []
    assert set(reached) >= CODES, CODES - set(reached)
