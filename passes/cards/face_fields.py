"""The fields of a face: what the kind has to say, chosen, ordered and named as the program's design asks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from passes.cards import wording
from passes.cards.endings import next_ending
from passes.cards.face import FaceField, Text
from passes.cards.filling import Values, fill
from passes.cards.rules import CardView
from passes.db.engine import UnitOfWork
from passes.members.models import Member
from passes.merchants.queries import MerchantView
from passes.money import Money
from passes.programs.design import ALWAYS_SHOWN, DesignField, Words
from passes.programs.placeholders import SHARED
from passes.programs.queries import ProgramView
from passes.programs.rules import CouponRules, PointsRules, StampRules, tier_at


@dataclass(frozen=True, slots=True)
class Sitting:
    """What a face is made of."""

    card: CardView
    program: ProgramView
    merchant: MerchantView
    member_name: str | None
    at: datetime


def sitting(uow: UnitOfWork, card: CardView, program: ProgramView, merchant: MerchantView) -> Sitting:
    """Everything about one card that its face may speak of."""
    name = None
    if card.member_id is not None:
        query = select(Member.name).where(Member.merchant_id == card.merchant_id, Member.id == card.member_id)
        name = uow.conn.execute(query).scalar()
    return Sitting(card, program, merchant, name, uow.now)


def fields_of(uow: UnitOfWork, sat: Sitting) -> tuple[FaceField, ...]:
    """The fields in their order: those the design lists, or those of the kind where it lists none."""
    usual = _usual(uow, sat)
    wanted = sat.program.design.fields
    if wanted is None:
        return (*usual, *_contact(sat))
    known = {field.key: field for field in (*usual, *_only_when_asked_for(sat, usual))}
    values = values_of(sat)
    shown = [made for field in wanted if (made := _made(field, known.get(field.key), values)) is not None]
    listed = {field.key for field in wanted}
    anyway = (known[key] for key in ALWAYS_SHOWN if key in known and key not in listed)
    return (*shown, *anyway, *_contact(sat))


def values_of(sat: Sitting) -> Values:
    """What the placeholders stand for on this card."""
    name = " ".join((sat.member_name or "").split())
    ends = ends_at(sat.program, sat.card)
    values: dict[str, Text | None] = {
        "merchant": Text.same(sat.merchant.name),
        "name": Text.same(name) if name else None,
        "first_name": Text.same(name.partition(" ")[0]) if name else None,
        "balance": wording.counted(sat.card.money),
        "expires": None if ends is None else wording.last_day(ends, sat.merchant.time_zone),
    }
    if isinstance(sat.program.rules, StampRules):
        left = max(0, sat.program.rules.stamps_required - sat.card.balance)
        values |= {"stamps_left": Text.same(str(left)), "rewards": Text.same(str(sat.card.rewards))}
    return values


def shared_values_of(merchant: MerchantView) -> Values:
    """What the placeholders stand for in texts that read the same on every card."""
    return dict.fromkeys(SHARED, Text.same(merchant.name))


def words(found: Words) -> Text:
    """A design's words in both languages."""
    return Text(*found.pair())


def _made(wanted: DesignField, known: FaceField | None, values: Values) -> FaceField | None:
    """The field as the design wants it; None where this card has no such thing to say."""
    if wanted.value is not None:
        said = fill(words(wanted.value), values)
        if not said.de or not said.en or wanted.label is None:
            return None
        made = FaceField(wanted.key, wanted.role or "back", words(wanted.label), said)
    elif known is None:
        return None
    else:
        made = replace(known, role=wanted.role or known.role)
        if wanted.label is not None:
            made = replace(made, label=words(wanted.label))
    if wanted.change_message is not None:
        made = replace(made, change_message=words(wanted.change_message))
    return made


def _usual(uow: UnitOfWork, sat: Sitting) -> list[FaceField]:
    rules = sat.program.rules
    fields: list[FaceField]
    if isinstance(rules, StampRules):
        fields = _stamp_fields(sat, rules)
    elif isinstance(rules, CouponRules):
        fields = _coupon_fields(sat, rules)
    elif isinstance(rules, PointsRules):
        fields = _points_fields(sat, rules)
    else:
        fields = _gift_fields(sat)
    state = sat.card.state_at(uow.now)
    if state in wording.STATES:
        fields.append(FaceField("state", "auxiliary", wording.STATE, wording.STATES[state]))
    if sat.card.owed:
        owed = Money(sat.card.owed, sat.card.asset)
        fields.append(FaceField("owed", "back", wording.OWED, wording.amount(owed)))
    ending = next_ending(uow, sat.card) if sat.card.kind in ("stamp", "points") else None
    if ending is not None:
        value = wording.ending(ending.amount, ending.at, sat.merchant.time_zone)
        fields.append(FaceField("runs_out", "back", wording.RUNS_OUT, value))
    how = fill(text_of(sat.program, "how_it_works", rule_sentence(sat.program)), values_of(sat))
    fields.append(FaceField("how_it_works", "back", wording.HOW_IT_WORKS, how))
    return fields


def _contact(sat: Sitting) -> tuple[FaceField, ...]:
    """Whom to ask, where the design says so; how to reach them are links."""
    contact = sat.program.design.contact
    lines = [line for line in (contact.name, contact.address) if line] if contact else []
    return (FaceField("contact", "back", wording.CONTACT, Text.same("\n".join(lines))),) if lines else ()


def _only_when_asked_for(sat: Sitting, usual: Sequence[FaceField]) -> list[FaceField]:
    """What a card could say too, and says only where a design lists it."""
    ends = ends_at(sat.program, sat.card)
    found = []
    if ends is not None and "valid_until" not in {field.key for field in usual}:
        found.append(_valid_until(sat, ends))
    if sat.member_name:
        found.append(FaceField("member", "secondary", wording.MEMBER, Text.same(sat.member_name)))
    return found


def _stamp_fields(sat: Sitting, rules: StampRules) -> list[FaceField]:
    card = sat.card
    count = Text.same(f"{card.balance} / {rules.stamps_required}")
    return [
        FaceField("balance", "header", wording.STAMPS, count, change_message=wording.NOW),
        FaceField("reward", "secondary", wording.REWARD, _given(sat)),
        FaceField(
            "rewards",
            "auxiliary",
            wording.REWARDS_WAITING,
            Text.same(str(card.rewards)),
            change_message=wording.REWARDS_NOW,
        ),
    ]


def _coupon_fields(sat: Sitting, rules: CouponRules) -> list[FaceField]:
    fields = [FaceField("offer", "primary", wording.OFFER, _given(sat))]
    ends = ends_at(sat.program, sat.card)
    if ends is not None:
        fields.append(_valid_until(sat, ends))
    if rules.uses > 1:
        left = Text.same(f"{sat.card.balance} / {rules.uses}")
        fields.append(FaceField("uses", "auxiliary", wording.USES_LEFT, left, change_message=wording.NOW))
    return fields


def _points_fields(sat: Sitting, rules: PointsRules) -> list[FaceField]:
    card = sat.card
    balance = wording.amount(card.money)
    fields = [FaceField("balance", "primary", wording.POINTS, balance, change_message=wording.NOW)]
    upcoming = min(
        (r for r in rules.rewards if r.points > card.balance), key=lambda r: r.points, default=None
    )
    if upcoming is not None:
        next_reward = Text.same(f"{upcoming.name} ({upcoming.points})")
        fields.append(FaceField("next_reward", "secondary", wording.NEXT_REWARD, next_reward))
    tier = tier_at(rules, card.collected)
    if tier is not None:
        fields.append(FaceField("tier", "auxiliary", wording.TIER, Text.same(tier.name)))
    return fields


def _gift_fields(sat: Sitting) -> list[FaceField]:
    money = sat.card.money
    value = wording.amount(money)
    fields = [
        FaceField("balance", "primary", wording.BALANCE, value, money=money, change_message=wording.NOW)
    ]
    if sat.card.expires_at is not None:
        fields.append(_valid_until(sat, sat.card.expires_at))
    return fields


def _valid_until(sat: Sitting, ends: datetime) -> FaceField:
    """The last day it counts: an end at midnight is the day before."""
    last = wording.last_day(ends, sat.merchant.time_zone)
    return FaceField("valid_until", "secondary", wording.VALID_UNTIL, last)


def ends_at(program: ProgramView, card: CardView) -> datetime | None:
    """When the card stops counting: its own end or the offer's, whichever comes first."""
    ends = [card.expires_at, program.rules.valid_until if isinstance(program.rules, CouponRules) else None]
    return min((end for end in ends if end is not None), default=None)


def text_of(program: ProgramView, name: str, default: Text) -> Text:
    """A text of the program; a language that lacks it borrows the other's before the default is used."""
    de, en = (program.texts.get(language, {}).get(name) for language in ("de", "en"))
    return Text(de=de or en or default.de, en=en or de or default.en)


def own_words(program: ProgramView, name: str, own: Text) -> Text:
    """A text for which the program has words of its own anyway: a language that lacks it keeps those."""
    de, en = (program.texts.get(language, {}).get(name) for language in ("de", "en"))
    return Text(de=de or own.de, en=en or own.en)


def _gives(program: ProgramView) -> Text:
    """The reward of a stamp card, the offer of a coupon; nothing for the other kinds."""
    rules = program.rules
    if isinstance(rules, StampRules):
        return own_words(program, "reward", Text.same(rules.reward))
    if isinstance(rules, CouponRules):
        return own_words(program, "offer", wording.offer(rules))
    return Text.same("")


def _given(sat: Sitting) -> Text:
    # Google keeps an offer once for all cards of a program.
    return fill(_gives(sat.program), shared_values_of(sat.merchant))


def rule_sentence(program: ProgramView) -> Text:
    """The program in a sentence, its reward or offer named as its texts do."""
    return wording.rule_sentence(program.rules, _gives(program))
