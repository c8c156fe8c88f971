"""The same shop once more, counted in plain Python from the purchases alone.

Imports nothing of Stempel and shares none of its ways: no ledger, no versions, no campaigns, only what a
patient bookkeeper would do with the list of sales and the rules of the shop.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from benchmarks.replay.story import CENTS_PER_POINT, CENTS_PER_STAMP, STAMPS_REQUIRED, Story


@dataclass(slots=True)
class Standing:
    """How one customer stands: what lies on the two cards, and what they owe for goods that came back."""

    stamps: int = 0
    stamps_owed: int = 0
    rewards: int = 0
    points: int = 0
    points_owed: int = 0


@dataclass(slots=True)
class Outcome:
    """How a story ends: everybody's standing, who was reminded when, and how much was written down."""

    standings: dict[int, Standing] = field(default_factory=lambda: defaultdict(Standing))
    reminders: set[tuple[int, date]] = field(default_factory=set)
    rewards_taken: int = 0
    transactions: int = 0


def recount(story: Story) -> Outcome:
    """How `story` has to end."""
    outcome = Outcome()
    for _, sales in story.calendar():
        for sale in sales:
            standing = outcome.standings[sale.customer]
            if sale.cents == 0:
                continue
            _earn_stamps(standing, sale.cents // CENTS_PER_STAMP)
            _earn_points(standing, sale.cents // CENTS_PER_POINT)
            outcome.rewards_taken += standing.rewards
            outcome.transactions += 2 + standing.rewards
            standing.rewards = 0  # taken as soon as the card is full
        for sale in sales:
            if sale.is_refunded:
                standing = outcome.standings[sale.customer]
                _return_stamps(standing, sale.cents // CENTS_PER_STAMP)
                _return_points(standing, sale.cents // CENTS_PER_POINT)
                outcome.transactions += 2
    outcome.reminders = set(_reminders(story))
    return outcome


def _earn_stamps(standing: Standing, count: int) -> None:
    for _ in range(count):
        if standing.stamps_owed:
            standing.stamps_owed -= 1
            continue
        standing.stamps += 1
        if standing.stamps == STAMPS_REQUIRED:
            standing.stamps = 0
            standing.rewards += 1


def _return_stamps(standing: Standing, count: int) -> None:
    for _ in range(count):
        if standing.stamps == 0 and standing.rewards:
            standing.rewards -= 1
            standing.stamps = STAMPS_REQUIRED
        if standing.stamps:
            standing.stamps -= 1
        else:
            standing.stamps_owed += 1


def _earn_points(standing: Standing, count: int) -> None:
    repaid = min(standing.points_owed, count)
    standing.points_owed -= repaid
    standing.points += count - repaid


def _return_points(standing: Standing, count: int) -> None:
    taken = min(standing.points, count)
    standing.points -= taken
    standing.points_owed += count - taken


def _reminders(story: Story) -> Iterator[tuple[int, date]]:
    """Who is reminded on which day: the first on which the last purchase that stood lies so long back.

    A purchase of that very day comes before the reminder, and one that is refunded the same day is none.
    """
    stood = defaultdict(set)
    for sale in story.sales:
        if sale.cents and not sale.is_refunded:
            stood[sale.customer].add(sale.day)
    for customer, days in stood.items():
        ordered = sorted(days)
        for bought, next_bought in zip(ordered, [*ordered[1:], date.max], strict=True):
            lapsed = bought + timedelta(days=story.inactive_days)
            if lapsed < next_bought and lapsed <= story.last_day:
                yield customer, lapsed


def differences(expected: Outcome, found: Outcome) -> list[str]:
    """What is not as it has to be, a sentence each; empty when both agree."""
    lines = []
    for customer in sorted(expected.standings.keys() | found.standings.keys()):
        right, wrong = expected.standings.get(customer), found.standings.get(customer)
        if right != wrong:
            lines.append(f"customer {customer} has {wrong}, the recount says {right}")
    for customer, day in sorted(expected.reminders - found.reminders):
        lines.append(f"customer {customer} was not reminded on {day}")
    for customer, day in sorted(found.reminders - expected.reminders):
        lines.append(f"customer {customer} was reminded on {day} without a reason")
    for name in ("rewards_taken", "transactions"):
        if getattr(expected, name) != getattr(found, name):
            lines.append(f"{name}: {getattr(found, name)}, the recount says {getattr(expected, name)}")
    return lines
