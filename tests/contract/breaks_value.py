"""What breaks the promises about moving value, programs and marketing."""

from typing import Any

from passes import wiring
from passes.campaigns import audience
from passes.campaigns import queries as campaigns
from passes.cards import queries as cards
from passes.cards import rules as card_rules
from passes.cards import service as card_service
from passes.db import paging
from passes.fields import Amount, Whole
from passes.ledger import queries as books
from passes.ledger import tombstones
from passes.programs import rules as program_rules
from passes.redemption import holds as holding
from passes.redemption import replacing, reversals, rules, service, undoing
from passes.web import keyed
from passes.web.api_v1 import present, running, till
from tests.contract.breaks import declared, edit, ruled, taking

ANY: Any = (Any, None)
NO_NIGHT = "{'from': '22:00', 'to': '06:00'}"

MOVING = [
    declared("M1", "redeem", scopes=("till", "read")),
    declared("M1", "adjust", scopes=("till",)),
    edit("M2", service, "in_hand", "code=call.code", "code=None"),
    edit("M3", till, "till_call", "note=body.note", "note=None"),
    declared("M4", "redeem", status=200),
    edit("M5", service, "stamp", "count or 0, required", "1, required"),
    edit("M6", service, "stamps_for", "purchase.amount //", "1 + purchase.amount //"),
    edit("M7", rules, "earn", "booking.add_rewards(full)", "pass"),
    edit("M8", service, "load", "not isinstance(program.rules, GiftRules)", "False"),
    edit("M9", rules, "redeem_value", "taken > there or ", ""),
    edit("M10", rules, "redeem_value", "amount.amount - taken", "0"),
    edit("M11", rules, "redeem_stamp_reward", "booking.drop_rewards(1)", "pass"),
    edit("M12", rules, "redeem_catalogue_reward", "booking.take_out(reward.points)", "booking.take_out(1)"),
    edit("M13", rules, "redeem_coupon", 'details["discount"] = discount.as_dict()', "pass"),
    edit("M14", service, "refund", "taken.amount - undone if", "taken.amount if"),
    edit("M15", rules, "refund", "booking.put_in(booking.settle(taken.amount), SPENT)", "pass"),
    edit("M16", rules, "refund", "booking.add_rewards(taken.amount, SPENT)", "pass"),
    edit("M17", rules, "reverse_earn", "-(-missing // stamps_required)", "0"),
    edit("M18", holding, "hold", 'not in ("gift", "points")', "not in ('gift',)"),
    edit("M19", holding, "hold", "timedelta(seconds=expires_in_s)", "timedelta(seconds=899)"),
    edit("M20", holding, "capture", "holds.release(uow, held)", "pass"),
    edit("M21", holding, "void", "holds.release(uow, held)", "pass"),
    edit("M22", holding, "_open_hold", 'held.status != "open"', "False"),
    edit("M25", undoing, "undo", "_undo(uow, call, part)", "()"),
    edit("M26", rules, "decrease", "booking.take_out(count, ISSUED)", "booking.put_in(count)"),
]
FINE_PRINT = [
    edit("F1", service, "write", "after.balance - before.balance", "abs(after.balance - before.balance)"),
    edit("F2", rules, "redeem_stamp_reward", "Money(1, REWARD)", "Money(1, card.asset)"),
    edit("F3", service, "require_usable", '"active"', '"active", "pending"'),
    edit("F4", card_rules, "_require_state", "card.is_past(at)", "False"),
    edit("F5", service, "refund", "require_open(card)", "require_usable(card, uow.now)"),
    edit("F6", service, "require_open", 'card.state == "deactivated"', "False"),
    edit("F7", replacing, "replace_card", "holds.set_down(uow, old.id, new.id, old.asset, old.held)", "pass"),
    edit(
        "F8",
        service,
        "stamps_for",
        "amount // rules.stamp_per.amount",
        "amount // rules.stamp_per.amount or 1",
    ),
    edit(
        "F9",
        rules,
        "earn",
        "booking.take_out(full * stamps_required)",
        "booking.take_out(booking.card.balance)",
    ),
    edit("F10", rules, "redeem_value", "taken > there or taken == 0", "taken > there"),
    edit("F11", rules, "discount_for", "+ 50) // 100", ") // 100"),
    edit("F12", rules, "discount_for", "min(discount, order_total.amount)", "discount"),
    declared("F13", "get_hold", scopes=("till",)),
    edit("F14", rules, "_discount", 'rules.offer.type != "item" or', ""),
    edit("F15", service, "load", 'limit="not_reloadable"', 'limit="reload"'),
    edit("F16", rules, "_check_offer_window", "at >= rules.valid_until", "at > rules.valid_until"),
    edit("F17", rules, "redeem_catalogue_reward", "r.id == reward_id", "True"),
    declared("F18", "capture", status=200),
    taking("F19", "hold", expires_in_s=(Whole, 900)),
    declared("F20", "reverse", key="optional"),
    edit("F21", undoing, "_undo_entry", "entry.id, None", "entry.id, Money(entry.amount, entry.asset)"),
    edit("F22", keyed, "_earlier", "answered.fingerprint == tombstones.ANY_REQUEST", "False"),
    edit("F23", tombstones, "reach", "uow.now - REACH", "uow.now - REACH * 2"),
    edit("F24", reversals, "reverse_key", "is_new = tombstones", "is_new = True or tombstones"),
    edit("F25", reversals, "_reversal", '"already_reversed"', '"reversed"'),
    edit("F26", reversals, "_things_under", "tombstones.REACH, uow.now", "tombstones.REACH * 2, uow.now"),
    edit("F27", keyed, "_earlier", "tombstones.refuses(uow, merchant_id, key, answered)", "False"),
    edit("F28", rules, "take_back", "InsufficientBalance(card.available)", "NotFound('No.')"),
    edit("F29", rules, "reverse_earn", "booking.owe(count - taken)", "pass"),
    edit("F29", rules, "earn", "booking.settle(count)", "count"),
    edit("F30", service, "reverse_stamps", "not ledger.undo(uow, earned.id, 1, 1)", "False"),
    taking("F31", "adjust", reason=ANY),
    taking("F32", "block_card", reason=ANY),
    taking("F33", "replace_card", reason=ANY),
    edit("F34", running, "require_scope", "caller.scopes.isdisjoint(any_of)", "not caller.scopes"),
    taking("F35", "list_programs", limit=(int, 50)),
    edit("F36", books, "newest_first", "created_at.desc(), row_id.desc()", "created_at.desc(), row_id"),
    edit("F37", books, "as_page", "rows[limit - 1]", "rows[limit - 2]"),
    edit(
        "F38",
        books,
        "transactions",
        "Transaction.created_at < wanted.until",
        "Transaction.created_at <= wanted.until",
    ),
    edit("F39", running, "_parsed", "if operation.may_be_empty:", "if True:"),
    edit("F40", running, "_parsed", "if too_deep else", "if too_deep or not isinstance(value, dict) else"),
    edit("F41", till, "till_call", "if body.location_id is not None and", "if False and"),
    edit("F42", cards, "lock", "raise _unknown(uow, merchant_id, code)", "raise CardMovedOn('Gone.')"),
    edit("F43", service, "refund", 'taken.type not in ("redeem", "capture")', "False"),
    edit("F44", paging, "decode_cursor", 'FieldError("cursor"', 'FieldError("query"'),
    declared("F45", "create_location", status=200),
    edit("F46", present, "card", '{"amount": view.owed, "asset": view.asset}', "view.owed"),
    edit("F47", service, "_earned", 'FieldError("purchase"', 'FieldError("count"'),
    edit("F48", rules, "redeem_catalogue_reward", "InsufficientBalance(card.available)", "NotFound('No.')"),
    edit(
        "F49",
        service,
        "require_loadable",
        "_require_state(card, at",
        "_require_state(card, card.created_at",
    ),
    edit(
        "F50",
        card_service,
        "issue",
        "expires_at=expires_at,",
        "expires_at=getattr(rules, 'valid_until', expires_at),",
    ),
    edit("F51", card_service, "_first_entry", 'type="issue"', 'type="load"'),
    edit(
        "F52",
        present,
        "transaction",
        'details.get("discount")',
        'details.get("discount", present_nothing)',
    ),
    edit("F54", undoing, "_undo_entry", "losses.is_given_back(entry, undone)", "False"),
    edit("F56", reversals, "_is_void", "answered.status == 200", "False"),
    edit("F57", undoing, "_undo_issue", "card_service.deactivate(", "("),
    edit(
        "F58",
        reversals,
        "reverse_key",
        'Reversal(new_id("rev"), "tombstoned")',
        'Reversal(new_id("rev"), "tombstoned" if is_new else "already_reversed")',
    ),
    edit("F59", card_service, "deactivate", "holds.void_all(uow, card_id)", "pass"),
    edit("F60", wiring, "Services.card_links", "self.base_url", "''"),
    edit("F61", present, "program", '"version": view.version,', ""),
    edit("F62", present, "card", "view.member_id,", "view.member_id or 'mem_gone',"),
]
PROGRAMS = [
    ruled("P1", "stamp", stamp_per=(Amount, ...)),
    edit("P2", service, "stamps_for", "purchase.amount //", "2 * purchase.amount //"),
    edit("P3", service, "_check_daily_limit", "+ count > limit", "> limit"),
    ruled("P4", "stamp", stamps_expire_after_days=(int | None, None)),
    edit("P5", rules, "discount_for", "discount = offer.amount.amount", "discount = 0"),
    edit("P6", rules, "_discount", "order_total.amount < rules.minimum_order.amount", "False"),
    edit("P7", rules, "discount_for", "if rules.maximum_discount is not None:", "if False:"),
    edit("P8", card_service, "issue", "rules.uses if", "1 if"),
    edit("P9", rules, "_check_offer_window", "at < rules.valid_from", "False"),
    ruled("P10", "gift", maximum_balance=(Amount, ...)),
    edit("P11", card_service, "check_maximum_balance", "balance + amount", "amount"),
    edit("P12", service, "load", "not program.rules.reloadable and not first", "False"),
    edit("P13", program_rules, "moment_of", "start.astimezone(zone)", "start"),
    ruled("P14", "gift", vat=(str, "multi_purpose")),
    edit("P15", service, "points_for", "purchase.amount //", "1 + purchase.amount //"),
    edit("P16", rules, "redeem_catalogue_reward", "r.id == reward_id", "r.name == reward_id"),
    edit("P17", service, "points_for", "tier.factor_percent if tier else 100", "100"),
    ruled("P18", "points", points_expire_after_days=(int | None, None)),
]
MARKETING = [
    declared("K1", "create_campaign", scopes=("marketing", "manage")),
    declared("K2", "create_campaign", status=200),
    edit("K3", campaigns, "stored", 'draft.quiet_hours.model_dump(mode="json", by_alias=True)', NO_NIGHT),
    declared("K4", "get_campaign", scopes=("manage",)),
    declared("K5", "pause_campaign", scopes=("manage",)),
    declared("K6", "campaign_results", scopes=("manage",)),
    declared("K7", "preview_segment", scopes=("manage",)),
    edit("K8", audience, "members_in", "if audience.birthday_month is not None:", "if False:"),
    edit("K9", books, "last_purchase", "< func.coalesce(Undoing.total, 1)", "< 1000"),
]
VALUE = [*MOVING, *FINE_PRINT, *PROGRAMS, *MARKETING]
