"""What breaks the promises about baskets and about what a till tells of later."""

from passes.cards import queries as cards
from passes.redemption import baskets, rules, undoing
from passes.web.api_v1 import baskets as basket_views
from passes.web.api_v1 import sync
from passes.web.api_v1.baskets import InstrumentRequest
from tests.contract.breaks import declared, edit, status, taking

_ALL_CALLS = '"hold_", "bask_", "bref_"'
_AS_ASKED = "there if asked is None else asked.amount"

BASKETS = [
    declared("M23", "pay_basket", status=200),
    declared("M24", "refund_basket", status=200),
    edit("B1", basket_views, "basket", "line in view.lines", "line in view.lines[::-1]"),
    edit("B2", rules, "pay_due", "there if asked is None", "0 if asked is None"),
    edit("B3", baskets, "_refuse_repeats", "!= position", "== -1"),
    edit("B4", baskets, "pay", "instrument=position", "instrument=7"),
    edit("B5", baskets, "_store", '"remaining_due": order.due.amount', '"remaining_due": 0'),
    declared("B6", "refund_basket", status=200),
    edit("B7", baskets, "pay", "replace(call, card_id=card.id)", "replace(call, reference=None)"),
    edit("B8", rules, "pay_due", "InsufficientBalance(card.available)", "AssetMismatch('amount', 'EUR')"),
    edit("B9", rules, "pay_due", f"min(due.amount, {_AS_ASKED})", f"({_AS_ASKED})"),
    edit("B10", rules, "pay_due", "if asked is not None and asked.amount > there", "if there == 0"),
    edit("B11", baskets, "pay", "card.id if card else None", "card.id if card else 'card_none'"),
    edit("B12", baskets, "pay", 'if mode == "all":', "if True:"),
    taking("B13", "pay_basket", instruments=(list[InstrumentRequest], ...)),
    declared("B14", "pay_basket", key="optional"),
    edit("B15", undoing, "is_undoable", _ALL_CALLS, '"hold_", "bref_"'),
    edit("F55", undoing, "is_undoable", _ALL_CALLS, '"hold_", "bref_"'),
]
OFFLINE = [
    declared("I13", "sync", key="required"),
    edit("S1", sync, "_answer", "zip(told, answers, strict=True)", "zip(told, answers[::-1], strict=True)"),
    edit("S2", sync, "_do", "return Answer(unknown.status", "return Answer(422"),
    edit("S3", sync, "require_recent", "now - REACH", "now - REACH * 2"),
    edit("S4", sync, "_each", "_is_passing(answers[-1])", "answers[-1].status >= 400"),
    edit("S5", sync, "_do", "key=told.idempotency_key", "key='x' + told.idempotency_key[1:]"),
    edit("M27", sync, "_each", "_is_passing(answers[-1])", "answers[-1].status >= 400"),
    edit("M28", sync, "_do", "told.idempotency_key, told.occurred_at)", "told.idempotency_key, None)"),
    edit("M29", rules, "_spend_offline", '{**details, "overspend": missing.as_dict()}', "details"),
    edit("F53", rules, "_spend_offline", "Money(taken, amount.asset)", "amount"),
]
OTHERS = [
    status("E27", "rate_limited"),
    edit("C5", cards, "_stored", " or _signed(uow, merchant_id, code)", ""),
]
ORDERS = [*BASKETS, *OFFLINE, *OTHERS]
