"""The tests of holds, adjustments, replacing and reversals bite: a planted bug makes the named test fail."""

from typing import Any

import pytest

from passes.cards import service as card_service
from passes.ledger import holds as held_rows
from passes.ledger import tombstones
from passes.redemption import adjustments, replacing, reversals, rules, undoing
from passes.redemption import holds as holding
from passes.web import keyed
from passes.web.api_v1 import till
from tests.web.api_v1 import test_adjustments, test_holds, test_replace, test_reversals
from tests.web.api_v1.test_mutants import Bug
from tests.web.api_v1.test_mutants import test_a_planted_bug_is_noticed as notice

UNKNOWN = test_reversals.test_an_unknown_key_is_tombstoned_and_refused_whatever_comes_under_it
UNDONE = test_reversals.test_what_happened_is_undone_and_its_key_never_tells_the_old_success
RECEIPT = test_reversals.test_a_reference_undoes_everything_under_it
NEWEST = test_reversals.test_what_was_loaded_and_spent_under_one_receipt_is_undone_from_the_newest_on
BOUND = test_reversals.test_a_bound_key_reverses_at_its_own_location_and_an_unbound_one_everywhere

BUGS = [
    # Holds
    Bug(
        rules,
        "redeem_value",
        "card.available.amount",
        "card.balance",
        test_holds.test_what_is_held_cannot_be_spent_or_held_again,
    ),
    Bug(
        rules,
        "redeem_catalogue_reward",
        "> card.available.amount",
        "> card.balance",
        test_holds.test_held_points_buy_no_reward_and_are_owed_rather_than_taken_back,
    ),
    Bug(
        holding,
        "capture",
        "taken.amount > held.amount",
        "False",
        test_holds.test_more_than_is_held_cannot_be_captured,
    ),
    Bug(
        holding,
        "_open_hold",
        "require_open(card)",
        "pass",
        test_holds.test_deactivating_a_card_voids_its_holds,
    ),
    Bug(
        card_service,
        "deactivate",
        "holds.void_all(uow, card_id)",
        "pass",
        test_holds.test_deactivating_a_card_voids_its_holds,
    ),
    Bug(
        held_rows,
        "expire",
        "Hold.expires_at <= uow.now",
        "False",
        test_holds.test_the_scheduler_releases_what_ran_out,
    ),
    # Adjustments
    Bug(
        rules,
        "decrease",
        "card.available.amount",
        "card.balance",
        test_adjustments.test_a_decrease_stops_at_what_is_available,
    ),
    Bug(
        adjustments,
        "adjust",
        "require_usable(card, call.at(uow))",
        "pass",
        test_adjustments.test_only_an_active_card_is_adjusted,
    ),
    Bug(
        adjustments,
        "adjust",
        "reason=reason",
        "reason='other'",
        test_adjustments.test_the_audit_log_says_who_adjusted_what_and_why,
        {"reason": "support"},
    ),
    # Replacing
    Bug(
        rules,
        "transfer",
        "collected=old.collected)",
        "collected=0)",
        test_replace.test_what_was_collected_is_kept,
    ),
    Bug(
        rules,
        "transfer",
        "filled.owe(old.owed)",
        "pass",
        test_replace.test_debts_move_too,
    ),
    Bug(
        replacing,
        "replace_card",
        'values(state="deactivated")',
        'values(state="active")',
        test_replace.test_the_old_card_takes_nothing_any_more,
    ),
    Bug(
        card_service,
        "issue_in_place_of",
        '"pending" if waiting else "active"',
        "old.state",
        test_replace.test_a_blocked_card_is_replaced_by_an_active_one,
    ),
    # Reversals
    Bug(keyed, "_earlier", "answered.fingerprint == tombstones.ANY_REQUEST", "False", UNKNOWN),
    Bug(
        keyed,
        "_earlier",
        "tombstones.refuses(uow, merchant_id, key, answered)",
        "False",
        UNDONE,
        {"name": "pay"},
    ),
    Bug(tombstones, "refuses", "is_buried(uow, merchant_id, made)", "False", RECEIPT),
    Bug(till, "till_call", "body.reference is not None", "False", RECEIPT),
    Bug(undoing, "_of_entry", "_GIVING if took else _TAKING", "_TAKING if took else _GIVING", NEWEST),
    Bug(
        reversals,
        "_things_under",
        "uow.now - tombstones.REACH",
        "uow.now - tombstones.REACH * 2",
        test_reversals.test_a_reference_reaches_seven_days_to_either_side,
        {"days": 7.01, "reached": False},
    ),
    Bug(tombstones, "reference_is_buried", '"location_id": location_id', '"location_id": None', BOUND),
    Bug(
        rules,
        "take_back",
        "amount - lapsed > card.available.amount",
        "False",
        test_reversals.test_a_load_that_is_spent_cannot_be_reversed,
    ),
    Bug(
        undoing,
        "_undo_entry",
        "if losses.is_given_back(entry, undone)",
        "if False",
        test_reversals.test_something_fully_refunded_is_reversed_without_transactions,
    ),
    Bug(
        undoing,
        "_undo_issue",
        'card_service.deactivate(uow, call.merchant_id, card.id, "reversed", call.actor)',
        "pass",
        test_reversals.test_an_issue_reversed_leaves_the_card_deactivated,
        {"kind": "stamp"},
    ),
]


@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_planted_bug_is_noticed(
    request: pytest.FixtureRequest, api_app: Any, monkeypatch: pytest.MonkeyPatch, bug: Bug
) -> None:
    notice(request, api_app, monkeypatch, bug)
