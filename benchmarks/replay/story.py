"""What is played: the purchases, the rules of the shop they happen in, and nothing of Stempel.

The player and the recount both read this; it is all they have in common.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

DATA = Path(__file__).parents[1] / "data" / "cdnow_sample.txt"
FIRST_DAY = date(1997, 1, 1)
LAST_DAY = date(1998, 6, 30)
ALL_DAYS = (LAST_DAY - FIRST_DAY).days + 1

STAMPS_REQUIRED = 10
CENTS_PER_STAMP = 1000
CENTS_PER_POINT = 100
REFUND_EVERY = 10
PHONE_EVERY = 10
INACTIVE_DAYS = 60


@dataclass(frozen=True, slots=True)
class Sale:
    """One purchase; `number` counts from 1 in the order of the days. Some were free of charge."""

    number: int
    customer: int
    day: date
    cents: int

    @property
    def is_refunded(self) -> bool:
        """Whether the goods come back in the afternoon; what was free has nothing to give back."""
        return self.number % REFUND_EVERY == 0 and self.cents > 0


@dataclass(frozen=True, slots=True)
class Story:
    """The first `days` days of the shop, in which whoever buys nothing for `inactive_days` is reminded."""

    sales: tuple[Sale, ...]
    days: int = ALL_DAYS
    inactive_days: int = INACTIVE_DAYS

    @property
    def last_day(self) -> date:
        """The last day that is played."""
        return FIRST_DAY + timedelta(days=self.days - 1)

    @property
    def customers(self) -> list[int]:
        """Everybody who bought something, in the order they first came."""
        return list(dict.fromkeys(sale.customer for sale in self.sales))

    def calendar(self) -> Iterator[tuple[date, list[Sale]]]:
        """Every day with its sales, also the days without."""
        by_day: dict[date, list[Sale]] = {}
        for sale in self.sales:
            by_day.setdefault(sale.day, []).append(sale)
        for n in range(self.days):
            day = FIRST_DAY + timedelta(days=n)
            yield day, by_day.get(day, [])


def has_phone(customer: int) -> bool:
    """Whether the customer carries the cards on a phone."""
    return customer % PHONE_EVERY == 0


def read_story(days: int = ALL_DAYS, inactive_days: int = INACTIVE_DAYS, data: Path = DATA) -> Story:
    """The first `days` days of the purchases in `data`."""
    rows = [line.split() for line in data.read_text(encoding="ascii").splitlines() if line.strip()]
    rows.sort(key=lambda row: row[2])  # stable: within a day in the order of the file
    sales = (
        Sale(number, int(customer), _day(day), int(Decimal(dollars) * 100))
        for number, (_, customer, day, _, dollars) in enumerate(rows, start=1)
    )
    last_day = FIRST_DAY + timedelta(days=days - 1)
    return Story(tuple(sale for sale in sales if sale.day <= last_day), days, inactive_days)


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
