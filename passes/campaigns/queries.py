"""Reading campaigns and what became of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, distinct, exists, func, literal, select

from passes.campaigns.models import Campaign, Dispatch
from passes.campaigns.rules import Audience, CampaignDraft, Grant, Message, Trigger
from passes.campaigns.sql import later
from passes.cards.models import Card
from passes.db.engine import UnitOfWork
from passes.db.paging import Page, after_cursor, as_page, newest_first
from passes.errors import NotFound
from passes.ledger.models import Transaction, Undoing

RESULT_PERIOD = timedelta(days=14)
"""How long after a message what its receiver does is counted as what it brought."""

SENDING = ("active", "finished")
"""The states in which planned dispatches go out."""


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as it stands."""

    id: str
    merchant_id: str
    state: str
    draft: CampaignDraft
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None

    @property
    def trigger(self) -> Trigger:
        """When it speaks."""
        return self.draft.trigger

    @property
    def audience(self) -> Audience:
        """To whom."""
        return self.draft.audience

    @property
    def message(self) -> Message:
        """What it says."""
        return self.draft.message

    @property
    def grant(self) -> Grant | None:
        """What it gives."""
        return self.draft.grant

    def as_dict(self) -> dict[str, Any]:
        """The form the API speaks; times are datetimes."""
        return {
            "id": self.id,
            "state": self.state,
            **stored(self.draft),
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "launched_at": self.launched_at,
        }


@dataclass(frozen=True, slots=True)
class Results:
    """What became of a campaign's dispatches, and what their receivers did in the `RESULT_PERIOD` after.

    Counts only. `redemptions` and `purchases` leave out what was undone and what the campaign itself gave.
    """

    planned: int
    sent: int
    suppressed: dict[str, int]
    gifts: int
    redemptions: int
    purchases: int


def get(uow: UnitOfWork, merchant_id: str, campaign_id: str) -> CampaignView:
    """The campaign; raises `NotFound` for an unknown one and for another merchant's."""
    query = select(Campaign.__table__).where(Campaign.merchant_id == merchant_id, Campaign.id == campaign_id)
    row = uow.conn.execute(query).first()
    if row is None:
        raise NotFound("There is no such campaign.")
    return _view(row)


def listing(uow: UnitOfWork, merchant_id: str, limit: int, cursor: str | None) -> Page[CampaignView]:
    """The merchant's campaigns, newest first."""
    query = select(Campaign.__table__).where(
        Campaign.merchant_id == merchant_id, *after_cursor(cursor, Campaign.created_at, Campaign.id)
    )
    rows = uow.conn.execute(newest_first(query, Campaign.created_at, Campaign.id, limit)).all()
    return as_page([_view(row) for row in rows], limit)


def all_active(uow: UnitOfWork) -> list[CampaignView]:
    """Every merchant's campaigns that look for occasions, in the order they were launched."""
    query = select(Campaign.__table__).where(Campaign.state == "active")
    return [_view(row) for row in uow.conn.execute(query.order_by(Campaign.launched_at, Campaign.id))]


def results(uow: UnitOfWork, merchant_id: str, campaign_id: str) -> Results:
    """What became of a campaign so far; raises `NotFound`."""
    get(uow, merchant_id, campaign_id)
    return results_of(uow, merchant_id, [campaign_id])[campaign_id]


def results_of(uow: UnitOfWork, merchant_id: str, campaign_ids: Collection[str]) -> dict[str, Results]:
    """What became of some campaigns of the merchant so far, by id, in as many queries as for one."""
    mine = (Dispatch.merchant_id == merchant_id, Dispatch.campaign_id.in_(campaign_ids))
    query = select(
        Dispatch.campaign_id,
        Dispatch.state,
        Dispatch.reason,
        func.count().label("n"),
        func.count(Dispatch.gift_card_id).label("gifts"),
    )
    rows: dict[str, list[Any]] = {campaign_id: [] for campaign_id in campaign_ids}
    for row in uow.conn.execute(
        query.where(*mine).group_by(Dispatch.campaign_id, Dispatch.state, Dispatch.reason)
    ):
        rows[row.campaign_id].append(row)
    redemptions = _brought(uow, mine, ("redeem", "capture"))
    purchases = _brought(uow, mine, ("earn", "load"))
    return {
        campaign_id: Results(
            planned=sum(row.n for row in counted if row.state == "planned"),
            sent=sum(row.n for row in counted if row.state == "sent"),
            suppressed={row.reason: row.n for row in counted if row.state == "suppressed"},
            gifts=sum(row.gifts for row in counted),
            redemptions=redemptions.get(campaign_id, 0),
            purchases=purchases.get(campaign_id, 0),
        )
        for campaign_id, counted in rows.items()
    }


def _brought(
    uow: UnitOfWork, mine: tuple[ColumnElement[bool], ...], types: tuple[str, ...]
) -> dict[str, int]:
    """How many transactions of these types followed the messages of each campaign."""
    after_sending = and_(
        Transaction.created_at > Dispatch.sent_at,
        Transaction.created_at < later(Dispatch.sent_at, RESULT_PERIOD),
    )
    undone = exists().where(Undoing.transaction_id == Transaction.id, Undoing.undone == Undoing.total)
    query = (
        select(Dispatch.campaign_id, func.count(distinct(Transaction.id)))
        .join(Card, and_(Card.member_id == Dispatch.member_id, Card.merchant_id == Dispatch.merchant_id))
        .join(Transaction, and_(Transaction.card_id == Card.id, after_sending))
        .where(*mine, Dispatch.state == "sent", Transaction.type.in_(types), ~undone)
        .where(Transaction.actor != literal(actor_of("")) + Dispatch.campaign_id)
        .group_by(Dispatch.campaign_id)
    )
    return {row[0]: row[1] for row in uow.conn.execute(query)}


def actor_of(campaign_id: str) -> str:
    """How a campaign signs what it does."""
    return f"campaign:{campaign_id}"


def stored(draft: CampaignDraft) -> dict[str, Any]:
    """A draft as JSON, in its author's words and without what was left out."""
    return {
        "name": draft.name,
        "trigger": draft.trigger.model_dump(mode="json", exclude_none=True),
        "audience": draft.audience.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
        "message": draft.message.model_dump(mode="json"),
        "grant": None if draft.grant is None else draft.grant.model_dump(mode="json", exclude_none=True),
        "quiet_hours": draft.quiet_hours.model_dump(mode="json", by_alias=True),
    }


def _view(row: Row[Any]) -> CampaignView:
    draft = CampaignDraft.model_validate(
        {
            "name": row.name,
            "trigger": row.trigger,
            "audience": row.audience,
            "message": row.message,
            "grant": row.gift,
            "quiet_hours": row.quiet_hours,
        }
    )
    return CampaignView(
        row.id, row.merchant_id, row.state, draft, row.created_at, row.updated_at, row.launched_at
    )
