"""Whether a member may hear from us now, and if not, why. No I/O.

The reasons are words that results count and people read; every message that is not sent has one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from passes.campaigns.calendar import QuietHours, local_date, next_allowed

CATCH_UP_DAYS = 3
"""How many days after a birthday a greeting is still planned, when nobody could do so in time."""

CAP_MESSAGES = 3
CAP_PERIOD = timedelta(days=7)
"""At most so many messages reach a member in any such period, over all campaigns of the merchant.

Nothing is exempt: a birthday greeting is cheap to miss and a promise with exceptions is none.
"""

MEMBER_ERASED = "member_erased"
TOO_LATE = "too_late"
CAME_BACK = "came_back"
NOTHING_ENDS = "nothing_ends"
NO_CONSENT = "no_consent"
NO_ACTIVE_CARD = "no_active_card"
NO_STAMP_CARD = "no_stamp_card"
FREQUENCY_CAP = "frequency_cap"
GIFT_REFUSED = "gift_refused"


def birthday_occasion(day: date) -> str:
    """The birthday celebrated on `day`: one per year."""
    return f"birthday:{day.year}"


def lapse_occasion(last_purchase: date) -> str:
    """The lapse that began with the last purchase on that day, as the member's calendar has it."""
    return f"lapse:{last_purchase.isoformat()}"


def ending_occasion(card_id: str, last_day: date, days: int) -> str:
    """What ends on a card about that day; one reminder speaks of all that does in a stretch of `days`."""
    return f"expiry:{card_id}:{last_day.toordinal() // days}"


def card_of(occasion: str) -> str | None:
    """The one card an occasion is about; None for those that are about a member."""
    kind, _, rest = occasion.partition(":")
    return rest.partition(":")[0] if kind == "expiry" else None


def launch_occasion(launched_at: datetime) -> str:
    """The launch of a campaign by hand; a campaign has one."""
    return f"launch:{launched_at.isoformat()}"


def greeted_days(now: datetime, zones: Iterable[str], launched_at: datetime) -> dict[date, list[str]]:
    """The days whose birthdays are greeted at `now`, each with the zones in which it is one of them.

    Today and, for when nobody could greet in time, the `CATCH_UP_DAYS` before; but nothing before the
    launch, because who launches a campaign does not mean last week's birthdays.
    """
    days: dict[date, list[str]] = {}
    for zone in zones:
        today, launched_on = local_date(now, zone), local_date(launched_at, zone)
        for day in (today - timedelta(days=back) for back in range(CATCH_UP_DAYS + 1)):
            if day >= launched_on:
                days.setdefault(day, []).append(zone)
    return days


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one member at the moment a message would go out.

    `birthday` is set for a greeting, `still_lapsed` is False once an absent member has bought again,
    `still_ends` once what would have run out is spent or gone.
    """

    time_zone: str
    consented: bool
    has_card: bool
    takes_gift: bool
    sent_lately: int
    birthday: date | None = None
    still_lapsed: bool = True
    still_ends: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a dispatch: `sent`; `suppressed` for a `reason`; or `planned` anew for `due_at`."""

    state: str
    reason: str | None = None
    due_at: datetime | None = None


SEND = Verdict("sent")


def suppressed(reason: str) -> Verdict:
    """Not to be sent, ever, because of `reason`."""
    return Verdict("suppressed", reason)


def judge(facts: Facts, now: datetime, quiet: QuietHours) -> Verdict:
    """What becomes of a dispatch at `now`.

    Quiet hours come first: at night nothing is decided that the morning may see differently.
    """
    allowed = next_allowed(now, facts.time_zone, quiet)
    if allowed > now:
        return Verdict("planned", due_at=allowed)
    reason = _reason(facts, now)
    return SEND if reason is None else suppressed(reason)


def _reason(facts: Facts, now: datetime) -> str | None:
    if facts.birthday is not None and _is_stale(facts.birthday, local_date(now, facts.time_zone)):
        return TOO_LATE
    if not facts.still_lapsed or not facts.still_ends:
        return NOTHING_ENDS if facts.still_lapsed else CAME_BACK
    if not facts.consented:
        return NO_CONSENT
    if not facts.has_card:
        return NO_ACTIVE_CARD
    if not facts.takes_gift:
        return NO_STAMP_CARD
    return FREQUENCY_CAP if facts.sent_lately >= CAP_MESSAGES else None


def _is_stale(birthday: date, today: date) -> bool:
    # One day of grace: what is planned in the last evening still goes out the next morning.
    return today - birthday > timedelta(days=CATCH_UP_DAYS + 1)
