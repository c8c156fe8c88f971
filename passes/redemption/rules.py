"""What a till's call does to a card: pure decisions, no I/O.

Each function looks at a card as it stands and answers with an `Effect`: what is booked between which
accounts, and how the card stands afterwards. `service.py` writes effects down; nothing else moves value.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from passes.cards.rules import CardView
from passes.errors import FieldError, NotFound, Refusal
from passes.ledger.rules import EXPIRED, ISSUED, LOST_AGAIN, RETURNED, SPENT, Move
from passes.money import REWARD, USE, Money
from passes.programs.rules import CouponRules, PointsRules, discount_for, offer_assets
from passes.redemption.booking import Booking
from passes.redemption.errors import AssetMismatch, InsufficientBalance, OfferNotApplicable


@dataclass(frozen=True, slots=True)
class Effect:
    """One transaction to be: its type, its positive `amount`, its postings, and the card afterwards."""

    type: str
    amount: Money
    card: CardView
    moves: tuple[Move, ...]
    is_purchase: bool = False
    details: dict[str, Any] = field(default_factory=dict)


_LOTS = {"ended": "lots"}
_CARD = {"ended": "card"}
"""What an `expire` says has ended: some of what is on the card, or the card."""


def earn(card: CardView, count: int, stamps_required: int | None) -> Effect:
    """`count` stamps or points come in; debts are paid first, full rounds of stamps become rewards."""
    booking = Booking(card)
    booking.put_in(booking.settle(count))
    if stamps_required:
        full = booking.card.balance // stamps_required
        booking.take_out(full * stamps_required)
        booking.add_rewards(full)
    collected = card.collected + count
    after = replace(booking.card, collected=collected)
    return Effect("earn", Money(count, card.asset), after, tuple(booking.moves), is_purchase=True)


def reverse_earn(card: CardView, count: int, stamps_required: int | None, lapsed: int = 0) -> Effect:
    """A sale undone: `count` is taken back, out of waiting rewards if need be; the rest is owed.

    `lapsed` of it has run out and is nobody's debt.
    """
    booking = Booking(card)
    booking.bring_back(lapsed)
    undone, count = count, count - lapsed
    if stamps_required:
        missing = max(0, count - card.balance)
        reopened = min(card.rewards, -(-missing // stamps_required))
        booking.drop_rewards(reopened, ISSUED)
        booking.put_in(reopened * stamps_required, SPENT)
    taken = min(count, booking.card.available.amount)
    booking.take_out(taken, ISSUED)
    booking.owe(count - taken)
    after = replace(booking.card, collected=card.collected - undone)
    return Effect("reversal", Money(undone, card.asset), after, tuple(booking.moves))


def increase(card: CardView, count: int, stamps_required: int | None) -> Effect:
    """Value comes onto a card without a sale; stamps and points pay debts and fill rounds as if earned."""
    if card.kind in ("stamp", "points"):
        earned = earn(card, count, stamps_required)
        return Effect("adjust", earned.amount, earned.card, earned.moves)
    booking = Booking(card)
    booking.put_in(count)
    return Effect("adjust", Money(count, card.asset), booking.card, tuple(booking.moves))


def decrease(card: CardView, count: int) -> Effect:
    """Value is taken off a card without a sale, as far as it is there."""
    if count > card.available.amount:
        raise InsufficientBalance(card.available)
    booking = Booking(card)
    booking.take_out(count, ISSUED)
    collected = card.collected - (count if card.kind in ("stamp", "points") else 0)
    after = replace(booking.card, collected=collected)
    return Effect("adjust", Money(count, card.asset), after, tuple(booking.moves))


def transfer(old: CardView, new: CardView) -> tuple[Effect, Effect]:
    """All that is on `old`, and what it owes, moves to `new`, which is empty: one effect for each."""
    emptied, filled = Booking(old), Booking(new)
    emptied.take_out(old.balance, ISSUED)
    filled.put_in(old.balance)
    emptied.drop_rewards(old.rewards, ISSUED)
    filled.add_rewards(old.rewards)
    emptied.settle(old.owed)
    filled.owe(old.owed)
    after = replace(filled.card, collected=old.collected)
    details = {"from": old.id, "collected": old.collected}
    return (
        Effect("transfer", old.money, emptied.card, tuple(emptied.moves), details={"to": new.id}),
        Effect("transfer", old.money, after, tuple(filled.moves), details=details),
    )


def load(card: CardView, amount: Money) -> Effect:
    """Money comes onto a gift card, which makes a waiting one active."""
    booking = Booking(card)
    booking.put_in(amount.amount)
    return Effect(
        "load", amount, replace(booking.card, state="active"), tuple(booking.moves), is_purchase=True
    )


def redeem_value(
    card: CardView, amount: Money, *, allow_partial: bool = False, offline: bool = False
) -> Effect:
    """Money or points are spent; with `allow_partial` as far as they go.

    What was spent `offline` is gone: the card loses what it has, the rest is the merchant's loss.
    """
    if amount.asset != card.asset:
        raise AssetMismatch("amount", card.asset)
    if offline:
        return _spend_offline(card, amount, is_purchase=card.kind == "gift", details={})
    there = card.available.amount
    taken = min(amount.amount, there) if allow_partial else amount.amount
    if taken > there or taken == 0:
        raise InsufficientBalance(card.available)
    booking = Booking(card)
    booking.take_out(taken)
    due = Money(amount.amount - taken, amount.asset)
    return Effect(
        "redeem",
        Money(taken, amount.asset),
        booking.card,
        tuple(booking.moves),
        is_purchase=card.kind == "gift",
        details={"remaining_due": due.as_dict()},
    )


def _spend_offline(card: CardView, amount: Money, *, is_purchase: bool, details: dict[str, Any]) -> Effect:
    taken = min(amount.amount, card.available.amount)
    missing = Money(amount.amount - taken, amount.asset)
    booking = Booking(card)
    booking.take_out(taken)
    booking.lose(missing.amount)
    if missing.amount:
        details = {**details, "overspend": missing.as_dict()}
    return Effect(
        "redeem",
        Money(taken, amount.asset),
        booking.card,
        tuple(booking.moves),
        is_purchase=is_purchase,
        details=details,
    )


def capture(card: CardView, amount: Money) -> Effect:
    """Held value is spent; `card` no longer counts it as held."""
    booking = Booking(card)
    booking.take_out(amount.amount)
    return Effect("capture", amount, booking.card, tuple(booking.moves), is_purchase=card.kind == "gift")


def redeem_stamp_reward(card: CardView) -> Effect:
    """One waiting reward is handed out."""
    if card.rewards == 0:
        raise Refusal("no_reward_available", "No reward is waiting on this card.")
    booking = Booking(card)
    booking.drop_rewards(1)
    return Effect("redeem", Money(1, REWARD), booking.card, tuple(booking.moves))


def redeem_catalogue_reward(
    card: CardView, rules: PointsRules, reward_id: str, *, offline: bool = False
) -> Effect:
    """Points buy something from the program's catalogue; see `redeem_value` for `offline`."""
    reward = next((r for r in rules.rewards if r.id == reward_id), None)
    if reward is None:
        raise NotFound("The program has no such reward.")
    details = {"reward": {"id": reward.id, "name": reward.name}}
    if offline:
        return _spend_offline(card, Money(reward.points, card.asset), is_purchase=False, details=details)
    if reward.points > card.available.amount:
        raise InsufficientBalance(card.available)
    booking = Booking(card)
    booking.take_out(reward.points)
    return Effect(
        "redeem", Money(reward.points, card.asset), booking.card, tuple(booking.moves), details=details
    )


def pay_due(card: CardView, asked: Money | None, due: Money, *, offline: bool = False) -> Effect:
    """A gift card pays what is `due`: at most what it was `asked` for, or else as far as it goes.

    What is asked for must be there, even if less is due; without `asked`, nothing there is taken over 0.
    What was asked for `offline` is gone, as with `redeem_value`.
    """
    if due.asset != card.asset:
        raise AssetMismatch("order_total", card.asset)
    if asked is not None and asked.asset != card.asset:
        raise AssetMismatch("amount", card.asset)
    there = card.available.amount
    if asked is not None and offline:
        wanted = Money(min(due.amount, asked.amount), due.asset)
        details = {"remaining_due": Money(due.amount - wanted.amount, due.asset).as_dict()}
        return _spend_offline(card, wanted, is_purchase=wanted.amount > 0, details=details)
    if asked is not None and asked.amount > there:
        raise InsufficientBalance(card.available)
    taken = min(due.amount, there if asked is None else asked.amount)
    booking = Booking(card)
    booking.take_out(taken)
    left = Money(due.amount - taken, due.asset)
    return Effect(
        "redeem",
        Money(taken, card.asset),
        booking.card,
        tuple(booking.moves),
        is_purchase=taken > 0,
        details={"remaining_due": left.as_dict()},
    )


def redeem_coupon(
    card: CardView,
    rules: CouponRules,
    order_total: Money | None,
    at: datetime,
    due: int | None = None,
) -> Effect:
    """One use of a coupon, and the discount it gives on `order_total`, never above what is still `due`.

    Where nothing is due any more there is nothing to take off, and the coupon keeps its use.
    """
    if card.balance == 0:
        raise Refusal("already_redeemed", "This coupon has been used.")
    _check_offer_window(rules, at)
    discount = _discount(rules, order_total)
    if discount is not None and due is not None:
        discount = Money(min(discount.amount, due), discount.asset)
    uses = 0 if due == 0 and discount is not None else 1
    booking = Booking(card)
    booking.take_out(uses)
    details: dict[str, Any] = {}
    if order_total is not None:
        details["order_total"] = order_total.as_dict()
    if discount is not None:
        details["discount"] = discount.as_dict()
    return Effect(
        "redeem",
        Money(uses, USE),
        booking.card,
        tuple(booking.moves),
        is_purchase=uses > 0,
        details=details,
    )


def _check_offer_window(rules: CouponRules, at: datetime) -> None:
    if rules.valid_from is not None and at < rules.valid_from:
        raise OfferNotApplicable("not_yet_valid", "The offer has not begun yet.")
    if rules.valid_until is not None and at >= rules.valid_until:
        raise OfferNotApplicable("no_longer_valid", "The offer has ended.")


def _discount(rules: CouponRules, order_total: Money | None) -> Money | None:
    assets = offer_assets(rules)
    if order_total is None:
        if rules.offer.type != "item" or rules.minimum_order is not None:
            raise FieldError("order_total", "is needed to work out what this coupon gives")
        return None
    if assets and order_total.asset not in assets:
        raise AssetMismatch("order_total", " or ".join(sorted(assets)))
    if rules.minimum_order is not None and order_total.amount < rules.minimum_order.amount:
        raise OfferNotApplicable(
            "minimum_order", f"The order must come to at least {rules.minimum_order.amount} (minor units)."
        )
    return discount_for(rules, order_total)


def take_back(card: CardView, amount: int, lapsed: int = 0) -> Effect:
    """A load or an issue undone: `amount` goes back to where it came from, all of it or none.

    `lapsed` of it has run out and is no longer on the card.
    """
    if amount - lapsed > card.available.amount:
        raise InsufficientBalance(card.available)
    booking = Booking(card)
    booking.bring_back(lapsed)
    booking.take_out(amount - lapsed, ISSUED)
    return Effect("reversal", Money(amount, card.asset), booking.card, tuple(booking.moves))


def refund(card: CardView, taken: Money, loss: int = 0) -> Effect:
    """What a redemption took comes back: a reward, a use, or value (which first pays what the card owes).

    `loss` is what the shop gets back with it, as nothing is left of the payment.
    """
    booking = Booking(card)
    booking.recover(loss)
    details = {RETURNED: Money(loss, taken.asset).as_dict()} if loss else {}
    if taken.asset == REWARD:
        booking.add_rewards(taken.amount, SPENT)
    else:
        booking.put_in(booking.settle(taken.amount), SPENT)
    return Effect("refund", taken, booking.card, tuple(booking.moves), details=details)


def retake(card: CardView, refunded: Money, lapsed: int = 0, loss: int = 0) -> Effect:
    """A refund undone: what it gave back is taken again, all of it or none; points that are gone are owed.

    `lapsed` of it has run out and is no longer on the card. `loss` is what the shop loses again with it.
    """
    booking = Booking(card)
    booking.lose(loss)
    details = {LOST_AGAIN: Money(loss, refunded.asset).as_dict()} if loss else {}
    booking.bring_back(lapsed, SPENT)
    wanted = refunded.amount - lapsed
    there = Money(card.rewards, REWARD) if refunded.asset == REWARD else card.available
    if card.kind != "points" and wanted > there.amount:
        raise InsufficientBalance(there)
    taken = min(wanted, there.amount)
    if refunded.asset == REWARD:
        booking.drop_rewards(taken)
    else:
        booking.take_out(taken)
        booking.owe(wanted - taken)
    return Effect("reversal", refunded, booking.card, tuple(booking.moves), details=details)


def earn_again(card: CardView, count: int, stamps_required: int | None) -> Effect:
    """The reversal of a sale undone: the sale earns what it had earned."""
    earned = earn(card, count, stamps_required)
    return Effect("reversal", earned.amount, earned.card, earned.moves)


def give_again(card: CardView, count: int, stamps_required: int | None) -> Effect:
    """An adjustment downwards undone: what it took off comes back, like value that is put on."""
    given = increase(card, count, stamps_required)
    return Effect("reversal", given.amount, given.card, given.moves)


def expire(card: CardView, amount: int) -> Effect:
    """`amount` has run out on a card that itself goes on."""
    booking = Booking(card)
    booking.take_out(amount, EXPIRED)
    return Effect("expire", Money(amount, card.asset), booking.card, tuple(booking.moves), details=_LOTS)


def expire_card(card: CardView, returned: int, returned_rewards: int) -> Effect:
    """The card has come to its end: all that is on it goes, except for what is held or came back since."""
    booking = Booking(card)
    gone = Money(max(0, card.available.amount - returned), card.asset)
    booking.take_out(gone.amount, EXPIRED)
    booking.drop_rewards(max(0, card.rewards - returned_rewards), EXPIRED)
    return Effect("expire", gone, booking.card, tuple(booking.moves), details=_CARD)
