"""What a form on the scanner asks for, turned into one of the till's use-cases."""

from collections.abc import Callable, Mapping

from passes.db.engine import UnitOfWork
from passes.errors import StempelError
from passes.ledger.rules import Entry
from passes.money import Money
from passes.programs.queries import ProgramView
from passes.programs.rules import CouponRules, PointsRules, StampRules, offer_assets
from passes.redemption import service
from passes.redemption.service import TillCall
from passes.web.scanner.amounts import read_amount, read_count

Wish = Callable[[UnitOfWork, TillCall], Entry]

FIELDS = (
    "count",
    "purchase",
    "reward_id",
    "order_total",
    "amount",
    "partly",
    "load",
    "transaction",
    "type",
)
"""All that the forms of this page may say."""

FALLBACK_CURRENCY = "EUR"
"""What an order is counted in where neither the offer nor the program names a currency."""


class WrongInput(StempelError):
    """A field that cannot be read; `key` names the text that says what to write."""

    def __init__(self, field: str, key: str) -> None:
        super().__init__(f"{field}: {key}")
        self.field = field
        self.key = key


def wish(action: str, sent: Mapping[str, str], program: ProgramView) -> Wish | None:
    """What `action` means for a card of `program`; None for an action there is not.

    Raises `WrongInput` naming the field.
    """
    reader = _READERS.get(action)
    return None if reader is None else reader(sent, program)


def purchase_currency(program: ProgramView) -> str | None:
    """What purchases are counted in, None where the program has no rule for them."""
    if isinstance(program.rules, PointsRules):
        return program.rules.point_per.asset
    if isinstance(program.rules, StampRules) and program.rules.stamp_per is not None:
        return program.rules.stamp_per.asset
    return None


def order_currency(program: ProgramView) -> str:
    """What the order a coupon is used on is counted in."""
    named = sorted(offer_assets(program.rules)) if isinstance(program.rules, CouponRules) else []
    return named[0] if named else program.currency or FALLBACK_CURRENCY


def _collect(sent: Mapping[str, str], program: ProgramView) -> Wish:
    count = read_count(sent.get("count", ""))
    if count is None:
        raise WrongInput("count", "wrong_count")
    return lambda uow, call: service.stamp(uow, call, count=count)


def _purchase(sent: Mapping[str, str], program: ProgramView) -> Wish:
    purchase = _amount(sent, "purchase", purchase_currency(program) or FALLBACK_CURRENCY)
    return lambda uow, call: service.stamp(uow, call, purchase=purchase)


def _reward(sent: Mapping[str, str], program: ProgramView) -> Wish:
    return lambda uow, call: service.redeem(uow, call, reward=True)


def _catalogue(sent: Mapping[str, str], program: ProgramView) -> Wish:
    reward_id = sent.get("reward_id", "")
    return lambda uow, call: service.redeem(uow, call, reward_id=reward_id)


def _coupon(sent: Mapping[str, str], program: ProgramView) -> Wish:
    needs_total = isinstance(program.rules, CouponRules) and (
        program.rules.offer.type != "item" or program.rules.minimum_order is not None
    )
    total = None
    if needs_total or sent.get("order_total", "").strip():
        total = _amount(sent, "order_total", order_currency(program))
    return lambda uow, call: service.redeem(uow, call, order_total=total)


def _pay(sent: Mapping[str, str], program: ProgramView) -> Wish:
    amount, partly = _amount(sent, "amount", program.asset), sent.get("partly") == "yes"
    return lambda uow, call: service.redeem(uow, call, amount=amount, allow_partial=partly)


def _load(sent: Mapping[str, str], program: ProgramView) -> Wish:
    amount = _amount(sent, "load", program.asset)
    return lambda uow, call: service.load(uow, call, amount)


def _undo(sent: Mapping[str, str], program: ProgramView) -> Wish:
    transaction_id = sent.get("transaction", "")
    if sent.get("type") == "earn":
        return lambda uow, call: service.reverse_stamps(uow, call, transaction_id)
    return lambda uow, call: service.refund(uow, call, transaction_id, None)


def _amount(sent: Mapping[str, str], field: str, asset: str) -> Money:
    amount = read_amount(sent.get(field, ""), asset)
    if amount is None:
        raise WrongInput(field, "wrong_points" if asset == "POINT" else "wrong_amount")
    return amount


_READERS: dict[str, Callable[[Mapping[str, str], ProgramView], Wish]] = {
    "collect": _collect,
    "purchase": _purchase,
    "reward": _reward,
    "catalogue": _catalogue,
    "coupon": _coupon,
    "pay": _pay,
    "load": _load,
    "undo": _undo,
}
