"""What a campaign is: when it speaks, to whom, what it says and what it gives. No I/O.

These types are what a marketer writes (over HTTP, in a file, on the page), what is checked, and what is
stored; a wrong field is named the way its author wrote it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from passes.campaigns.calendar import QuietHours
from passes.campaigns.text import EXPIRES, GIFT_LINK, MAX_MESSAGE, PLACEHOLDERS, check_placeholders
from passes.cards.face import LANGUAGES, Text
from passes.errors import FieldError
from passes.fields import Id, Line, Name, Strict, Whole, checked, not_blank
from passes.members.rules import Tags
from passes.money import MAX_AMOUNT

Days = Annotated[Whole, Field(ge=1, le=3650)]

Body = Annotated[Line, Field(min_length=1, max_length=MAX_MESSAGE), AfterValidator(not_blank)]


class Trigger(Strict):
    """When a campaign speaks.

    Once, by hand; on birthdays; when nothing was bought for `days` days; or `days` days before something on
    a card runs out.
    """

    type: Literal["manual", "birthday", "inactivity", "expiry"]
    days: Days | None = None


class Audience(Strict):
    """Whom a campaign means: members with a live card who meet every condition given.

    `balance_min` counts what the card counts (cents, stamps, points, uses); `inactive_days` wants a last
    purchase at least that many days ago; with several `tags` a member needs all of them.
    """

    program_id: Id | None = None
    location_id: Id | None = None
    inactive_days: Days | None = None
    birthday_month: Annotated[Whole, Field(ge=1, le=12)] | None = None
    balance_min: Annotated[Whole, Field(ge=1, le=MAX_AMOUNT)] | None = None
    tags: Tags = ()


class Message(Strict):
    """What a campaign says, in both languages; see `text` for the placeholders."""

    de: Body
    en: Body

    @property
    def text(self) -> Text:
        """The same as a plain value."""
        return Text(self.de, self.en)


class Grant(Strict):
    """What a campaign gives: a coupon of a program, or stamps on the member's stamp card."""

    program_id: Id | None = None
    stamps: Annotated[Whole, Field(ge=1, le=30)] | None = None


class CampaignDraft(Strict):
    """A whole campaign as its author writes it."""

    name: Name
    trigger: Trigger
    audience: Audience = Audience()
    message: Message
    grant: Grant | None = None
    quiet_hours: QuietHours = QuietHours()


FIXED_BY_LAUNCH = ("trigger", "audience", "grant")
"""What stays as it was launched, so that a campaign's results are results of one thing."""


def parse(raw: Mapping[str, Any]) -> CampaignDraft:
    """The campaign `raw` describes; raises `FieldError` naming every field that is wrong."""
    draft = checked(CampaignDraft, raw)
    counts_days = draft.trigger.type in ("inactivity", "expiry")
    if counts_days and draft.trigger.days is None:
        raise FieldError("trigger.days", f"an {draft.trigger.type} campaign needs the number of days")
    if not counts_days and draft.trigger.days is not None:
        raise FieldError("trigger.days", f"a {draft.trigger.type} campaign has none")
    if draft.grant is not None and (draft.grant.program_id is None) == (draft.grant.stamps is None):
        raise FieldError("grant", "give exactly one of program_id and stamps")
    if draft.quiet_hours.start == draft.quiet_hours.end:
        raise FieldError("quiet_hours.to", "must differ from the time quiet hours begin")
    for language in LANGUAGES:
        check_placeholders(f"message.{language}", draft.message.text.in_language(language), _known(draft))
    return draft


def _known(draft: CampaignDraft) -> tuple[str, ...]:
    gives_coupon = draft.grant is not None and draft.grant.program_id is not None
    reminds = draft.trigger.type == "expiry"
    return (*PLACEHOLDERS, *[GIFT_LINK] * gives_coupon, *[EXPIRES] * reminds)
