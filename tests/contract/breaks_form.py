"""What breaks the promises about values, errors, keys, resources and the look of cards."""

from passes import fields, ids
from passes.cards import queries as cards
from passes.cards import rules as card_rules
from passes.cards import service as card_service
from passes.ledger import queries as books
from passes.members import rules as member_rules
from passes.money import Money
from passes.privacy import service as privacy
from passes.programs import pictures
from passes.programs import service as programs
from passes.redemption import holds as holding
from passes.redemption import replacing, rules, service
from passes.web import keyed, problems
from passes.web.api_v1 import cards as card_views
from passes.web.api_v1 import json_body, openapi, present, running, till
from passes.web.api_v1.incoming import Incoming
from tests.contract.breaks import constant, declared, edit, status, taking


class AnyAmount(fields.Strict):
    """An amount that takes whatever can be made an integer."""

    amount: int
    asset: str

    @property
    def money(self) -> Money:
        return Money(self.amount, self.asset)


ALL_SCOPES = ("till", "manage", "marketing", "read")

VALUES = [
    edit(
        "V1", present, "card", "view.money.as_dict()", "{'amount': view.balance // 100, 'asset': view.asset}"
    ),
    edit("V2", present, "transaction", "entry.asset}", "'EUR'}"),
    taking("V3", "load", amount=(AnyAmount, ...)),
    edit("V4", present, "card", "view.money.as_dict()", "view.money.as_dict() if view.balance else None"),
    edit(
        "V5", present, "transaction", '"amount": entry.balance_after', '"amount": entry.balance_after * 1.0'
    ),
    edit("V6", present, "transaction", "format_rfc3339(entry.created_at)", "str(entry.created_at)"),
    edit("V7", service, "write", 'new_id("txn")', 'new_id("entry")'),
    edit("V8", books, "as_page", "rows[:limit]", "rows"),
    taking("V9", "load", amount=(AnyAmount, ...)),
    taking("V10", "load", amount=(AnyAmount, ...)),
    edit("V11", json_body, "with_great_numbers", "parse_constant=refuse", "parse_constant=float"),
    edit("V12", running, "_parsed", "json_body.with_great_numbers(raw) or problem", "problem"),
    taking("V13", "load", amount=(AnyAmount, ...)),
]
ERRORS = [
    constant("E1", problems, "CONTENT_TYPE", "application/json"),
    status("E2", "idempotency_key_required"),
    status("E3", "malformed_json"),
    status("E4", "unauthenticated"),
    status("E5", "scope_missing"),
    edit("E6", till, "location_for", "if named is not None:", "if False:"),
    edit("E7", rules, "redeem_value", "InsufficientBalance(card.available)", "InsufficientBalance(amount)"),
    status("E8", "card_not_found"),
    status("E9", "not_found"),
    edit("E10", books, "transaction", "Transaction.merchant_id == merchant_id, ", ""),
    edit("E11", card_rules, "_require_state", "CardNotActive(card.state)", "CardNotActive('active')"),
    edit("E12", card_rules, "_require_state", "card.is_past(at)", "False"),
    edit("E13", rules, "redeem_coupon", "card.balance == 0", "False"),
    edit("E14", rules, "redeem_stamp_reward", "no_reward_available", "not_found"),
    edit("E15", service, "refund", "RefundTooLarge(Money(left", "RefundTooLarge(Money(wanted"),
    edit("E16", holding, "_open_hold", "HoldNotOpen(held.status)", "HoldNotOpen('open')"),
    edit("E17", holding, "capture", "taken.amount > held.amount", "False"),
    status("E18", "reversed"),
    edit("E19", card_service, "check_gift_limits", 'limit="minimum_load"', 'limit="minimum"'),
    edit("E20", rules, "_discount", '"minimum_order",', '"minimum",'),
    status("E21", "wallet_not_configured"),
    status("E22", "idempotency_key_in_use"),
    edit("E23", problems, "invalid", '{"errors": errors}', "{}"),
    status("E24", "asset_mismatch"),
    status("E25", "wrong_kind"),
    status("E26", "idempotency_key_reused"),
    edit("E28", problems, "busy", "retry_after_s=1", "retry_after_s=None"),
]
KEYS = [
    edit("I1", running, "_key", 'operation.key == "required"', "False"),
    edit("I2", running, "_check_key", "len(key) > 255", "len(key) > 999"),
    edit("I3", keyed, "_earlier", "answered(uow, merchant_id, key)", "answered(uow, 'mer_any', key)"),
    edit("I4", keyed, "_earlier", "answered is None:", "answered is None or uow.now.year > 2030:"),
    edit("I5", keyed, "_earlier", "answered.status, answered.body, replayed=True", "200, answered.body"),
    edit("I6", keyed, "fingerprint", "canonical]", "b'']"),
    edit("I7", keyed, "perform", "return _in_use()", "continue"),
    edit("I8", keyed, "_after_refusal", "problem.code not in NOT_REMEMBERED", "False"),
    edit("I9", keyed, "_after_refusal", "problem.code not in NOT_REMEMBERED", "True"),
    edit("I10", keyed, "fingerprint", "option=orjson.OPT_SORT_KEYS", "option=0"),
    declared("I12", "block_card", key="required"),
    declared("I12", "unblock_card", key="required"),
    constant("I11", running, "checked", lambda model, value: model.model_construct(**value)),
    declared("I14", "look_up_card", key="required"),
    edit("I15", running, "_key", "if not incoming.key:", "if not incoming.key and incoming.read() != b'{':"),
    edit("I16", running, "_key", 'operation.method == "POST"', 'operation.key == "required"'),
]
RESOURCES = [
    declared("R1", "create_program", status=200),
    edit("R2", programs, "_taken_or_free", "draft.slug", "None"),
    edit("R3", programs, "_taken_or_free", "if wanted not in taken:", "if True:"),
    edit("R4", pictures, "read_source", "data.startswith(START)", "False"),
    declared("R5", "list_programs", scopes=("read",)),
    declared("R6", "change_program", scopes=ALL_SCOPES),
    declared("R7", "create_member", scopes=ALL_SCOPES),
    edit(
        "R8", member_rules, "parse_birthday", "date(_LEAP_YEAR if year is None else year, month, day)", "pass"
    ),
    declared("R9", "change_member", scopes=ALL_SCOPES),
    edit("R10", privacy, "erase_member", "delete(Member)", "select(Member)"),
    declared("R11", "export_member", scopes=ALL_SCOPES),
    declared("R12", "issue_card", scopes=("till",)),
    edit("R13", card_service, "issue", "isinstance(rules, GiftRules) and amount is None", "True"),
    edit("R14", card_service, "issue", "isinstance(rules, GiftRules) and amount is None", "False"),
    declared("R15", "issue_card", key="optional"),
    declared("R16", "get_card", scopes=("read",)),
    declared("R16", "look_up_card", scopes=("till",)),
    edit("R17", books, "newest_first", "created_at.desc()", "created_at.asc()"),
    edit("R18", books, "transactions", '"location_id", "reference"', '"location_id"'),
    edit("R19", card_service, "block", 'state="blocked"', 'state="active"'),
    edit("R20", replacing, "replace_card", 'values(state="deactivated")', 'values(state="active")'),
    constant("R21", card_views, "PKPASS_TYPE", "application/zip"),
    declared("R22", "get_google_link", scopes=ALL_SCOPES),
    declared("R23", "list_locations", scopes=ALL_SCOPES),
    declared("R24", "create_webhook", status=200),
    edit("R25", openapi, "document", '"3.1.0"', '"3.0.3"'),
    edit("R26", openapi, "document", "in operations:", "in operations[3:]:"),
    constant("R27", Incoming, "presented", property(lambda asked: asked.credential.partition(" ")[2])),
]
CARDS = [
    edit("C1", present, "card", '"member_id": view.member_id,', ""),
    edit("C2", present, "card", 'view.kind in ("stamp", "points")', 'view.kind == "stamp"'),
    edit("C3", present, "card", "format_code(view.code)", "view.barcode"),
    edit("C4", cards, "normalise_code", "len(code) == TOKEN_LENGTH", "False"),
    edit("C6", ids, "compact", ".upper()", ""),
    edit("C7", present, "card", '"apple": links.apple', '"apple": links.page'),
    edit("C8", present, "card", "view.available.as_dict()", "amount"),
    edit("C9", present, "transaction", "entry.reference", "None"),
    edit("C10", rules, "capture", '"capture", amount', '"redeem", amount'),
]
FORM = [*VALUES, *ERRORS, *KEYS, *RESOURCES, *CARDS]
