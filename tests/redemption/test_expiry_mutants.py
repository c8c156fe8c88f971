"""The tests of expiry notice what they forbid: each planted bug makes one of them fail."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from passes.cards import rules as card_rules
from passes.clock import FixedClock
from passes.redemption import adjustments, expiry, lots, rules, service
from tests.fixtures.api import Shop
from tests.mutants import damage
from tests.redemption import test_expiry as scenarios
from tests.redemption import test_expiry_of_lots as of_lots

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Bug = tuple[ModuleType, str, str, str, Callable[..., None], dict[str, Any]]
BUGS: list[Bug] = [
    (
        expiry,
        "end",
        "card, returned, returned_rewards",
        "card, 0, returned_rewards",
        scenarios.test_what_comes_back_to_an_ended_card_waits_there,
        {"booked_first": False},
    ),
    (
        expiry,
        "end",
        "card, returned, returned_rewards",
        "card, returned, 0",
        scenarios.test_a_reward_that_comes_back_to_an_ended_card_waits_there,
        {},
    ),
    (
        expiry,
        "end",
        '"expired_at": uow.now',
        '"expired_at": None',
        scenarios.test_a_card_ends_once_and_not_before_its_time,
        {},
    ),
    (
        expiry,
        "end",
        "card_service.touch(uow, card)",
        "pass",
        scenarios.test_an_empty_card_changes_its_state_and_no_book,
        {},
    ),
    (
        expiry,
        "_is_due",
        'Card.state != "deactivated"',
        "Card.id != ''",
        scenarios.test_a_closed_card_does_not_end,
        {},
    ),
    (
        expiry,
        "_book",
        "if report.dry_run:",
        "if False:",
        scenarios.test_a_rehearsal_counts_and_writes_nothing,
        {},
    ),
    (
        rules,
        "expire_card",
        "card.available.amount",
        "card.balance",
        scenarios.test_what_is_held_at_the_end_can_still_be_captured,
        {},
    ),
    (
        rules,
        "expire_card",
        "booking.drop_rewards",
        "len((0, 0)) and max",
        scenarios.test_rewards_that_wait_on_a_card_end_with_it,
        {},
    ),
    (
        rules,
        "take_back",
        "amount - lapsed > card",
        "amount > card",
        scenarios.test_a_load_whose_value_ran_out_can_still_be_reversed,
        {},
    ),
    (
        lots,
        "reclaim",
        "min(missing, books.ran_out_without_lot(uow, card.id))",
        "missing",
        scenarios.test_a_load_that_was_spent_before_the_end_cannot_be_reversed,
        {},
    ),
    (
        card_rules,
        "CardView.has_run_out",
        "self.lots_due_at <= at",
        "self.lots_due_at < at",
        of_lots.test_points_run_out_at_the_end_of_their_last_day,
        {},
    ),
    (
        service,
        "_end_after_load",
        "lot_end(program_rules, at, zone)",
        "None",
        of_lots.test_every_load_ends_by_itself_where_the_program_says_so,
        {},
    ),
    (
        adjustments,
        "_revive",
        'if card.state == "blocked":',
        "if False:",
        scenarios.test_a_block_outlasts_the_end,
        {},
    ),
    (
        adjustments,
        "_revive",
        '"expired_at": None',
        '"expired_at": card.expired_at',
        scenarios.test_an_increase_brings_a_gift_card_back_for_as_long_as_its_program_says,
        {},
    ),
]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: f"{bug[1]} {bug[3]}")
def test_a_planted_bug_is_noticed(
    shop: Shop, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, bug: Bug
) -> None:
    module, name, old, new, scenario, more = bug
    damage(monkeypatch, module, name, (old, new))
    with pytest.raises((AssertionError, IntegrityError)):
        scenario(shop, clock, **more)
