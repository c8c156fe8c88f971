"""The tests of the contract bite: with a bug planted in the code, the test that forbids it fails."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from passes.cards import rules as card_rules
from passes.cards import service as card_service
from passes.ledger import queries as books
from passes.programs import queries as program_queries
from passes.redemption import rules as redemption_rules
from passes.redemption import service as redemption
from passes.web import keyed
from passes.web.api_v1 import json_body, running, till
from tests.mutants import damage
from tests.web.api_v1 import (
    test_cards,
    test_coupons,
    test_gifts,
    test_idempotency,
    test_lists,
    test_points,
    test_refunds,
    test_scopes,
    test_stamps,
    test_tenancy,
    test_values,
)
from tests.web.api_v1.requests import ALL

Test = Callable[..., None]


@dataclass(frozen=True)
class Bug:
    """`old` becomes `new` in a function of `module`; the test `killer`, `given` what it needs, must fail."""

    module: ModuleType
    function: str
    old: str
    new: str
    killer: Test
    given: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.function} kills {self.killer.__name__.removeprefix('test_')[:50]}"


def one(name: str) -> dict[str, Any]:
    """The operation of that name, for a test of all of them."""
    return {"operation": next(o for o in ALL if o.name == name)}


BUGS = [
    # Keys
    Bug(
        keyed,
        "_earlier",
        "if answered is None:",
        "if True:",
        test_idempotency.test_the_same_request_is_answered_byte_for_byte_and_done_once,
    ),
    Bug(
        keyed,
        "_earlier",
        "answered.fingerprint != request_hash",
        "False",
        test_idempotency.test_another_body_under_the_same_key_is_refused,
        {"more": {"count": 2}},
    ),
    Bug(
        keyed,
        "fingerprint",
        "path.encode()",
        "b''",
        test_idempotency.test_another_address_under_the_same_key_is_refused,
    ),
    Bug(
        keyed,
        "fingerprint",
        "option=orjson.OPT_SORT_KEYS",
        "option=0",
        test_idempotency.test_spacing_and_the_order_of_names_do_not_count,
    ),
    Bug(
        keyed,
        "_after_refusal",
        "problem.code not in NOT_REMEMBERED",
        "False",
        test_idempotency.test_a_refusal_is_replayed_even_when_the_card_could_do_it_now,
    ),
    Bug(
        keyed,
        "_after_refusal",
        "problem.code not in NOT_REMEMBERED",
        "True",
        test_idempotency.test_what_is_not_definite_is_not_remembered,
    ),
    Bug(
        running,
        "_key",
        'operation.key == "required"',
        "False",
        test_idempotency.test_every_call_that_moves_value_needs_a_key,
    ),
    Bug(
        running,
        "_check_key",
        "len(key) > 255",
        "len(key) > 999",
        test_idempotency.test_anything_else_is_a_wrong_field,
        {"key": "k" * 256},
    ),
    # Who asks
    Bug(
        running,
        "_caller",
        "require_scope(caller, *operation.scopes)",
        "pass",
        test_scopes.test_an_operation_opens_for_its_scopes_alone,
        one("load"),
    ),
    Bug(
        running,
        "require_scope",
        "caller.scopes.isdisjoint(any_of)",
        "not caller.scopes",
        test_scopes.test_all_the_other_scopes_together_do_not_open_it,
        one("load"),
    ),
    Bug(
        till,
        "location_for",
        "if named is not None:",
        "if False:",
        test_scopes.test_a_location_bound_key_may_not_name_another,
    ),
    Bug(
        till,
        "till_call",
        "if body.location_id is not None and",
        "if False and",
        test_scopes.test_an_unbound_key_may_name_any_location_of_its_merchant,
    ),
    Bug(
        books,
        "transaction",
        "Transaction.merchant_id == merchant_id, ",
        "",
        test_tenancy.test_another_merchants_id_looks_exactly_like_an_unknown_one,
        one("refund"),
    ),
    Bug(
        books,
        "transactions",
        "[Transaction.merchant_id == merchant_id]",
        "[]",
        test_tenancy.test_a_filter_does_not_reach_across,
    ),
    Bug(
        program_queries,
        "get",
        "Program.merchant_id == merchant_id, ",
        "",
        test_tenancy.test_another_merchants_program_member_and_location_are_unknown,
    ),
    # Form
    Bug(
        running,
        "_parsed",
        "json_body.with_great_numbers(raw) or problem",
        "problem",
        test_values.test_what_only_looks_like_an_amount_is_a_wrong_field,
        {"text": "1e400"},
    ),
    Bug(
        json_body,
        "is_too_deep",
        "allowed == 0 or",
        "",
        test_values.test_bottomless_nesting_is_no_json,
        {"depth": 60},
    ),
    Bug(
        running,
        "_parsed",
        "if operation.may_be_empty:",
        "if True:",
        test_values.test_an_empty_body_is_400_wherever_a_body_has_something_to_say,
        {"path": "/stamps"},
    ),
    Bug(
        running,
        "_query_values",
        "len(found) > 1",
        "False",
        test_lists.test_a_parameter_nobody_knows_is_named_and_one_given_twice_too,
        one("list_transactions"),
    ),
    # States
    Bug(
        redemption,
        "require_usable",
        '_require_state(card, at, "active")',
        "pass",
        test_cards.test_a_blocked_card_stands_still_until_it_is_unblocked,
    ),
    Bug(
        redemption,
        "require_usable",
        '"active"',
        '"active", "pending"',
        test_gifts.test_a_waiting_card_cannot_be_spent,
    ),
    Bug(
        card_rules,
        "_require_state",
        "card.is_past(at)",
        "False",
        test_gifts.test_a_card_past_its_time_reads_expired_and_is_neither_spent_nor_loaded,
    ),
    Bug(
        redemption,
        "require_open",
        'card.state == "deactivated"',
        "False",
        test_refunds.test_a_deactivated_card_takes_nothing,
        {"kind": "gift"},
    ),
    Bug(
        card_service,
        "unblock",
        'card.state_before_block or "active"',
        '"active"',
        test_cards.test_a_waiting_card_waits_again_after_a_block,
    ),
    # Value
    Bug(
        redemption_rules,
        "redeem_value",
        "taken > there or ",
        "",
        test_gifts.test_a_payment_takes_what_it_says_and_never_more_than_there_is,
    ),
    Bug(
        redemption,
        "write",
        "> MAX_AMOUNT",
        "> MAX_AMOUNT * 9",
        test_values.test_the_largest_amount_is_accepted_and_a_card_holds_no_more,
    ),
    Bug(
        redemption,
        "refund",
        "wanted > left or losses.is_given_back(taken, undone) or not losses.count(uow, taken, wanted)",
        "not ledger.undo(uow, taken.id, 10**9, wanted)",
        test_refunds.test_a_refund_never_exceeds_what_is_left,
    ),
    Bug(
        redemption,
        "reverse_stamps",
        "not ledger.undo(uow, earned.id, 1, 1)",
        "False",
        test_stamps.test_a_sale_is_undone_once,
    ),
    Bug(
        redemption,
        "_check_daily_limit",
        "ZoneInfo(merchants.calendar_zone(uow, call.merchant_id, call.location_id))",
        'ZoneInfo("UTC")',
        test_stamps.test_the_day_of_the_clock_change_has_its_own_length,
    ),
    Bug(
        books,
        "earned_between",
        "func.coalesce(Undoing.undone, 0) == 0",
        "True",
        test_stamps.test_a_sale_undone_gives_the_day_its_stamps_back,
    ),
    Bug(
        card_service,
        "check_maximum_balance",
        "balance + amount",
        "amount",
        test_gifts.test_a_load_has_a_minimum_and_a_card_a_maximum,
    ),
    Bug(
        redemption,
        "load",
        "not program.rules.reloadable and not first",
        "False",
        test_gifts.test_a_card_that_is_not_reloadable_is_loaded_once,
    ),
    Bug(
        redemption,
        "points_for",
        "tier.factor_percent if tier else 100",
        "100",
        test_points.test_a_tier_earns_by_its_factor_from_the_next_purchase_on_rounded_down,
    ),
    Bug(
        redemption_rules,
        "discount_for",
        "+ 50) // 100",
        ") // 100",
        test_coupons.test_a_share_of_the_order_rounds_half_a_cent_up,
        {"share": 50, "cents": 1, "discount": 1},
    ),
    Bug(
        redemption_rules,
        "_check_offer_window",
        "at >= rules.valid_until",
        "at > rules.valid_until",
        test_coupons.test_an_offer_has_a_beginning_and_an_end,
    ),
    # Lists
    Bug(
        books,
        "transactions",
        "Transaction.created_at < wanted.until",
        "Transaction.created_at <= wanted.until",
        test_lists.test_since_is_inclusive_and_until_exclusive,
    ),
    Bug(
        books,
        "after_cursor",
        "and_(created_at == at, row_id < last_id)",
        "and_(created_at == at, row_id <= last_id)",
        test_lists.test_a_walk_returns_every_row_once,
        {"limit": 2},
    ),
    Bug(
        books,
        "newest_first",
        "created_at.desc(), row_id.desc()",
        "created_at.desc(), row_id",
        test_lists.test_what_happened_at_the_same_moment_is_ordered_by_id,
    ),
]


@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_planted_bug_is_noticed(
    request: pytest.FixtureRequest, api_app: Any, monkeypatch: pytest.MonkeyPatch, bug: Bug
) -> None:
    names = inspect.signature(bug.killer).parameters.keys() - bug.given.keys()
    fixtures = {name: request.getfixturevalue(name) for name in names}
    damage(monkeypatch, bug.module, bug.function, (bug.old, bug.new))
    with pytest.raises((AssertionError, KeyError)):
        bug.killer(**fixtures, **bug.given)
