"""A till's calls, each in an open unit of work: take the card in hand, decide, write the effect down.

Refusals are raised before anything is written, so a refused call leaves nothing behind.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.models import Card
from passes.cards.rules import CardView, require_loadable, require_open, require_usable
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, NotFound, Refusal
from passes.ids import new_id
from passes.ledger import fifo
from passes.ledger import lots as ledger_lots
from passes.ledger import offline as told
from passes.ledger import queries as books
from passes.ledger import service as ledger
from passes.ledger.chain import next_link
from passes.ledger.rules import Entry
from passes.limits.rules import Act
from passes.merchants import queries as merchants
from passes.money import MAX_AMOUNT, Money
from passes.programs import queries as programs
from passes.programs.ends import lot_end
from passes.programs.rules import (
    CouponRules,
    GiftRules,
    PointsRules,
    StampRules,
    gift_expiry,
    points_for,
    stamps_for,
)
from passes.redemption import limiting, losses, lots, offline, rules
from passes.redemption.errors import AlreadyReversed, AssetMismatch, RefundTooLarge, WrongKind
from passes.redemption.limiting import Terms, Verdict
from passes.redemption.rules import Effect

EXPIRY = "expiry"
"""The actor of what runs out by itself."""


@dataclass(frozen=True, slots=True)
class TillCall:
    """Who asks, where, and under which receipt; and the card, named by code or id.

    `occurred_at` is when it happened, for what a till did without the network and tells us now;
    `approval_id` names what a second person has said yes to; `card` is the card where it is in hand already,
    as nobody has changed it since.
    """

    merchant_id: str
    actor: str
    card_id: str | None = None
    code: str | None = None
    location_id: str | None = None
    reference: str | None = None
    note: str | None = None
    occurred_at: datetime | None = None
    approval_id: str | None = None
    card: CardView | None = None

    @property
    def is_offline(self) -> bool:
        """Whether the till is only telling us what it has done."""
        return self.occurred_at is not None

    def at(self, uow: UnitOfWork) -> datetime:
        """When it happens: what expiry and a day's limits are judged at."""
        return self.occurred_at or uow.now


def stamp(
    uow: UnitOfWork, call: TillCall, *, count: int | None = None, purchase: Money | None = None
) -> Entry:
    """Stamps or points: `count` of them, or what the program gives for a `purchase`."""
    card = in_hand(uow, call)
    program = programs.at_version(uow, card.program_id, card.program_version)
    if not isinstance(program.rules, StampRules | PointsRules):
        raise WrongKind(card.kind, "collect")
    require_usable(card, call.at(uow))
    if purchase is not None:
        count = _earned(program.rules, card, purchase)
    required = program.rules.stamps_required if isinstance(program.rules, StampRules) else None
    if isinstance(program.rules, StampRules) and program.rules.max_stamps_per_day is not None:
        _check_daily_limit(uow, call, card, count or 0, program.rules.max_stamps_per_day)
    return write(uow, call, card, rules.earn(card, count or 0, required))


def add_stamps(uow: UnitOfWork, merchant_id: str, card_id: str, count: int, actor: str) -> Entry:
    """A gift of `count` stamps or points from the merchant, for campaigns; it is no purchase."""
    call = TillCall(merchant_id, actor, card_id=card_id)
    card = in_hand(uow, call)
    require_usable(card, uow.now)
    program = programs.at_version(uow, card.program_id, card.program_version)
    if not isinstance(program.rules, StampRules | PointsRules):
        raise WrongKind(card.kind, "collect")
    required = program.rules.stamps_required if isinstance(program.rules, StampRules) else None
    return write(uow, call, card, rules.increase(card, count, required))


def load(uow: UnitOfWork, call: TillCall, amount: Money) -> Entry:
    """Money onto a gift card; the first load of a waiting card also starts its time."""
    card = in_hand(uow, call)
    program = programs.at_version(uow, card.program_id, card.program_version)
    if not isinstance(program.rules, GiftRules):
        raise WrongKind(card.kind, "be loaded")
    require_loadable(card, call.at(uow))
    if amount.asset != card.asset:
        raise AssetMismatch("amount", card.asset)
    first = card.state == "pending"
    if not program.rules.reloadable and not first:
        raise Refusal("program_limit", "This card cannot be loaded again.", limit="not_reloadable")
    card_service.check_gift_limits(program.rules, amount.amount, card.balance)
    entry = write(uow, call, card, rules.load(card, amount))
    expires_at = _end_after_load(uow, card, program.rules, call.at(uow))
    if first or expires_at != card.expires_at:
        uow.conn.execute(update(Card).where(Card.id == card.id).values(state="active", expires_at=expires_at))
    return entry


def _end_after_load(
    uow: UnitOfWork, card: CardView, program_rules: GiftRules, at: datetime
) -> datetime | None:
    """When a gift card ends that is loaded: the first load starts its time, later ones may prolong it."""
    starts = card.state == "pending" and card.expires_at is None
    if not starts and (card.expires_at is None or program_rules.load_expiry is None):
        return card.expires_at
    zone = merchants.calendar_zone(uow, card.merchant_id, None)
    if starts:
        return gift_expiry(program_rules, at, zone)
    ends = [card.expires_at, lot_end(program_rules, at, zone)]
    return max(end for end in ends if end is not None)


def redeem(
    uow: UnitOfWork,
    call: TillCall,
    *,
    amount: Money | None = None,
    allow_partial: bool = False,
    reward: bool = False,
    reward_id: str | None = None,
    order_total: Money | None = None,
) -> Entry:
    """Spend what the card holds, each kind in its own way."""
    card = in_hand(uow, call)
    asked = {"amount": amount is not None, "reward": reward, "reward_id": reward_id is not None}
    asked["order_total"] = order_total is not None
    check_fits(card.kind, asked)
    require_usable(card, call.at(uow))
    program = programs.at_version(uow, card.program_id, card.program_version)
    if isinstance(program.rules, StampRules):
        effect = rules.redeem_stamp_reward(card)
    elif isinstance(program.rules, CouponRules):
        effect = rules.redeem_coupon(card, program.rules, order_total, call.at(uow))
    elif isinstance(program.rules, PointsRules) and reward_id is not None:
        effect = rules.redeem_catalogue_reward(card, program.rules, reward_id, offline=call.is_offline)
    elif amount is not None:
        effect = rules.redeem_value(card, amount, allow_partial=allow_partial, offline=call.is_offline)
    else:
        raise FieldError("amount", "is needed to redeem this card")
    return write(uow, call, card, effect)


_FITTING = {
    "stamp": {"reward"},
    "coupon": {"order_total"},
    "gift": {"amount"},
    "points": {"amount", "reward_id"},
}


def check_fits(kind: str, asked: dict[str, bool]) -> None:
    """Refuse what this kind of card is not redeemed by; `asked` says which fields were given."""
    given = {name for name, is_given in asked.items() if is_given}
    strange = given - _FITTING[kind]
    if strange:
        raise WrongKind(kind, f"be redeemed by {' and '.join(sorted(strange))}")
    if kind == "stamp" and not given:
        raise FieldError("reward", "must be true to take a reward from a stamp card")
    if kind == "points" and len(given) != 1:
        raise FieldError("amount", "give either amount or reward_id to redeem points")


def refund(uow: UnitOfWork, call: TillCall, redemption_id: str, amount: Money | None) -> Entry:
    """Give back what a redemption took: `amount` of it, or all that is left.

    It goes onto the card it was taken from, or onto the one that has taken that card's place.
    """
    taken = books.transaction(uow, call.merchant_id, redemption_id)
    if taken is None or taken.type not in ("redeem", "capture"):
        raise NotFound("There is no such redemption.")
    card = settle(uow, cards.lock_current(uow, call.merchant_id, [taken.card_id])[taken.card_id])
    require_open(card)
    if amount is not None and amount.asset != taken.asset:
        raise AssetMismatch("amount", taken.asset)
    undone = books.undone(uow, taken.id)
    left = taken.amount - undone if taken.amount else 0
    wanted = left if amount is None else amount.amount
    if wanted > left or losses.is_given_back(taken, undone) or not losses.count(uow, taken, wanted):
        raise RefundTooLarge(Money(left, taken.asset))
    loss = told.overspend(taken) if wanted == left else 0
    entry = write(uow, call, card, rules.refund(card, Money(wanted, taken.asset), loss), undoes=taken.id)
    remember_last_purchase(uow, card)
    return entry


def reverse_stamps(uow: UnitOfWork, call: TillCall, stamps_id: str) -> Entry:
    """Undo a sale: what it earned is taken back, and what is already spent is owed."""
    earned = books.transaction(uow, call.merchant_id, stamps_id)
    if earned is None or earned.type != "earn":
        raise NotFound("There are no such stamps.")
    card = settle(uow, cards.lock_current(uow, call.merchant_id, [earned.card_id])[earned.card_id])
    require_open(card)
    # A sale is undone whole, once, also one that earned nothing: hence 1 of 1 rather than its amount.
    if not ledger.undo(uow, earned.id, 1, 1):
        raise AlreadyReversed
    program = programs.at_version(uow, card.program_id, card.program_version)
    required = program.rules.stamps_required if isinstance(program.rules, StampRules) else None
    lapsed = lots.reclaim(uow, card, earned, earned.amount)
    effect = rules.reverse_earn(card, earned.amount, required, lapsed)
    entry = write(uow, call, card, effect, undoes=earned.id)
    remember_last_purchase(uow, card)
    return entry


def in_hand(uow: UnitOfWork, call: TillCall) -> CardView:
    """The card the call names, locked; raises `CardNotFound`."""
    card = call.card or cards.lock(uow, call.merchant_id, card_id=call.card_id, code=call.code)
    return settle(uow, card, call.at(uow))


def take_in_hand(uow: UnitOfWork, merchant_id: str, card_id: str) -> CardView:
    """A card, locked, with everything booked that has run out on it; raises `CardNotFound`."""
    return settle(uow, cards.lock(uow, merchant_id, card_id=card_id))


def settle(uow: UnitOfWork, card: CardView, at: datetime | None = None) -> CardView:
    """Book what has run out on a card in hand by `at` (by default now); returns the card as it then stands.

    Only while the card itself goes on: what lies on one that has ended cannot be spent anyway, and is booked
    by `expiry.end`.
    """
    at = at or uow.now
    if not card.has_run_out(at):
        return card
    left = ledger_lots.left_on(uow, card.id)
    amount = fifo.run_out(left, card.held, at)
    if amount:
        write(uow, TillCall(card.merchant_id, EXPIRY), card, rules.expire(card, amount))
    lots.store(uow, left, fifo.lapse(left, amount, held=card.held))
    lots.reschedule(uow, card.id)
    return cards.lock(uow, card.merchant_id, card_id=card.id)


def _earned(program_rules: StampRules | PointsRules, card: CardView, purchase: Money) -> int:
    per = program_rules.stamp_per if isinstance(program_rules, StampRules) else program_rules.point_per
    if per is None:
        raise FieldError("purchase", "the program has no rule for purchases; give count instead")
    if purchase.asset != per.asset:
        raise AssetMismatch("purchase", per.asset)
    if isinstance(program_rules, StampRules):
        return stamps_for(program_rules, purchase)
    return points_for(program_rules, purchase, card.collected)


def _check_daily_limit(uow: UnitOfWork, call: TillCall, card: CardView, count: int, limit: int) -> None:
    zone = ZoneInfo(merchants.calendar_zone(uow, call.merchant_id, call.location_id))
    start, end = offline.local_day(call.at(uow), zone)
    if books.earned_between(uow, card.id, start, end) + count > limit:
        raise Refusal(
            "program_limit", f"At most {limit} stamps a day go onto one card.", limit="max_stamps_per_day"
        )


def remember_last_purchase(uow: UnitOfWork, card: CardView) -> None:
    """After something was undone, the card's last purchase may be an earlier one, or none."""
    at: datetime | None = books.last_purchase(uow, card.id)
    if at != card.last_purchase_at:
        card_service.forget_purchase(uow, card.id, at)


def write(
    uow: UnitOfWork, call: TillCall, before: CardView, effect: Effect, *, undoes: str | None = None
) -> Entry:
    """Write an effect down: the card's next version, the entry, its postings."""
    after = effect.card
    if max(after.balance, after.owed, after.collected) > MAX_AMOUNT:
        raise Refusal("program_limit", f"A card holds at most {MAX_AMOUNT}.", limit="maximum_balance")
    verdict = None
    if before.limits_version and effect.type in limiting.CALL_OF:
        change = after.balance - before.balance
        verdict = held_against_limits(uow, call, before, effect.type, effect.amount, change)
    entry = Entry(
        id=new_id("txn"),
        merchant_id=before.merchant_id,
        card_id=before.id,
        card_version=before.version + 1,
        type=effect.type,
        asset=effect.amount.asset,
        amount=effect.amount.amount,
        balance_asset=before.asset,
        delta=after.balance - before.balance,
        balance_after=after.balance,
        rewards_after=after.rewards if before.kind == "stamp" else None,
        undoes=undoes,
        reference=call.reference,
        note=call.note,
        location_id=call.location_id,
        actor=call.actor,
        details=effect.details or None,
        created_at=uow.now,
    )
    if call.occurred_at is not None:
        entry = offline.as_told(uow, entry, call.occurred_at)
    link = next_link(before.chain_head, entry, effect.moves)
    card_service.touch(
        uow,
        before,
        collected=after.collected,
        last_purchase_at=_later(before.last_purchase_at, call.at(uow)) if effect.is_purchase else None,
        chain_head=link,
    )
    ledger.book(uow, entry, effect.moves, link)
    if call.occurred_at is not None:
        offline.note(uow, entry, call.occurred_at)
    lots.follow(uow, before, entry, effect, call.at(uow))
    if verdict is not None:
        limiting.flag(uow, verdict, before.id, entry.card_version, entry.id)
    return entry


def held_against_limits(
    uow: UnitOfWork, call: TillCall, card: CardView, entry_type: str, amount: Money, change: int
) -> Verdict:
    """What the merchant's limits say to `amount` moving on `card`; raises `Refusal`."""
    act = _act(uow, call, card, entry_type, amount, change)
    refusable = not _is_gone(call, entry_type)
    return limiting.check(uow, act, Terms(card.limits_version, call.approval_id, refusable))


def _is_gone(call: TillCall, entry_type: str) -> bool:
    """Whether it was handed out without the network: refusing to hear of that would only hide it."""
    return call.is_offline and limiting.CALL_OF[entry_type] == "redeem"


def foresee(uow: UnitOfWork, call: TillCall, entry_type: str, several: Collection[CardView]) -> None:
    """Before several cards in hand are used in one go: have the limits in hand that this counts towards."""
    if any(card.limits_version for card in several):
        acts = [_act(uow, call, card, entry_type, card.money, 0) for card in several]
        limiting.take_in_order(uow, acts, max(card.limits_version for card in several))


def _act(uow: UnitOfWork, call: TillCall, card: CardView, entry_type: str, amount: Money, change: int) -> Act:
    return Act(
        merchant_id=card.merchant_id,
        call=limiting.CALL_OF[entry_type],
        actor=call.actor,
        card_id=card.id,
        program_id=card.program_id,
        location_id=call.location_id,
        asset=amount.asset,
        amount=amount.amount,
        change=change,
        at=call.at(uow),
        told_at=call.at(uow) if _is_gone(call, entry_type) else uow.now,
    )


def _later(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else max(known, at)
