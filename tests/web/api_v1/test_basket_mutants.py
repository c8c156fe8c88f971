"""The tests of baskets and of undoings undone bite: a planted bug makes the named test fail."""

from typing import Any

import pytest

from passes.cards import queries as cards
from passes.ledger import queries as books
from passes.redemption import basket_refunds, baskets, reversals, rules, service, undoing
from tests.web.api_v1 import test_basket_refunds, test_baskets, test_refunds, test_reversals_of_undoings
from tests.web.api_v1.test_mutants import Bug
from tests.web.api_v1.test_mutants import test_a_planted_bug_is_noticed as notice

ALL = test_baskets.test_in_mode_all_the_first_refusal_undoes_everything_and_names_its_instrument
TWICE = test_baskets.test_the_same_card_twice_is_refused_however_it_is_named
LINES = test_basket_refunds.test_lines_that_are_unknown_doubled_or_were_refused_are_wrong
ADJUSTED = test_reversals_of_undoings.test_an_adjustment_is_undone_by_who_may_adjust
RECEIPT = test_reversals_of_undoings.test_a_basket_is_undone_by_its_receipt_and_its_key_stays_refused
MOVED = test_reversals_of_undoings.test_what_happened_on_a_replaced_card_is_undone_on_the_one_in_its_place

BUGS = [
    Bug(baskets, "pay", 'mode == "all"', "False", ALL),
    Bug(baskets, "_refuse_repeats", "!= position", "== -1", TWICE, {"mode": "partial", "other": "code"}),
    Bug(
        baskets,
        "_effect",
        "require_usable(card, call.at(uow))",
        "pass",
        test_baskets.test_an_expired_card_pays_nothing,
    ),
    Bug(
        rules,
        "pay_due",
        "asked.amount > there",
        "False",
        test_baskets.test_an_amount_above_what_is_due_is_cut_and_above_the_balance_refused,
    ),
    Bug(
        rules,
        "pay_due",
        "card.available.amount",
        "card.balance",
        test_baskets.test_what_is_held_is_not_there,
    ),
    Bug(
        rules,
        "redeem_coupon",
        "min(discount.amount, due)",
        "discount.amount",
        test_baskets.test_coupons_are_worked_out_on_the_order_and_stop_at_what_is_due,
        {"percents": (60, 60), "total": 1000, "discounts": [600, 400]},
    ),
    Bug(
        rules,
        "redeem_coupon",
        "0 if due == 0",
        "1 if due == 0",
        test_baskets.test_a_coupon_after_the_order_is_paid_takes_nothing_off_and_keeps_its_use,
    ),
    Bug(
        basket_refunds,
        "_wanted",
        "position in positions[:place]",
        "False",
        LINES,
        {"lines": [0, 0], "field": "lines.1"},
    ),
    Bug(
        basket_refunds,
        "refund_basket",
        "if not any(line.entry for line in returned)",
        "if False",
        test_basket_refunds.test_a_basket_that_took_nothing_has_nothing_to_give_back,
    ),
    Bug(
        cards,
        "_stands_for",
        "books.replaced_by(uow, card_id)",
        "None",
        test_refunds.test_what_a_replaced_card_paid_comes_back_onto_the_one_in_its_place,
    ),
    Bug(
        service,
        "reverse_stamps",
        "cards.lock_current(uow, call.merchant_id, [earned.card_id])[earned.card_id]",
        "cards.lock(uow, call.merchant_id, card_id=earned.card_id)",
        test_refunds.test_a_sale_on_a_replaced_card_is_undone_on_the_one_in_its_place,
    ),
    Bug(
        rules,
        "retake",
        "booking.owe(",
        "bool(",
        test_reversals_of_undoings.test_points_that_were_given_back_and_spent_are_owed,
    ),
    Bug(
        rules,
        "retake",
        "wanted > there.amount",
        "False",
        test_reversals_of_undoings.test_a_coupon_that_was_given_back_is_used_again_unless_it_was,
    ),
    Bug(
        reversals,
        "_check_adjustments",
        "if may_adjust",
        "if True",
        ADJUSTED,
        {"kind": "gift", "direction": "decrease", "amount": 500, "before": 1000},
    ),
    Bug(
        undoing,
        "is_undoable",
        "books.took_the_place_of(uow, thing) is None",
        "True",
        test_reversals_of_undoings.test_what_no_reversal_undoes_says_so_and_stays,
    ),
    Bug(
        reversals,
        "_things_under",
        "baskets.under_receipt(uow, receipt)",
        "[]",
        RECEIPT,
    ),
    Bug(undoing, "_undo_issue", "card.id, ", "card_id, ", MOVED, {"what": "issue"}),
    Bug(
        books,
        "last_purchase",
        "took_the_place_of(uow, card_ids[-1])",
        "None",
        test_refunds.test_a_refund_leaves_the_purchases_of_the_card_before_it_standing,
    ),
]


@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_planted_bug_is_noticed(
    request: pytest.FixtureRequest, api_app: Any, monkeypatch: pytest.MonkeyPatch, bug: Bug
) -> None:
    notice(request, api_app, monkeypatch, bug)
