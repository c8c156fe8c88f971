"""From a card and its program to the face every wallet renders."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import select

from passes.cards import queries, signed_barcode, wording
from passes.cards.endings import next_ending
from passes.cards.face import CardFace, Colors, DesignImages, FaceField, Place, Stamps, Text
from passes.cards.rules import CardView
from passes.db.engine import UnitOfWork
from passes.errors import CardNotFound
from passes.members.models import Member
from passes.merchants import queries as merchants
from passes.merchants import signing_keys
from passes.merchants.models import Location
from passes.merchants.queries import MerchantView
from passes.money import Money
from passes.programs import queries as programs
from passes.programs.queries import ProgramView
from passes.programs.rules import CouponRules, PointsRules, StampRules, tier_at

MAX_PLACES = 10
"""As many shops as a phone takes on one card."""


@dataclass(frozen=True, slots=True)
class _Sitting:
    """What a face is made of."""

    card: CardView
    program: ProgramView
    merchant: MerchantView


def face_of(uow: UnitOfWork, base_url: str, card_id: str, token_key: bytes | None = None) -> CardFace:
    """The face of a card as it stands; raises `CardNotFound`. See `face_for` for `token_key`."""
    card = queries.by_id_anywhere(uow, card_id)
    if card is None:
        raise CardNotFound
    return face_for(uow, base_url, card, token_key)


def sample_face(
    uow: UnitOfWork, base_url: str, program: ProgramView, filled: int, rewards: int = 0
) -> CardFace:
    """The face a card of `program` would have, for pages and pictures that come before any card.

    A stamp card shows `filled` stamps; its code and barcode unlock nothing.
    """
    is_stamp = isinstance(program.rules, StampRules)
    uses = program.rules.uses if isinstance(program.rules, CouponRules) else 0
    card = CardView(
        id="card_sample",
        merchant_id=program.merchant_id,
        program_id=program.id,
        program_version=program.version,
        kind=program.kind,
        asset=program.asset,
        member_id=None,
        state="active",
        state_before_block=None,
        code="2222222222222222",
        barcode="0" * 26,
        page_token="SAMPLE",  # noqa: S106  # the address of no card
        token_key_id="",
        version=1,
        modified_s=0,
        collected=0,
        last_purchase_at=None,
        news=None,
        news_at=None,
        reference=None,
        expires_at=None,
        created_at=uow.now,
        updated_at=uow.now,
        balance=filled if is_stamp else uses,
        rewards=rewards,
    )
    return face_for(uow, base_url, card)


def face_for(uow: UnitOfWork, base_url: str, card: CardView, token_key: bytes | None = None) -> CardFace:
    """The face of a card already read; with `token_key` its barcode is signed where the program asks."""
    program = programs.at_version(uow, card.program_id, card.program_version)
    merchant = merchants.merchant(uow, card.merchant_id)
    sitting = _Sitting(card, program, merchant)
    news = Text(card.news["de"], card.news["en"]) if card.news else None
    return CardFace(
        card_id=card.id,
        kind=program.kind,  # type: ignore[arg-type]  # the database's CHECK keeps it one of the four
        state=card.state_at(uow.now),  # type: ignore[arg-type]  # likewise
        version=card.version,
        merchant_id=merchant.id,
        merchant_slug=merchant.slug,
        program_id=program.id,
        program_slug=program.slug,
        design_id=_design_id(program, merchant),
        organization=merchant.name,
        title=_own_words(program, "title", Text.same(program.name)),
        description=_text(program, "description", _rule_sentence(program)),
        colors=Colors(**program.colors),
        barcode=_barcode(uow, sitting, token_key),
        code=card.code,
        balance=card.money,
        available=card.available,
        updated_at=card.updated_at,
        page_url=f"{base_url}/c/{card.page_token.lower()}",
        enrol_url=f"{base_url}/e/{program.slug}",
        fields=_fields(uow, sitting),
        images=_images(uow, program),
        stamps=_stamps(program, card),
        places=_places(uow, merchant.id),
        expires_at=_ends_at(program, card),
        news=news,
        news_at=card.news_at,
        member_name=_member_name(uow, card),
        terms=_optional_text(program, "terms"),
        website=program.texts.get("de", {}).get("website") or program.texts.get("en", {}).get("website"),
    )


def _design_id(program: ProgramView, merchant: MerchantView) -> str:
    """Equal exactly when everything is equal that all cards of a design share."""
    shared = [program.id, program.name, merchant.name, program.colors, program.images, program.texts]
    rules = program.rules.model_dump(mode="json")
    return hashlib.sha256(orjson.dumps([shared, rules], option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]


def _text(program: ProgramView, name: str, default: Text) -> Text:
    """A text of the program; a language that lacks it borrows the other's before the default is used."""
    de, en = (program.texts.get(language, {}).get(name) for language in ("de", "en"))
    return Text(de=de or en or default.de, en=en or de or default.en)


def _own_words(program: ProgramView, name: str, own: Text) -> Text:
    """A text for which the program has words of its own anyway: a language that lacks it keeps those."""
    de, en = (program.texts.get(language, {}).get(name) for language in ("de", "en"))
    return Text(de=de or own.de, en=en or own.en)


def _gives(program: ProgramView) -> Text:
    """The reward of a stamp card, the offer of a coupon; nothing for the other kinds."""
    rules = program.rules
    if isinstance(rules, StampRules):
        return _own_words(program, "reward", Text.same(rules.reward))
    if isinstance(rules, CouponRules):
        return _own_words(program, "offer", wording.offer(rules))
    return Text.same("")


def _rule_sentence(program: ProgramView) -> Text:
    return wording.rule_sentence(program.rules, _gives(program))


def _optional_text(program: ProgramView, name: str) -> Text | None:
    text = _text(program, name, Text.same(""))
    return text if text.de else None


def _stamps(program: ProgramView, card: CardView) -> Stamps | None:
    if not isinstance(program.rules, StampRules):
        return None
    required = program.rules.stamps_required
    return Stamps(filled=min(card.balance, required), required=required, rewards=card.rewards)


def _barcode(uow: UnitOfWork, sitting: _Sitting, token_key: bytes | None) -> str:
    """What a scanner reads. Only what can be used is signed, so that what is blocked runs out by itself."""
    card, program = sitting.card, sitting.program
    if token_key is None or program.barcode != "signed" or card.state_at(uow.now) != "active":
        return card.barcode
    key = signing_keys.current(uow, card.merchant_id, signed_barcode.PURPOSE)
    return card.barcode if key is None else signed_barcode.sign(card, key, token_key, uow.now)


def _fields(uow: UnitOfWork, sitting: _Sitting) -> tuple[FaceField, ...]:
    rules = sitting.program.rules
    fields: list[FaceField]
    if isinstance(rules, StampRules):
        fields = _stamp_fields(sitting, rules)
    elif isinstance(rules, CouponRules):
        fields = _coupon_fields(sitting, rules)
    elif isinstance(rules, PointsRules):
        fields = _points_fields(sitting, rules)
    else:
        fields = _gift_fields(sitting)
    state = sitting.card.state_at(uow.now)
    if state in wording.STATES:
        fields.append(FaceField("state", "auxiliary", wording.STATE, wording.STATES[state]))
    if sitting.card.owed:
        fields.append(FaceField("owed", "back", wording.OWED, wording.amount(_owed(sitting.card))))
    ending = next_ending(uow, sitting.card) if sitting.card.kind in ("stamp", "points") else None
    if ending is not None:
        value = wording.ending(ending.amount, ending.at, sitting.merchant.time_zone)
        fields.append(FaceField("runs_out", "back", wording.RUNS_OUT, value))
    how = _text(sitting.program, "how_it_works", _rule_sentence(sitting.program))
    fields.append(FaceField("how_it_works", "back", wording.HOW_IT_WORKS, how))
    return tuple(fields)


def _stamp_fields(sitting: _Sitting, rules: StampRules) -> list[FaceField]:
    card = sitting.card
    count = Text.same(f"{card.balance} / {rules.stamps_required}")
    return [
        FaceField("balance", "header", wording.STAMPS, count, change_message=wording.NOW),
        FaceField("reward", "secondary", wording.REWARD, _gives(sitting.program)),
        FaceField(
            "rewards",
            "auxiliary",
            wording.REWARDS_WAITING,
            Text.same(str(card.rewards)),
            change_message=wording.REWARDS_NOW,
        ),
    ]


def _coupon_fields(sitting: _Sitting, rules: CouponRules) -> list[FaceField]:
    fields = [FaceField("offer", "primary", wording.OFFER, _gives(sitting.program))]
    ends = _ends_at(sitting.program, sitting.card)
    if ends is not None:
        fields.append(_valid_until(sitting, ends))
    if rules.uses > 1:
        left = Text.same(f"{sitting.card.balance} / {rules.uses}")
        fields.append(FaceField("uses", "auxiliary", wording.USES_LEFT, left, change_message=wording.NOW))
    return fields


def _points_fields(sitting: _Sitting, rules: PointsRules) -> list[FaceField]:
    card = sitting.card
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


def _gift_fields(sitting: _Sitting) -> list[FaceField]:
    money = sitting.card.money
    value = wording.amount(money)
    fields = [
        FaceField("balance", "primary", wording.BALANCE, value, money=money, change_message=wording.NOW)
    ]
    if sitting.card.expires_at is not None:
        fields.append(_valid_until(sitting, sitting.card.expires_at))
    return fields


def _valid_until(sitting: _Sitting, ends: datetime) -> FaceField:
    """The last day it counts: an end at midnight is the day before."""
    return FaceField(
        "valid_until", "secondary", wording.VALID_UNTIL, wording.last_day(ends, sitting.merchant.time_zone)
    )


def _ends_at(program: ProgramView, card: CardView) -> datetime | None:
    """When the card stops counting: its own end or the offer's, whichever comes first."""
    ends = [card.expires_at, program.rules.valid_until if isinstance(program.rules, CouponRules) else None]
    return min((end for end in ends if end is not None), default=None)


def _owed(card: CardView) -> Money:
    return Money(card.owed, card.asset)


def _images(uow: UnitOfWork, program: ProgramView) -> DesignImages:
    return DesignImages(
        **{name: programs.image(uow, sha256) for name, sha256 in program.images.items() if sha256}
    )


def _places(uow: UnitOfWork, merchant_id: str) -> tuple[Place, ...]:
    query = (
        select(Location.latitude, Location.longitude, Location.name)
        .where(
            Location.merchant_id == merchant_id,
            Location.latitude.is_not(None),
            Location.longitude.is_not(None),
        )
        .order_by(Location.created_at, Location.id)
        .limit(MAX_PLACES)
    )
    return tuple(
        Place(latitude, longitude, name)
        for latitude, longitude, name in uow.conn.execute(query)
        if latitude is not None and longitude is not None
    )


def _member_name(uow: UnitOfWork, card: CardView) -> str | None:
    if card.member_id is None:
        return None
    query = select(Member.name).where(Member.merchant_id == card.merchant_id, Member.id == card.member_id)
    return uow.conn.execute(query).scalar()
