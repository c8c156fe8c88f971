"""Twenty tills without network, telling badly what they did: the books come out as their logs say.

Difference 0 between what tills handed out and what is booked, overspend within the limits that the tills
keep, and every deed once or refused for a reason; a till that keeps no limit is found out.
"""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from passes.clock import FixedClock
from passes.redemption import offline, rules
from passes.redemption import service as redemption
from passes.web.api_v1 import sync
from tests.fixtures.api import Shop
from tests.mutants import damage
from tests.protocols import size
from tests.protocols.offline_tills import OfflineTill, Street
from tests.protocols.outcome import Outcome
from tests.protocols.reckoning import Reckoning

TILLS = 20
DEEDS = size.pick(ci=1_000, release=10_000)
HOURS = size.pick(ci=6, release=12)
CARDS_EACH = size.pick(ci=10, release=40)


def live(
    shop: Shop, clock: FixedClock, *, deeds: int = DEEDS, at_once: int = 8, seed: int = size.SEED
) -> Outcome:
    """Some hours over midnight, each without the network and then everybody back at once."""
    outcome = Outcome("Offline tills", shop.services.database.engine.dialect.name, "", seed=seed)
    dice = random.Random(seed)
    clock.at = clock.at.replace(hour=20, minute=0)
    street = Street(shop, clock).open(dice, CARDS_EACH)
    tills = [OfflineTill(street, random.Random(f"{seed} {n}"), careless=n == 0) for n in range(TILLS)]
    hours = 0
    while sum(len(till.log) for till in tills) < deeds:
        start = clock.at
        for till in dice.sample(tills, 3):
            till.lose_an_answer()
        for till in tills:
            hurry = 4 if till.careless else 1
            till.work(start, hurry * -(-deeds // (TILLS * HOURS)))
        clock.at = start + timedelta(hours=1)
        _each(tills, at_once, dice)
        hours += 1
        assert hours < 4 * HOURS, "the limits let nobody sell any more"
    outcome.scale = f"{TILLS} tills, {hours} hours"
    Reckoning(shop, tills, outcome).reckon()
    return outcome


def _each(tills: list[OfflineTill], at_once: int, dice: random.Random) -> None:
    back: list[OfflineTill] = dice.sample(tills, len(tills))
    if at_once == 1:
        for till in back:
            till.tell()
        return
    with ThreadPoolExecutor(at_once) as pool:
        tell: Callable[[OfflineTill], None] = OfflineTill.tell
        list(pool.map(tell, back))


@pytest.mark.slow
def test_what_offline_tills_did_is_in_the_books_as_their_logs_say(shop: Shop, clock: FixedClock) -> None:
    outcome = live(shop, clock)
    outcome.publish()
    assert outcome.violations == []
    assert outcome.operations >= DEEDS
    assert outcome.declines > 0


BUGS: list[tuple[Any, str, str, str]] = [
    (rules, "_spend_offline", "booking.lose(missing.amount)", "pass"),
    (rules, "_spend_offline", "if missing.amount:", "if False:"),
    (rules, "_spend_offline", "card.available.amount)", "amount.amount)"),
    (sync, "_do", "key=told.idempotency_key,", "key=None,"),
    (sync, "_each", "for one in told:", "for one in sorted(told, key=lambda o: o.call):"),
    (offline, "_exceeded", "before + more > limit.per_card_and_day", "False"),
    (offline, "_exceeded", "limit.exposure is not None", "False"),
    (redemption, "TillCall.at", "self.occurred_at or uow.now", "uow.now"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("module, name, old, new", BUGS)
def test_a_bug_shows_in_the_reckoning(
    shop: Shop, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, old: str, new: str
) -> None:
    damage(monkeypatch, module, name, (old, new))
    try:
        outcome = live(shop, clock, deeds=300, at_once=1, seed=7)
    except AssertionError:
        return
    assert outcome.violations
