"""Campaigns: speak to members by hand, on birthdays, or when they stay away."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from passes.campaigns import audience, queries, run, service
from passes.campaigns.calendar import QuietHours
from passes.campaigns.queries import CampaignView
from passes.campaigns.rules import Audience, CampaignDraft, Grant, Message, Trigger
from passes.clock import format_rfc3339
from passes.fields import Name, Strict
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import Answered, ListQuery, page_of
from passes.web.keyed import Personal

api = Api("Campaigns")


class CampaignChanges(Strict):
    """What to change of a campaign; the rest stays."""

    name: Name | None = None
    trigger: Trigger | None = None
    audience: Audience | None = None
    message: Message | None = None
    grant: Grant | None = None
    quiet_hours: QuietHours | None = None


class AudienceRequest(Strict):
    """An audience to be counted."""

    audience: Audience


class CampaignAnswer(Answered):
    """A campaign as it stands."""

    id: str
    name: str
    state: str
    trigger: dict[str, Any]
    audience: dict[str, Any]
    message: dict[str, str]
    grant: dict[str, Any] | None
    quiet_hours: dict[str, str]
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None


class SampleMemberAnswer(Answered):
    """Somebody in an audience."""

    id: str
    first_name: str | None
    locale: str


class PreviewAnswer(Answered):
    """How many an audience has, how many of them may be spoken to, and a few of them."""

    count: int
    consenting: int
    sample: list[SampleMemberAnswer]


class ResultsAnswer(Answered):
    """What became of a campaign: dispatches, gifts, and what the reached did within 14 days."""

    planned: int
    sent: int
    suppressed: dict[str, int]
    gifts: int
    redemptions: int
    purchases: int


@api.operation(
    "POST",
    "/campaigns",
    scopes=("marketing",),
    takes=CampaignDraft,
    answers=CampaignAnswer,
    status=201,
    key="optional",
    codes=("not_found",),
)
def create_campaign(call: Call[CampaignDraft]) -> Any:
    """Draft a campaign. Nobody is spoken to before it is launched."""
    return _present(service.create(call.uow, call.merchant_id, _raw(call.body), call.caller.actor))


@api.operation("GET", "/campaigns", scopes=("marketing",), takes=ListQuery, answers=page_of(CampaignAnswer))
def list_campaigns(call: Call[ListQuery]) -> Any:
    """The merchant's campaigns, newest first."""
    found = queries.listing(call.uow, call.merchant_id, call.body.limit, call.body.cursor)
    return present.page(found, _present)


@api.operation("GET", "/campaigns/<id>", scopes=("marketing",), answers=CampaignAnswer, codes=("not_found",))
def get_campaign(call: Call[Nothing]) -> Any:
    """One campaign."""
    return _present(queries.get(call.uow, call.merchant_id, call.path["id"]))


@api.operation(
    "PATCH",
    "/campaigns/<id>",
    scopes=("marketing",),
    takes=CampaignChanges,
    answers=CampaignAnswer,
    codes=("not_found", "campaign_state"),
)
def change_campaign(call: Call[CampaignChanges]) -> Any:
    """Change a draft, or name, message and quiet hours while it is paused."""
    changed = service.change(call.uow, call.merchant_id, call.path["id"], _raw(call.body), call.caller.actor)
    return _present(changed)


@api.operation(
    "POST",
    "/campaigns/<id>/launch",
    scopes=("marketing",),
    answers=CampaignAnswer,
    key="optional",
    codes=("not_found", "campaign_state"),
)
def launch_campaign(call: Call[Nothing]) -> Any:
    """Let a draft begin or a paused campaign go on; its messages leave from now on."""
    launched = service.launch(call.uow, call.merchant_id, call.path["id"], call.caller.actor)
    database, now = call.services.database, call.uow.now
    call.after_commit.append(lambda: run.plan_at_once(database, launched.campaign, now))
    return _present(launched.campaign)


@api.operation(
    "POST",
    "/campaigns/<id>/pause",
    scopes=("marketing",),
    answers=CampaignAnswer,
    key="optional",
    codes=("not_found", "campaign_state"),
)
def pause_campaign(call: Call[Nothing]) -> Any:
    """Stop a campaign for now; what is planned waits."""
    return _present(service.pause(call.uow, call.merchant_id, call.path["id"], call.caller.actor))


@api.operation(
    "GET", "/campaigns/<id>/results", scopes=("marketing",), answers=ResultsAnswer, codes=("not_found",)
)
def campaign_results(call: Call[Nothing]) -> Any:
    """What became of a campaign so far."""
    return asdict(queries.results(call.uow, call.merchant_id, call.path["id"]))


@api.operation(
    "POST",
    "/segments/preview",
    scopes=("marketing",),
    takes=AudienceRequest,
    answers=PreviewAnswer,
    codes=("not_found",),
    key="optional",
)
def preview_segment(call: Call[AudienceRequest]) -> Any:
    """How many members an audience has now, how many of them agreed to hear from us, and a few of them."""
    found = audience.preview(call.uow, call.merchant_id, call.body.audience)
    answer = {
        "count": found.count,
        "consenting": found.consenting,
        "sample": [{"id": m.id, "first_name": m.first_name, "locale": m.locale} for m in found.sample],
    }
    return Personal(answer, None)


def _raw(body: Strict) -> dict[str, Any]:
    return body.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _present(view: CampaignView) -> present.Json:
    answer = view.as_dict()
    for name in ("created_at", "updated_at", "launched_at"):
        answer[name] = format_rfc3339(answer[name]) if answer[name] else None
    return {"audience": {}, **answer}
