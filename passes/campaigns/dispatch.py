"""One message to one member: planned, judged at the moment it would go out, and sent with its gift.

Sending is putting the news on the member's cards and telling the outbox, in one transaction with the
dispatch's own change of state; the phones hear of it after the commit like of every other change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from passes.campaigns.audience import consents_to_wallet, in_program, live_cards
from passes.campaigns.calendar import local_date, next_allowed
from passes.campaigns.governor import (
    CAP_PERIOD,
    GIFT_REFUSED,
    MEMBER_ERASED,
    NO_ACTIVE_CARD,
    SEND,
    Facts,
    Verdict,
    card_of,
    judge,
    lapse_occasion,
    suppressed,
)
from passes.campaigns.models import Campaign, Dispatch
from passes.campaigns.occasions import Occasion
from passes.campaigns.queries import SENDING, CampaignView, actor_of
from passes.campaigns.queries import get as get_campaign
from passes.campaigns.text import Values, first_name, render
from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards import wording
from passes.cards.endings import Ending, next_ending
from passes.cards.face import Text
from passes.cards.models import Card
from passes.cards.rules import CardView
from passes.db.engine import UnitOfWork
from passes.errors import Refusal
from passes.ids import new_id
from passes.members.models import Member
from passes.members.rules import birthday_in
from passes.merchants import queries as merchants
from passes.outbox import service as outbox
from passes.programs import queries as programs
from passes.programs.models import Program
from passes.programs.rules import CouponRules
from passes.redemption import service as redemption

MESSAGE = "card.message"
"""The outbox topic of a message to the holder of a card."""

log = structlog.get_logger(__name__)


def plan(uow: UnitOfWork, campaign: CampaignView, occasions: Sequence[Occasion]) -> int:
    """Write down that these members are to hear of these occasions, once; returns how many were new."""
    rows = [
        {
            "id": new_id("disp"),
            "merchant_id": campaign.merchant_id,
            "campaign_id": campaign.id,
            "member_id": occasion.member_id,
            "occasion": occasion.key,
            "state": "planned",
            "due_at": next_allowed(uow.now, occasion.time_zone, campaign.draft.quiet_hours),
            "created_at": uow.now,
        }
        # In one order whoever plans, so that two runs wait for each other and never in a circle.
        for occasion in sorted(occasions, key=lambda o: (o.member_id, o.key))
    ]
    if not rows:
        return 0
    # One prepared statement, row by row: five times as fast as one statement that spells out every row.
    dialect = sqlite if uow.conn.dialect.name == "sqlite" else postgresql
    missing = dialect.insert(Dispatch).on_conflict_do_nothing()
    return uow.conn.execute(missing.execution_options(preserve_rowcount=True), rows).rowcount


def send(uow: UnitOfWork, dispatch_id: str, base_url: str) -> Verdict | None:
    """Carry out one dispatch, whatever becomes of it; None when somebody else has it or it is not due.

    `base_url` is where this installation's card pages are. The first statement decides who carries it out.
    """
    claimed = uow.conn.execute(
        update(Dispatch)
        .where(Dispatch.id == dispatch_id, Dispatch.state == "planned", Dispatch.due_at <= uow.now)
        .where(Dispatch.campaign_id.in_(select(Campaign.id).where(Campaign.state.in_(SENDING))))
        .values(state="sent", sent_at=uow.now)
        .returning(
            Dispatch.id, Dispatch.merchant_id, Dispatch.campaign_id, Dispatch.member_id, Dispatch.occasion
        )
    ).first()
    if claimed is None:
        return None
    campaign = get_campaign(uow, claimed.merchant_id, claimed.campaign_id)
    _lock_member(uow, claimed.merchant_id, claimed.member_id)
    verdict = verdict_on(uow, campaign, claimed.member_id, claimed.occasion, claimed.id)
    if verdict == SEND:
        verdict = _deliver_or_not(uow, campaign, claimed, base_url)
    if verdict != SEND:
        changes: dict[str, Any] = {"state": verdict.state, "reason": verdict.reason, "sent_at": None}
        if verdict.due_at is not None:
            changes["due_at"] = verdict.due_at
        uow.conn.execute(update(Dispatch).where(Dispatch.id == claimed.id).values(changes))
    return verdict


def verdict_on(
    uow: UnitOfWork,
    campaign: CampaignView,
    member_id: str | None,
    occasion: str,
    dispatch_id: str | None = None,
) -> Verdict:
    """What would become now of a dispatch to this member; reads only."""
    query = select(
        Member.time_zone, Member.birth_month_day, consents_to_wallet(campaign.merchant_id).label("consented")
    ).where(Member.merchant_id == campaign.merchant_id, Member.id == member_id)
    member = uow.conn.execute(query).first()
    if member is None or member_id is None:
        return suppressed(MEMBER_ERASED)
    kinds = {row.kind for row in _live(uow, campaign, member_id, occasion)}
    gives_stamps = campaign.grant is not None and campaign.grant.stamps is not None
    facts = Facts(
        time_zone=member.time_zone,
        consented=member.consented,
        has_card=bool(kinds),
        takes_gift="stamp" in kinds or not gives_stamps,
        sent_lately=_sent_lately(uow, campaign.merchant_id, member_id, dispatch_id),
        birthday=_birthday(member, occasion),
        still_lapsed=campaign.trigger.type != "inactivity"
        or _is_lapse(uow, campaign, member_id, member, occasion),
        still_ends=campaign.trigger.type != "expiry" or _ending(uow, campaign, occasion) is not None,
    )
    return judge(facts, uow.now, campaign.draft.quiet_hours)


def _lock_member(uow: UnitOfWork, merchant_id: str, member_id: str | None) -> None:
    # Two messages to one member take turns, so that each counts the other against the cap. A statement of
    # its own: what is read together with a lock may be from before the wait for it.
    query = select(Member.id).where(Member.merchant_id == merchant_id, Member.id == member_id)
    uow.conn.execute(query.with_for_update(key_share=True))


def _ending(uow: UnitOfWork, campaign: CampaignView, occasion: str) -> Ending | None:
    """What the reminder is about, if it still ends within the campaign's days."""
    card_id = card_of(occasion)
    if card_id is None:
        return None
    ending = next_ending(uow, cards.get(uow, campaign.merchant_id, card_id))
    soon = uow.now + timedelta(days=campaign.trigger.days or 0)
    return ending if ending is not None and ending.at <= soon else None


def _live(uow: UnitOfWork, campaign: CampaignView, member_id: str, occasion: str) -> Sequence[Row[str, str]]:
    """Id and kind of the cards the message would be put on, in the order cards are locked in."""
    query = (
        select(Card.id, Program.kind)
        .join(Program, Program.id == Card.program_id)
        .where(Card.member_id == member_id, *live_cards(campaign.merchant_id, campaign.audience, uow.now))
        .order_by(Card.id)
    )
    if (only := card_of(occasion)) is not None:
        query = query.where(Card.id == only)
    return uow.conn.execute(query).all()


def _sent_lately(uow: UnitOfWork, merchant_id: str, member_id: str, dispatch_id: str | None) -> int:
    query = select(func.count()).where(
        Dispatch.merchant_id == merchant_id,
        Dispatch.member_id == member_id,
        Dispatch.state == "sent",
        Dispatch.sent_at > uow.now - CAP_PERIOD,
        Dispatch.id != (dispatch_id or ""),
    )
    return uow.conn.execute(query).scalar_one()


def _birthday(member: Row[*tuple[Any, ...]], occasion: str) -> date | None:
    kind, _, year = occasion.partition(":")
    if kind != "birthday" or member.birth_month_day is None:
        return None
    return birthday_in(member.birth_month_day, int(year))


def _is_lapse(
    uow: UnitOfWork, campaign: CampaignView, member_id: str, member: Row[*tuple[Any, ...]], occasion: str
) -> bool:
    """Whether the member is still in the lapse the dispatch is about."""
    query = select(func.max(Card.last_purchase_at)).where(
        Card.merchant_id == campaign.merchant_id,
        Card.member_id == member_id,
        *in_program(Card, campaign.audience),
    )
    last: datetime | None = uow.conn.execute(query).scalar()
    return last is not None and lapse_occasion(local_date(last, member.time_zone)) == occasion


@dataclass(frozen=True, slots=True)
class _Gift:
    card_id: str
    coupon: CardView | None = None


def _deliver_or_not(
    uow: UnitOfWork, campaign: CampaignView, dispatch: Row[*tuple[Any, ...]], base_url: str
) -> Verdict:
    """Deliver whole, or not at all: nobody is told of a gift that the rules then refuse."""
    try:
        with uow.savepoint():
            return _deliver(uow, campaign, dispatch, base_url)
    except Refusal as refusal:
        log.warning("campaign_gift_refused", campaign=campaign.id, dispatch=dispatch.id, code=refusal.code)
        return suppressed(GIFT_REFUSED)


def _deliver(
    uow: UnitOfWork, campaign: CampaignView, dispatch: Row[*tuple[Any, ...]], base_url: str
) -> Verdict:
    ids = [row.id for row in _live(uow, campaign, dispatch.member_id, dispatch.occasion)]
    held = [cards.lock(uow, campaign.merchant_id, card_id=card_id) for card_id in ids]
    held = [card for card in held if card.state_at(uow.now) == "active"]
    if not held:
        return suppressed(NO_ACTIVE_CARD)
    gift = _give(uow, campaign, dispatch.member_id, held)
    if gift is not None:
        uow.conn.execute(update(Dispatch).where(Dispatch.id == dispatch.id).values(gift_card_id=gift.card_id))
    coupon = gift.coupon if gift is not None else None
    merchant = merchants.merchant(uow, campaign.merchant_id)
    ending = _ending(uow, campaign, dispatch.occasion)
    last_day = None if ending is None else wording.last_day(ending.at, merchant.time_zone)
    name = uow.conn.execute(select(Member.name).where(Member.id == dispatch.member_id)).scalar()
    link = f"{base_url}/c/{coupon.page_token.lower()}" if coupon is not None else None
    for card in held:
        balance = ending.amount if ending else cards.get(uow, campaign.merchant_id, card.id).money
        values = Values(first_name(name), balance, merchant.name, link, last_day)
        _put_on(uow, card, dispatch.id, Text.same(merchant.name), render(campaign.message.text, values))
    return SEND


def _put_on(uow: UnitOfWork, card: CardView, dispatch_id: str, header: Text, body: Text) -> None:
    version = card_service.set_news(uow, card.merchant_id, card.id, body, uow.now)
    details = {
        "message_id": dispatch_id,
        "header": {"de": header.de, "en": header.en},
        "body": {"de": body.de, "en": body.en},
    }
    outbox.enqueue(uow, card.merchant_id, MESSAGE, card.id, version, details)


def _give(uow: UnitOfWork, campaign: CampaignView, member_id: str, held: Sequence[CardView]) -> _Gift | None:
    """The gift, if the campaign has one; raises `Refusal` when it cannot be given."""
    grant, actor = campaign.grant, actor_of(campaign.id)
    if grant is None:
        return None
    if grant.stamps is not None:
        stamp_card = next((card for card in held if card.kind == "stamp"), None)
        if stamp_card is None:
            raise Refusal("card_not_active", "The member's stamp card has just been closed.")
        redemption.add_stamps(uow, campaign.merchant_id, stamp_card.id, grant.stamps, actor)
        return _Gift(stamp_card.id)
    program = programs.get(uow, campaign.merchant_id, grant.program_id or "")
    ends = program.rules.valid_until if isinstance(program.rules, CouponRules) else None
    if ends is not None and ends <= uow.now:
        raise Refusal("offer_not_applicable", "The coupon's offer has ended.", reason="no_longer_valid")
    coupon = card_service.issue(uow, program, actor=actor, member_id=member_id)
    return _Gift(coupon.id, coupon)
