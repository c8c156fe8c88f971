"""Which members have a reason to hear from a campaign now.

Derived from the members and their cards each time, never remembered, so that a run that did not happen is
made up for by the next one. What was planned before is left out here for speed; that nothing is planned
twice is the unique key's doing.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from passes.campaigns.audience import (
    by_zone,
    in_program,
    lapsed_before,
    live_cards,
    member_zones,
    members_in,
)
from passes.campaigns.calendar import birthdays_on, local_date
from passes.campaigns.governor import (
    birthday_occasion,
    ending_occasion,
    greeted_days,
    lapse_occasion,
    launch_occasion,
)
from passes.campaigns.models import Dispatch
from passes.campaigns.queries import CampaignView
from passes.cards.models import Card
from passes.db.engine import UnitOfWork
from passes.ledger.models import Transaction
from passes.members.models import Member
from passes.merchants import queries as merchants
from passes.redemption.offline import REACH

BATCH = 500
"""Occasions that are read, planned and committed at a time."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reason to speak to one member once; `key` says which."""

    member_id: str
    time_zone: str
    key: str


def due(
    uow: UnitOfWork, campaign: CampaignView, now: datetime, since: datetime | None = None
) -> Generator[list[Occasion], None, None]:
    """What has come due for an active campaign at `now` and is not planned yet, in batches.

    `since` is when the campaign was last looked at, if the caller knows: lapses whose day came earlier
    are then left out, which saves reading every absent member again. None looks at all. Who may leave
    before the end closes it before the unit of work.
    """
    zones = member_zones(uow, campaign.merchant_id)
    if campaign.trigger.type == "birthday":
        yield from _birthdays(uow, campaign, now, zones)
    elif campaign.trigger.type == "inactivity":
        yield from _lapses(uow, campaign, now, since, zones)
    elif campaign.trigger.type == "expiry":
        yield from _endings(uow, campaign, now, since, zones)
    else:
        yield from _launch(uow, campaign, zones)


def _birthdays(
    uow: UnitOfWork, campaign: CampaignView, now: datetime, zones: list[str]
) -> Iterator[list[Occasion]]:
    where = members_in(campaign.merchant_id, campaign.audience, now, zones)
    for day, there in greeted_days(now, zones, campaign.launched_at or now).items():
        key = birthday_occasion(day)
        born = (Member.birth_month_day.in_(birthdays_on(day)), Member.time_zone.in_(there))
        query = select(Member.id, Member.time_zone).where(*where, *born, _unplanned(campaign, key))
        for rows in _stream(uow, query):
            yield [Occasion(row.id, row.time_zone, key) for row in rows]


def _lapses(
    uow: UnitOfWork, campaign: CampaignView, now: datetime, since: datetime | None, zones: list[str]
) -> Iterator[list[Occasion]]:
    days = campaign.trigger.days or 0
    if not zones:
        return
    until = lapsed_before(now, days, zones)
    purchased = [Card.last_purchase_at < max(until.values()), Card.last_purchase_at < by_zone(until)]
    if since is not None and since > campaign.updated_at:
        # The day on which `since` fell is looked at again: it may have been cut short.
        first = min(lapsed_before(since, days + 1, zones).values())
        purchased.append(Card.last_purchase_at >= first)
        purchased.append(Member.id.in_(_seen_between(campaign.merchant_id, first, max(until.values()))))
    query = (
        select(Member.id, Member.time_zone, Card.last_purchase_at)
        .join(Card, and_(Card.member_id == Member.id, Card.merchant_id == Member.merchant_id))
        .where(*members_in(campaign.merchant_id, campaign.audience, now, zones))
        .where(*purchased, *in_program(Card, campaign.audience), _is_members_last(campaign))
    )
    for rows in _stream(uow, query):
        lapses = [
            Occasion(row.id, row.time_zone, lapse_occasion(local_date(row.last_purchase_at, row.time_zone)))
            for row in rows
        ]
        yield _without_planned(uow, campaign, lapses)


def _seen_between(merchant_id: str, first: datetime, until: datetime) -> Select[str | None]:
    """The members on whose cards something was booked then, or was later told to have happened then.

    Every last purchase has its entry, on the card or on one whose place it took, which is the same member's.
    So the entries' index finds them, and the cards need none that every sale would have to keep up.
    """
    bought = aliased(Card)
    return (
        select(bought.member_id)
        .join(Transaction, Transaction.card_id == bought.id)
        .where(
            Transaction.merchant_id == merchant_id,
            Transaction.created_at >= first,
            Transaction.created_at < until + REACH,
            bought.member_id.is_not(None),
        )
    )


def _endings(
    uow: UnitOfWork, campaign: CampaignView, now: datetime, since: datetime | None, zones: list[str]
) -> Iterator[list[Occasion]]:
    """Cards on which something runs out within the days; what it comes to is asked when it is said."""
    days = campaign.trigger.days or 1
    after, until = now, now + timedelta(days=days)
    if since is not None and since > campaign.updated_at:
        after = max(now, since + timedelta(days=days - 1))
    zone = merchants.merchant(uow, campaign.merchant_id).time_zone
    query = (
        select(Member.id, Member.time_zone, Card.id.label("card_id"), Card.lots_due_at, Card.expires_at)
        .join(Card, and_(Card.member_id == Member.id, Card.merchant_id == Member.merchant_id))
        .where(*members_in(campaign.merchant_id, campaign.audience, now, zones))
        .where(*live_cards(campaign.merchant_id, campaign.audience, now))
        .where(or_(_within(Card.lots_due_at, after, until), _within(Card.expires_at, after, until)))
    )
    for rows in _stream(uow, query):
        found = []
        for row in rows:
            end = min(end for end in (row.lots_due_at, row.expires_at) if end is not None and end > after)
            last_day = local_date(end - timedelta(microseconds=1), zone)
            found.append(Occasion(row.id, row.time_zone, ending_occasion(row.card_id, last_day, days)))
        yield _without_planned(uow, campaign, found)


def _within(column: Any, after: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(column > after, column <= until)


def _is_members_last(campaign: CampaignView) -> ColumnElement[bool]:
    """That no other card of the member saw a later purchase; of two in the same instant one counts."""
    other = aliased(Card)
    later = or_(
        other.last_purchase_at > Card.last_purchase_at,
        and_(other.last_purchase_at == Card.last_purchase_at, other.id > Card.id),
    )
    return ~exists().where(
        other.merchant_id == campaign.merchant_id,
        other.member_id == Card.member_id,
        later,
        *in_program(other, campaign.audience),
    )


def _launch(uow: UnitOfWork, campaign: CampaignView, zones: list[str]) -> Iterator[list[Occasion]]:
    """The audience as it was at the launch, so that planning it late or twice reaches nobody else."""
    launched_at = campaign.launched_at
    if launched_at is None:
        return
    key = launch_occasion(launched_at)
    had_a_card = exists().where(Card.member_id == Member.id, Card.created_at <= launched_at)
    where = members_in(campaign.merchant_id, campaign.audience, launched_at, zones)
    query = select(Member.id, Member.time_zone).where(*where, had_a_card, _unplanned(campaign, key))
    for rows in _stream(uow, query):
        yield [Occasion(row.id, row.time_zone, key) for row in rows]


def _unplanned(campaign: CampaignView, key: str) -> ColumnElement[bool]:
    return ~exists().where(
        Dispatch.campaign_id == campaign.id, Dispatch.member_id == Member.id, Dispatch.occasion == key
    )


def _without_planned(uow: UnitOfWork, campaign: CampaignView, found: list[Occasion]) -> list[Occasion]:
    """Those of `found` not planned yet; which lapse it is only the calendar knows, so not asked in SQL."""
    query = select(Dispatch.member_id, Dispatch.occasion).where(
        Dispatch.campaign_id == campaign.id, Dispatch.member_id.in_([o.member_id for o in found])
    )
    planned = {(row.member_id, row.occasion) for row in uow.conn.execute(query)}
    return [o for o in found if (o.member_id, o.key) not in planned]


def _stream(uow: UnitOfWork, query: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Row[*tuple[Any, ...]]]]:
    """The rows in batches; however many there are, only one batch is held."""
    with uow.conn.execute(query.execution_options(yield_per=BATCH)) as result:
        yield from result.partitions()
