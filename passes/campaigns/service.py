"""Making, changing, launching and stopping campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, insert, select, update

from passes.audit import service as audit
from passes.campaigns import queries
from passes.campaigns.audience import preview, require_known
from passes.campaigns.models import Campaign, Dispatch
from passes.campaigns.queries import CampaignView, stored
from passes.campaigns.rules import FIXED_BY_LAUNCH, CampaignDraft, parse
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, Refusal
from passes.ids import new_id
from passes.programs import queries as programs


class CampaignState(Refusal):
    """The campaign's state does not allow this; `state` says which it is in."""

    def __init__(self, state: str, detail: str) -> None:
        super().__init__("campaign_state", detail, state=state)


@dataclass(frozen=True, slots=True)
class Launched:
    """A campaign that has just been launched, and how many members its audience has at this moment."""

    campaign: CampaignView
    audience_count: int


def create(uow: UnitOfWork, merchant_id: str, raw: Mapping[str, Any], actor: str) -> CampaignView:
    """Make a draft out of what its author wrote (see `rules.CampaignDraft`).

    Raises `FieldError` naming every wrong field, `NotFound` for a program or location that is not there.
    """
    draft = parse(raw)
    _check_references(uow, merchant_id, draft)
    campaign_id = new_id("camp")
    row = {"id": campaign_id, "merchant_id": merchant_id, "state": "draft", "created_at": uow.now}
    uow.conn.execute(insert(Campaign).values(**row, **_columns(uow, draft)))
    audit.record(uow, merchant_id, actor, "campaigns.create", campaign_id, trigger=draft.trigger.type)
    return queries.get(uow, merchant_id, campaign_id)


def change(
    uow: UnitOfWork, merchant_id: str, campaign_id: str, changes: Mapping[str, Any], actor: str
) -> CampaignView:
    """Change what is given; everything in a draft, name, message and quiet hours while paused.

    Raises like `create`, and `CampaignState` for a campaign that is running or over.
    """
    campaign = queries.get(uow, merchant_id, campaign_id)
    if campaign.state not in ("draft", "paused"):
        raise CampaignState(campaign.state, "A running campaign cannot be changed; pause it first.")
    before = stored(campaign.draft)
    draft = parse({**before, **changes})
    fixed = [name for name in FIXED_BY_LAUNCH if before[name] != stored(draft)[name]]
    if campaign.launched_at is not None and fixed:
        raise FieldError(fixed[0], "stays as it was launched; make another campaign instead")
    _check_references(uow, merchant_id, draft)
    _move(uow, campaign, ("draft", "paused"), **_columns(uow, draft))
    audit.record(uow, merchant_id, actor, "campaigns.change", campaign_id, fields=sorted(changes))
    return queries.get(uow, merchant_id, campaign_id)


def launch(uow: UnitOfWork, merchant_id: str, campaign_id: str, actor: str) -> Launched:
    """Let a draft begin, or a paused campaign go on.

    Nobody is spoken to here: after the commit `run.plan_at_once` plans the audience of a campaign by hand,
    and the next run sends. A campaign by hand is launched once; going on after a pause, it reaches nobody
    twice.
    """
    campaign = queries.get(uow, merchant_id, campaign_id)
    launched_at = campaign.launched_at or uow.now
    _move(uow, campaign, ("draft", "paused"), state="active", launched_at=launched_at, updated_at=uow.now)
    audit.record(uow, merchant_id, actor, "campaigns.launch", campaign_id)
    count = preview(uow, merchant_id, campaign.audience).count
    return Launched(queries.get(uow, merchant_id, campaign_id), count)


def pause(uow: UnitOfWork, merchant_id: str, campaign_id: str, actor: str) -> CampaignView:
    """Stop a campaign for now: what is planned waits, nothing new is planned."""
    campaign = queries.get(uow, merchant_id, campaign_id)
    if campaign.state == "finished" and not _has_planned(uow, campaign):
        raise CampaignState(campaign.state, "The campaign is over; there is nothing left to stop.")
    _move(uow, campaign, ("active", "finished"), state="paused", updated_at=uow.now)
    audit.record(uow, merchant_id, actor, "campaigns.pause", campaign_id)
    return queries.get(uow, merchant_id, campaign_id)


def _has_planned(uow: UnitOfWork, campaign: CampaignView) -> bool:
    query = exists().where(Dispatch.campaign_id == campaign.id, Dispatch.state == "planned")
    return bool(uow.conn.execute(select(query)).scalar())


def _move(uow: UnitOfWork, campaign: CampaignView, allowed: tuple[str, ...], **values: Any) -> None:
    moved = uow.conn.execute(
        update(Campaign).where(Campaign.id == campaign.id, Campaign.state.in_(allowed)).values(**values)
    )
    if moved.rowcount != 1:
        raise CampaignState(
            campaign.state, f"The campaign is {campaign.state}; this needs {' or '.join(allowed)}."
        )


def _columns(uow: UnitOfWork, draft: CampaignDraft) -> dict[str, Any]:
    columns = stored(draft)
    return {"gift": columns.pop("grant"), **columns, "updated_at": uow.now}


def _check_references(uow: UnitOfWork, merchant_id: str, draft: CampaignDraft) -> None:
    require_known(uow, merchant_id, draft.audience)
    grant, program_id = draft.grant, draft.audience.program_id
    if grant is None:
        return
    program = None if program_id is None else programs.get(uow, merchant_id, program_id)
    if grant.stamps is not None and program is not None and program.kind != "stamp":
        raise FieldError("grant.stamps", "the audience's program has no stamps to give")
    if grant.program_id is not None and programs.get(uow, merchant_id, grant.program_id).kind != "coupon":
        raise FieldError("grant.program_id", "must be a coupon program")
