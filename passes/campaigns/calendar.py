"""Days and nights where the member lives. All calendar arithmetic of campaigns, and no I/O.

Everything is asked of an instant, in UTC, and a time zone by its IANA name. What a clock change does to a
day (an hour that comes twice, one that never comes, a midnight that is skipped) is settled here.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field

from passes.fields import Strict
from passes.members.rules import birthday_in

ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["20:00"])]
"""A time of day, HH:MM on the member's clock."""


class QuietHours(Strict):
    """From when to when nobody is spoken to, by the member's own clock; may run over midnight."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    start: ClockTime = Field(default="20:00", alias="from")
    end: ClockTime = Field(default="08:00", alias="to")

    def covers(self, clock: time) -> bool:
        """Whether that time of day is quiet; the end itself is not."""
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        return start <= clock < end if start < end else clock >= start or clock < end


def local_date(at: datetime, zone: str) -> date:
    """The calendar day on which `at` falls in `zone`."""
    return at.astimezone(ZoneInfo(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of `day` in `zone`, in UTC.

    Where the clocks skip midnight that is the end of the gap; where they repeat it, the first of the two.
    """
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def next_allowed(at: datetime, zone: str, quiet: QuietHours) -> datetime:
    """`at` itself if it is not quiet there then, else the end of that night, in UTC.

    The end is the one the clock on the wall shows next. If the clocks skip it, it comes as much after the
    gap as it would have come into it.
    """
    local = at.astimezone(ZoneInfo(zone))
    if not quiet.covers(local.time()):
        return at
    end = time.fromisoformat(quiet.end)
    day = local.date() + timedelta(days=1) if local.time() >= end else local.date()
    ends = (datetime.combine(day, end.replace(fold=fold), ZoneInfo(zone)).astimezone(UTC) for fold in (0, 1))
    return next(end for end in ends if end > at)


def birthdays_on(day: date) -> list[int]:
    """Every birthday, as month * 100 + day, that is celebrated on `day`.

    Those born on a 29 February celebrate on the 28th in years without one: on 28 February 2027 these are
    228 and 229.
    """
    return sorted(md for md in {day.month * 100 + day.day, 229} if birthday_in(md, day.year) == day)
