"""Whom a campaign means, as one SQL condition over members.

The calendar is worked out beforehand for the handful of zones the members live in, so that the database
only compares instants.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from passes.campaigns.calendar import local_date, start_of_day
from passes.campaigns.rules import Audience
from passes.campaigns.sql import has_tag
from passes.campaigns.text import first_name
from passes.cards.models import Card
from passes.db.base import UtcDateTime
from passes.db.engine import UnitOfWork
from passes.ledger.models import Account, Transaction
from passes.ledger.rules import BALANCE
from passes.members.models import Consent, Member
from passes.merchants import queries as merchants
from passes.money import USE
from passes.programs import queries as programs

SAMPLE_SIZE = 5


@dataclass(frozen=True, slots=True)
class SampleMember:
    """One of the people a campaign would reach."""

    id: str
    first_name: str | None
    locale: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How many members an audience has, how many of them agreed to hear from us, and a few of them."""

    count: int
    consenting: int
    sample: tuple[SampleMember, ...]


def preview(uow: UnitOfWork, merchant_id: str, audience: Audience) -> Preview:
    """Count an audience as it is now; raises `NotFound` like `require_known`."""
    require_known(uow, merchant_id, audience)
    zones = member_zones(uow, merchant_id)
    where = members_in(merchant_id, audience, uow.now, zones)
    consenting = func.count(case((consents_to_wallet(merchant_id), 1)))
    counts = uow.conn.execute(select(func.count(), consenting).select_from(Member).where(*where)).one()
    sample = (
        select(Member.id, Member.name, Member.locale).where(*where).order_by(Member.id).limit(SAMPLE_SIZE)
    )
    rows = uow.conn.execute(sample)
    people = tuple(SampleMember(row.id, first_name(row.name), row.locale) for row in rows)
    return Preview(counts[0], counts[1], people)


def require_known(uow: UnitOfWork, merchant_id: str, audience: Audience) -> None:
    """Raise `NotFound` unless the program and the location an audience names are the merchant's."""
    if audience.program_id is not None:
        programs.get(uow, merchant_id, audience.program_id)
    if audience.location_id is not None:
        merchants.location(uow, merchant_id, audience.location_id)


def member_zones(uow: UnitOfWork, merchant_id: str) -> list[str]:
    """The time zones the merchant's members live in."""
    query = select(Member.time_zone).where(Member.merchant_id == merchant_id).distinct()
    return sorted(uow.conn.execute(query).scalars())


def members_in(
    merchant_id: str, audience: Audience, at: datetime, zones: list[str]
) -> list[ColumnElement[bool]]:
    """The conditions on `Member` that make the audience, as of `at`.

    Everybody in an audience has a card there that they can still use.
    """
    card = aliased(Card)
    conditions = [
        Member.merchant_id == merchant_id,
        exists().where(card.member_id == Member.id, *live_cards(merchant_id, audience, at, card)),
    ]
    if audience.birthday_month is not None:
        first = audience.birthday_month * 100
        conditions.append(Member.birth_month_day.between(first + 1, first + 31))
    if audience.inactive_days is not None:
        conditions += _inactive(merchant_id, audience, audience.inactive_days, at, zones)
    if audience.location_id is not None:
        conditions.append(_was_at(merchant_id, audience.location_id))
    return conditions + [has_tag(Member.tags, tag) for tag in audience.tags]


def live_cards(
    merchant_id: str, audience: Audience, at: datetime, card: type[Card] = Card
) -> list[ColumnElement[bool]]:
    """The conditions on `card` for the cards an audience is about: usable at `at`, and with enough on them.

    A coupon that is used up is not usable, although nothing about the card itself has changed.
    """
    enough = [or_(Account.asset != USE, Account.balance > 0)]
    if audience.balance_min is not None:
        enough.append(Account.balance >= audience.balance_min)
    conditions = [
        card.merchant_id == merchant_id,
        card.state == "active",
        or_(card.expires_at.is_(None), card.expires_at > at),
        exists().where(Account.card_id == card.id, Account.role == BALANCE, *enough),
    ]
    return conditions + in_program(card, audience)


def in_program(card: type[Card], audience: Audience) -> list[ColumnElement[bool]]:
    """The condition on `card` (the model or an alias) that it is of the program the audience names."""
    return [] if audience.program_id is None else [card.program_id == audience.program_id]


def consents_to_wallet(merchant_id: str) -> ColumnElement[bool]:
    """Whether `Member` currently agrees to marketing in the wallet: the newest word counts, silence is no."""
    newest: ScalarSelect[bool] = (
        select(Consent.granted)
        .where(
            Consent.merchant_id == merchant_id,
            Consent.member_id == Member.id,
            Consent.purpose == "marketing",
            Consent.channel == "wallet",
        )
        .order_by(Consent.id.desc())
        .limit(1)
        .correlate(Member)
        .scalar_subquery()
    )
    return func.coalesce(newest, literal(False))


def lapsed_before(at: datetime, days: int, zones: list[str]) -> dict[str, datetime]:
    """By zone, the instant before which a last purchase must lie for `days` days to have passed at `at`.

    Days are the calendar's: bought on the 1st, one day has come on the 2nd, at midnight.
    """
    return {zone: start_of_day(local_date(at, zone) - timedelta(days=days - 1), zone) for zone in zones}


def by_zone(instants: dict[str, datetime]) -> ColumnElement[datetime]:
    """The instant for the member's own zone; NULL for a zone that is not listed."""
    typed = {zone: literal(instant, UtcDateTime()) for zone, instant in instants.items()}
    return case(typed, value=Member.time_zone) if typed else literal(None, UtcDateTime())


def _inactive(
    merchant_id: str, audience: Audience, days: int, at: datetime, zones: list[str]
) -> list[ColumnElement[bool]]:
    cutoff = by_zone(lapsed_before(at, days, zones))
    card = aliased(Card)
    mine = and_(card.merchant_id == merchant_id, card.member_id == Member.id, *in_program(card, audience))
    return [
        exists().where(mine, card.last_purchase_at < cutoff),
        ~exists().where(mine, card.last_purchase_at >= cutoff),
    ]


def _was_at(merchant_id: str, location_id: str) -> ColumnElement[bool]:
    card = aliased(Card)
    return exists().where(
        card.merchant_id == merchant_id,
        card.member_id == Member.id,
        Transaction.card_id == card.id,
        Transaction.location_id == location_id,
    )
