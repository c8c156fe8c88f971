"""The words on a card, in German and English: amounts, dates, labels, and the rule in a sentence."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from passes.cards.face import Text
from passes.money import POINT, STAMP, USE, Money, is_currency
from passes.money import REWARD as A_REWARD
from passes.programs.rules import (
    AmountOffer,
    CouponRules,
    GiftRules,
    PercentOffer,
    PointsRules,
    Rules,
    StampRules,
)

NOW = Text(de="Neuer Stand: %@", en="Now: %@")
STAMPS = Text(de="Stempel", en="Stamps")
REWARD = Text(de="Prämie", en="Reward")
REWARDS_WAITING = Text(de="Offene Prämien", en="Rewards waiting")
REWARDS_NOW = Text(de="Offene Prämien: %@", en="Rewards waiting: %@")
BALANCE = Text(de="Guthaben", en="Balance")
POINTS = Text(de="Punkte", en="Points")
NEXT_REWARD = Text(de="Nächste Prämie", en="Next reward")
TIER = Text(de="Stufe", en="Tier")
MEMBER = Text(de="Name", en="Name")
VALID_UNTIL = Text(de="Gültig bis", en="Valid until")
USES_LEFT = Text(de="Noch einlösbar", en="Uses left")
OFFER = Text(de="Angebot", en="Offer")
OWED = Text(de="Noch offen", en="Owed")
RUNS_OUT = Text(de="Läuft als Nächstes ab", en="Runs out next")
HOW_IT_WORKS = Text(de="So geht’s", en="How it works")
STATE = Text(de="Status", en="Status")
STATES = {
    "pending": Text(de="Noch nicht aufgeladen", en="Not loaded yet"),
    "blocked": Text(de="Gesperrt", en="Blocked"),
    "expired": Text(de="Abgelaufen", en="Expired"),
    "deactivated": Text(de="Geschlossen", en="Closed"),
}
CONTACT = Text(de="Kontakt", en="Contact")
CALL = Text(de="Anrufen", en="Call us")
WRITE = Text(de="E-Mail schreiben", en="Write to us")

_COUNTED = {
    STAMP: (Text("Stempel", "stamp"), Text("Stempel", "stamps")),
    POINT: (Text("Punkt", "point"), Text("Punkte", "points")),
    USE: (Text("Einlösung", "use"), Text("Einlösungen", "uses")),
    A_REWARD: (Text("Prämie", "reward"), Text("Prämien", "rewards")),
}


def amount(money: Money) -> Text:
    """An amount as people read it: `12,50 €` and `€12.50`; counted things with their thousands apart."""
    if not is_currency(money.asset):
        return Text(
            de=format_decimal(money.amount, locale="de_DE"), en=format_decimal(money.amount, locale="en_GB")
        )
    value = money.as_decimal()
    return Text(
        de=format_currency(value, money.asset, locale="de_DE"),
        en=format_currency(value, money.asset, locale="en_GB"),
    )


def counted(money: Money) -> Text:
    """An amount with what is counted: `12,50 €` or `7 Stempel`, `1 stamp`."""
    number = amount(money)
    if money.asset not in _COUNTED:
        return number
    unit = _COUNTED[money.asset][money.amount != 1]
    return Text(de=f"{number.de} {unit.de}", en=f"{number.en} {unit.en}")


def day(at: datetime, time_zone: str) -> Text:
    """The date of a moment in words."""
    local = at.astimezone(ZoneInfo(time_zone)).date()
    return Text(de=format_date(local, "long", locale="de_DE"), en=format_date(local, "long", locale="en_GB"))


def moment(at: datetime, time_zone: str) -> Text:
    """A moment of these days: its day and the time on the clock."""
    local = at.astimezone(ZoneInfo(time_zone))
    return Text(
        de=format_datetime(local, "d. MMM, HH:mm 'Uhr'", locale="de_DE"),
        en=format_datetime(local, "d MMM, HH:mm", locale="en_GB"),
    )


def second(at: datetime, time_zone: str) -> Text:
    """A moment to the second, with its year."""
    local = at.astimezone(ZoneInfo(time_zone))
    return Text(
        de=format_datetime(local, "d. MMM y, HH:mm:ss 'Uhr'", locale="de_DE"),
        en=format_datetime(local, "d MMM y, HH:mm:ss", locale="en_GB"),
    )


def last_day(end: datetime, time_zone: str) -> Text:
    """The last day before an end: one at midnight is the day before."""
    return day(end - timedelta(microseconds=1), time_zone)


def ending(money: Money, end: datetime, time_zone: str) -> Text:
    """What runs out, with its last day."""
    counted, last = amount(money), last_day(end, time_zone)
    return Text(de=f"{counted.de} am {last.de}", en=f"{counted.en} on {last.en}")


def offer(rules: CouponRules) -> Text:
    """What a coupon gives, short enough to stand large on it."""
    if isinstance(rules.offer, PercentOffer):
        return Text(de=f"{rules.offer.percent} % Rabatt", en=f"{rules.offer.percent}% off")
    if isinstance(rules.offer, AmountOffer):
        sum_off = amount(rules.offer.amount.money)
        return Text(de=f"{sum_off.de} Rabatt", en=f"{sum_off.en} off")
    return Text.same(rules.offer.item)


def rule_sentence(rules: Rules, gives: Text) -> Text:
    """The program in one sentence, for the enrolment page, the poster and the back of the card.

    `gives` names a stamp card's reward or a coupon's offer.
    """
    if isinstance(rules, StampRules):
        return _stamp_sentence(rules, gives)
    if isinstance(rules, PointsRules):
        per = amount(rules.point_per.money)
        return Text(de=f"Ein Punkt je {per.de} Einkauf.", en=f"One point for every {per.en} you spend.")
    if isinstance(rules, GiftRules):
        return Text(
            de="Guthaben, das an jeder Kasse zählt, auch in Teilbeträgen.",
            en="Credit that counts at every till, in parts too.",
        )
    return _coupon_sentence(rules, gives)


def _stamp_sentence(rules: StampRules, reward: Text) -> Text:
    if rules.stamp_per is None:
        return Text(
            de=f"{rules.stamps_required} Stempel sammeln und belohnt werden: {reward.de}.",
            en=f"Collect {rules.stamps_required} stamps and be rewarded: {reward.en}.",
        )
    per = amount(rules.stamp_per.money)
    return Text(
        de=f"Je {per.de} ein Stempel, {rules.stamps_required} Stempel ergeben: {reward.de}.",
        en=f"A stamp for every {per.en}; {rules.stamps_required} stamps make: {reward.en}.",
    )


def _coupon_sentence(rules: CouponRules, gives: Text) -> Text:
    if rules.minimum_order is None:
        return Text(
            de=f"{gives.de}, einfach an der Kasse zeigen.", en=f"{gives.en}, just show it at the till."
        )
    least = amount(rules.minimum_order.money)
    return Text(
        de=f"{gives.de} ab {least.de} Einkauf, einfach an der Kasse zeigen.",
        en=f"{gives.en} on orders from {least.en}, just show it at the till.",
    )
