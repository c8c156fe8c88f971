"""When what a program gives ends by itself. No I/O.

Days are those of the merchant's calendar and count to their end: three days, given on a Monday at any hour,
end as Thursday does. Clock changes are settled here.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from passes.programs.rules import GiftRules, PointsRules, Rules, StampRules, moment_of


def lot_end(rules: Rules, start: datetime, time_zone: str) -> datetime | None:
    """When value that came at `start` ends, in UTC; None where the rules let it last."""
    if isinstance(rules, GiftRules):
        return None if rules.load_expiry is None else moment_of(rules.load_expiry, start, time_zone)
    days = None
    if isinstance(rules, StampRules):
        days = rules.stamps_expire_after_days
    elif isinstance(rules, PointsRules):
        days = rules.points_expire_after_days
    return None if days is None else end_of_day(start, days, time_zone)


def end_of_day(start: datetime, days: int, time_zone: str) -> datetime:
    """The end of the calendar day `days` after that of `start`, in UTC: the first instant of the next."""
    zone = ZoneInfo(time_zone)
    next_day = start.astimezone(zone).date() + timedelta(days=days + 1)
    # Where the clocks skip midnight this is the end of the gap, where they repeat it the first of the two.
    return datetime.combine(next_day, time(), zone).astimezone(UTC)
