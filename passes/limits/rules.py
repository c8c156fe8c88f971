"""What a limit says, and whether it concerns an act. Pure decisions, no I/O."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from passes.fields import Amount, Line, Strict, Whole, WrongTogether
from passes.money import MAX_AMOUNT

Call = Literal["redeem", "load", "issue", "adjust", "refund", "stamp"]
Each = Literal["card", "till", "location", "program"]
Within = Literal["transaction", "hour", "day"]
Action = Literal["refuse", "flag", "approve"]

_Id = Annotated[Line, Field(min_length=1, max_length=80)]


class LimitDraft(Strict):
    """A limit as a manager sets it: at most `count` times, or `amount`, of a call within a stretch of time.

    It holds for each card, till, location or program by itself, and only for the program, location or till
    (a key or a person) it names, if it names one.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")] | None = None
    call: Call
    within: Within
    each: Each | None = None
    count: Annotated[Whole, Field(ge=1, le=MAX_AMOUNT)] | None = None
    amount: Amount | None = None
    action: Action = "refuse"
    program_id: _Id | None = None
    location_id: _Id | None = None
    actor_id: _Id | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> "LimitDraft":
        if (self.count is None) == (self.amount is None):
            raise WrongTogether("amount", "give exactly one of count and amount")
        if self.within == "transaction" and (self.count is not None or self.each is not None):
            raise WrongTogether(
                "within", "a limit on one transaction needs an amount, and no count and no each"
            )
        if self.within != "transaction" and self.each is None:
            raise WrongTogether(
                "each", "a limit within an hour or a day needs one of card, till, location and program"
            )
        if self.call == "issue" and self.each == "card":
            raise WrongTogether("each", "a card is issued once; choose another")
        return self

    @property
    def full_name(self) -> str:
        """Its name, by default what it is made of."""
        measure = "count" if self.amount is None else "amount"
        parts = (self.call, measure, "per", *([self.each] if self.each else []), self.within)
        return self.name or "_".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitView:
    """A limit as it stands; `asset` is None for one that counts times."""

    id: str
    merchant_id: str
    name: str
    call: str
    each: str
    within: str
    at_most: int
    asset: str | None
    action: str
    program_id: str | None
    location_id: str | None
    actor: str | None
    created_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something about to be done, as far as limits ask; `amount` is positive, `change` the signed one.

    A day's limit is judged at `at`, when it happens; an hour's at `told_at`. The two differ for what a till
    tells later and can still be refused: else its clock could choose among a week of hours.
    """

    merchant_id: str
    call: str
    actor: str
    card_id: str | None
    program_id: str
    location_id: str | None
    asset: str
    amount: int
    change: int
    at: datetime
    told_at: datetime

    def as_dict(self) -> dict[str, Any]:
        """What a second person has to know of it; the same for the same act asked again."""
        return {
            "call": self.call,
            "card_id": self.card_id,
            "program_id": self.program_id,
            "amount": {"amount": self.amount, "asset": self.asset},
            "direction": "decrease" if self.change < 0 else "increase",
        }


def concerns(limit: LimitView, act: Act) -> bool:
    """Whether a limit has anything to say about an act."""
    return limit.asset in (None, act.asset) and may_concern(limit, act)


def may_concern(limit: LimitView, act: Act) -> bool:
    """Whether it has, as far as can be told before it is known what is moved."""
    return (
        limit.call == act.call
        and limit.program_id in (None, act.program_id)
        and limit.location_id in (None, act.location_id)
        and limit.actor in (None, act.actor)
    )


def weight(limit: LimitView, act: Act) -> int:
    """How much of the limit the act uses up."""
    return 1 if limit.asset is None else act.amount


def is_counted(limit: LimitView) -> bool:
    """Whether what is used up of a limit stands in rows of its own; a card's is in the books."""
    return limit.within != "transaction" and limit.each != "card"


def subject(limit: LimitView, act: Act) -> str:
    """Whose share of the limit the act uses up."""
    of = {"till": act.actor, "location": act.location_id, "program": act.program_id, "card": act.card_id}
    return of[limit.each] or ""


def began(limit: LimitView, act: Act, zone: ZoneInfo) -> datetime:
    """When the stretch of time that an act counts towards began.

    A day is the local one. An hour is the one on the clock, and for a card the last sixty minutes.
    """
    if limit.within == "day":
        return act.at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    if limit.each == "card":
        return act.told_at - timedelta(hours=1)
    return act.told_at.replace(minute=0, second=0, microsecond=0)
