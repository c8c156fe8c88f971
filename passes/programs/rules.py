"""The rules of the four kinds, and the sums they imply. No I/O.

A rule object is what a merchant writes and what is stored; the functions below it are the only places
that know how a purchase becomes stamps or points and an offer becomes a discount.
"""

from calendar import isleap
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, TypeAdapter, model_validator

from passes.errors import FieldError
from passes.fields import Amount, Instant, Name, Strict, Whole, WrongTogether
from passes.money import MAX_AMOUNT, POINT, STAMP, USE, Money, is_currency

Days = Annotated[Whole, Field(ge=1, le=3650)]
YesOrNo = Annotated[bool, Field(strict=True)]
BasisPoints = Annotated[Whole, Field(ge=0, le=10_000)]


class StampRules(Strict):
    """So many stamps make a reward."""

    stamps_required: Annotated[Whole, Field(ge=1, le=100)]
    reward: Name
    stamp_per: Amount | None = None
    max_stamps_per_day: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    stamps_expire_after_days: Days | None = None


class PercentOffer(Strict):
    """A share of the order."""

    type: Literal["percent"]
    percent: Annotated[Whole, Field(ge=1, le=100)]


class AmountOffer(Strict):
    """A fixed sum off the order."""

    type: Literal["amount"]
    amount: Amount


class ItemOffer(Strict):
    """Something for nothing."""

    type: Literal["item"]
    item: Name


Offer = Annotated[PercentOffer | AmountOffer | ItemOffer, Field(discriminator="type")]


class CouponRules(Strict):
    """An offer, how often one coupon may be used, and when."""

    offer: Offer
    minimum_order: Amount | None = None
    maximum_discount: Amount | None = None
    uses: Annotated[Whole, Field(ge=1, le=1000)] = 1
    valid_from: Instant | None = None
    valid_until: Instant | None = None

    @model_validator(mode="after")
    def _window_is_open(self) -> "CouponRules":
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise WrongTogether("valid_until", "must lie after valid_from")
        return self


class GiftExpiry(Strict):
    """When a gift card ends: after years (to the end of that calendar year), after days, or never."""

    after_years: Annotated[Whole, Field(ge=1, le=30)] | None = None
    end_of_year: YesOrNo = True
    after_days: Annotated[Whole, Field(ge=1, le=11_000)] | None = None
    never: YesOrNo = False

    @model_validator(mode="after")
    def _one_way(self) -> "GiftExpiry":
        if [self.after_years is not None, self.after_days is not None, self.never].count(True) != 1:
            raise ValueError("give exactly one of after_years, after_days and never")
        return self


class GiftRules(Strict):
    """How money may lie on a gift card.

    With `load_expiry` every load ends by itself, and the card lives at least as long as its last load.
    """

    minimum_load: Amount | None = None
    maximum_balance: Amount | None = None
    reloadable: YesOrNo = True
    # BGB 195, 199: a voucher's claim lapses three years after the end of the year it was bought in.
    expiry: GiftExpiry = GiftExpiry(after_years=3)
    load_expiry: GiftExpiry | None = None
    vat: Literal["multi_purpose", "single_purpose"] = "multi_purpose"
    vat_rate_bp: BasisPoints | None = None

    @model_validator(mode="after")
    def _single_purpose_knows_its_rate(self) -> "GiftRules":
        if (self.vat == "single_purpose") != (self.vat_rate_bp is not None):
            raise WrongTogether("vat_rate_bp", "belongs to single_purpose vouchers and to nothing else")
        return self


class CatalogueReward(Strict):
    """Something points can buy."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-]{1,60}$")]
    name: Name
    points: Annotated[Whole, Field(ge=1, le=MAX_AMOUNT)]


class Tier(Strict):
    """From so many collected points on, purchases earn by another factor."""

    name: Name
    from_points: Annotated[Whole, Field(ge=0, le=MAX_AMOUNT)]
    factor_percent: Annotated[Whole, Field(ge=1, le=10_000)]


class PointsRules(Strict):
    """A point per so much money, what points buy, and tiers."""

    point_per: Amount
    rewards: Annotated[tuple[CatalogueReward, ...], Field(max_length=100)] = ()
    tiers: Annotated[tuple[Tier, ...], Field(max_length=10)] = ()
    points_expire_after_days: Days | None = None

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "PointsRules":
        ids = [reward.id for reward in self.rewards]
        if len(ids) != len(set(ids)):
            raise WrongTogether("rewards", "must have different ids")
        return self


Rules = StampRules | CouponRules | GiftRules | PointsRules
RULES_BY_KIND: dict[str, TypeAdapter[Any]] = {
    "stamp": TypeAdapter(StampRules),
    "coupon": TypeAdapter(CouponRules),
    "gift": TypeAdapter(GiftRules),
    "points": TypeAdapter(PointsRules),
}
COUNTED_BY_KIND = {"stamp": STAMP, "points": POINT, "coupon": USE}


def parse_rules(kind: str, raw: dict[str, Any], currency: str | None) -> Rules:
    """The rules of a `kind`; raises `ValidationError` for their form and `FieldError` for their sense.

    For a gift card a bare integer limit means the program's currency.
    """
    if kind == "gift":
        limits = ("minimum_load", "maximum_balance")
        raw = {
            k: {"amount": v, "asset": currency} if k in limits and type(v) is int else v
            for k, v in raw.items()
        }
    rules: Rules = RULES_BY_KIND[kind].validate_python(raw)
    _check_money(rules, currency if kind == "gift" else None)
    return rules


def _check_money(rules: Rules, currency: str | None) -> None:
    for name, amount in _money_in(rules):
        if not is_currency(amount.asset):
            raise FieldError(f"rules.{name}", "must be an amount of money")
        currency = currency or amount.asset
        if amount.asset != currency:
            raise FieldError(f"rules.{name}", f"must be in one currency with the rest, {currency}")


def _money_in(rules: Rules) -> list[tuple[str, Amount]]:
    names = ("stamp_per", "point_per", "minimum_order", "maximum_discount", "minimum_load", "maximum_balance")
    found = [(name, value) for name in names if (value := getattr(rules, name, None)) is not None]
    if isinstance(rules, CouponRules) and isinstance(rules.offer, AmountOffer):
        found.append(("offer.amount", rules.offer.amount))
    return found


def asset_of(kind: str, currency: str | None) -> str:
    """What a card of this kind counts."""
    return COUNTED_BY_KIND.get(kind) or currency or ""


def stamps_for(rules: StampRules, purchase: Money) -> int:
    """One stamp per full `stamp_per` of the purchase."""
    return 0 if rules.stamp_per is None else purchase.amount // rules.stamp_per.amount


def tier_at(rules: PointsRules, collected: int) -> Tier | None:
    """The highest tier that `collected` points have reached."""
    reached = [tier for tier in rules.tiers if tier.from_points <= collected]
    return max(reached, key=lambda tier: tier.from_points, default=None)


def points_for(rules: PointsRules, purchase: Money, collected: int) -> int:
    """One point per full `point_per`, times the tier's factor, rounded down."""
    tier = tier_at(rules, collected)
    return purchase.amount // rules.point_per.amount * (tier.factor_percent if tier else 100) // 100


def discount_for(rules: CouponRules, order_total: Money) -> Money | None:
    """What the offer takes off; None for an item. Half a cent rounds up, nothing exceeds the order."""
    offer = rules.offer
    if isinstance(offer, ItemOffer):
        return None
    if isinstance(offer, PercentOffer):
        discount = (order_total.amount * offer.percent + 50) // 100
    else:
        discount = offer.amount.amount
    if rules.maximum_discount is not None:
        discount = min(discount, rules.maximum_discount.amount)
    return Money(min(discount, order_total.amount), order_total.asset)


def offer_assets(rules: CouponRules) -> set[str]:
    """The currencies the offer is stated in; an order must be in the same."""
    return {amount.asset for _, amount in _money_in(rules)}


def gift_expiry(rules: GiftRules, start: datetime, time_zone: str) -> datetime | None:
    """The moment a gift card bought at `start` ends, in UTC; the end of a year is the merchant's midnight."""
    ends, load_ends = (
        None if expiry is None else moment_of(expiry, start, time_zone)
        for expiry in (rules.expiry, rules.load_expiry)
    )
    return ends if ends is None or load_ends is None else max(ends, load_ends)


def moment_of(expiry: GiftExpiry, start: datetime, time_zone: str) -> datetime | None:
    """When something given at `start` ends, in UTC; None for never."""
    if expiry.never:
        return None
    if expiry.after_days is not None:
        return start + timedelta(days=expiry.after_days)
    zone = ZoneInfo(time_zone)
    local = start.astimezone(zone)
    year = local.year + (expiry.after_years or 0)
    if expiry.end_of_year:
        return datetime(year + 1, 1, 1, tzinfo=zone).astimezone(start.tzinfo)
    day = 28 if (local.month, local.day) == (2, 29) and not isleap(year) else local.day
    return local.replace(year=year, day=day).astimezone(start.tzinfo)
