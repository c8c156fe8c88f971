"""The tests of what tills do offline bite: a planted bug makes the named test fail."""

from typing import Any

import pytest

from passes.cards import faces, signed_barcode
from passes.cards import queries as cards
from passes.ledger import offline as told
from passes.ledger import queries as books
from passes.merchants import offline_limits
from passes.redemption import offline, rules
from passes.redemption import service as redemption
from passes.web.api_v1 import sync
from tests.web.api_v1 import test_offline_sales, test_offline_terms, test_sync
from tests.web.api_v1.test_mutants import Bug
from tests.web.api_v1.test_mutants import test_a_planted_bug_is_noticed as notice

WEEK = test_offline_sales.test_seven_days_back_and_not_a_moment_from_now
HELD = test_offline_sales.test_what_is_held_for_somebody_else_is_not_there_for_an_offline_sale
FORGED = test_offline_terms.test_a_barcode_that_nobody_signed_names_no_card
GRACE = test_offline_terms.test_what_a_retired_key_has_signed_counts_for_its_grace
BEYOND = test_offline_terms.test_going_beyond_a_limit_is_booked_said_and_noted
STOPPED = test_offline_terms.test_what_must_not_be_taken_is_not_signed_and_is_listed
STOPS = test_sync.test_what_cannot_be_done_now_stops_the_rest_and_is_never_remembered

BUGS = [
    # /sync
    Bug(
        sync,
        "_do",
        "PREFIX + address",
        "address",
        test_sync.test_what_a_till_sent_and_lost_the_answer_of_may_be_told_again,
    ),
    Bug(
        sync,
        "_do",
        "require_scope(caller, *operation.scopes)",
        "pass",
        test_sync.test_what_the_key_may_not_do_is_refused_in_its_own_result,
    ),
    Bug(sync, "_each", "answers and _is_passing(answers[-1])", "False", STOPS),
    Bug(sync, "_answer", "any(map(_is_passing, answers))", "False", STOPS),
    # When it was
    Bug(sync, "require_recent", "occurred_at > now", "False", WEEK),
    Bug(sync, "require_recent", "now - REACH", "now - REACH * 2", WEEK),
    Bug(
        sync,
        "_now",
        "require_recent(occurred_at, call.uow.now)",
        "pass",
        WEEK,
    ),
    Bug(
        redemption,
        "redeem",
        "require_usable(card, call.at(uow))",
        "require_usable(card, uow.now)",
        test_offline_sales.test_expiry_is_judged_at_the_moment_of_the_sale,
    ),
    Bug(
        redemption,
        "redeem",
        "order_total, call.at(uow))",
        "order_total, uow.now)",
        test_offline_sales.test_an_offer_is_good_when_the_customer_took_it_up,
    ),
    Bug(
        books,
        "_happened_at",
        "func.coalesce(OfflineEntry.occurred_at, Transaction.created_at)",
        "Transaction.created_at",
        test_offline_sales.test_a_days_stamps_are_counted_on_the_day_they_were_earned,
    ),
    # What no card held
    Bug(rules, "_spend_offline", "card.available.amount", "card.balance", HELD),
    Bug(
        rules,
        "_spend_offline",
        "booking.lose(missing.amount)",
        "pass",
        test_offline_sales.test_an_empty_card_loses_nothing_and_the_merchant_everything,
    ),
    Bug(
        offline,
        "note",
        "if what:",
        "if False:",
        test_offline_sales.test_overspend_is_in_the_audit_log,
    ),
    # Barcodes
    Bug(cards, "_signed", "barcode.is_signed(key.public)", "True", FORGED),
    Bug(signed_barcode, "is_good", "until is None or now < until", "True", GRACE),
    Bug(faces, "_barcode", 'card.state_at(uow.now) != "active"', "False", STOPPED),
    Bug(cards, "stopped_since", "stopped_at >= since", 'state == "deactivated"', STOPPED),
    # Limits
    Bug(told, "on_card_between", "OfflineEntry.occurred_at < end", "True", BEYOND),
    Bug(told, "on_card_between", "OfflineEntry.card_id == entry.card_id", "True", BEYOND),
    Bug(
        told,
        "exposure",
        ", OfflineEntry.created_at >= at",
        "",
        test_offline_terms.test_what_was_told_is_off_the_tills_exposure,
    ),
    Bug(
        told,
        "_sum",
        "OfflineEntry.actor == entry.actor",
        "True",
        test_offline_terms.test_what_was_told_is_off_the_tills_exposure,
    ),
    Bug(
        offline_limits,
        "limits_of",
        '(merchant_id, location_id or "", till_id)',
        '(till_id, location_id or "", merchant_id)',
        test_offline_terms.test_the_nearest_limit_is_told_and_counts,
    ),
    Bug(
        offline_limits,
        "_require_owner",
        "find_key(uow, owner_id).merchant_id != merchant_id",
        "False",
        test_offline_terms.test_limits_are_for_what_is_ours,
    ),
]


@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_planted_bug_is_noticed(
    request: pytest.FixtureRequest, api_app: Any, monkeypatch: pytest.MonkeyPatch, bug: Bug
) -> None:
    notice(request, api_app, monkeypatch, bug)
