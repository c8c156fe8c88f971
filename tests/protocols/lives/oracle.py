"""Cards as a few lines of plain Python see them; it shares no code with the rules.

A stamp card is one number, what it is worth in stamps, of which its balance and its waiting rewards are the
digits; so this cannot make the mistakes a booking could make.
"""

from dataclasses import dataclass, field
from datetime import datetime

REQUIRED = 5
MUG = 12
USES = 3
MAXIMUM = 5000
MINIMUM_LOAD = 10


@dataclass
class Held:
    """A hold: what it set aside, until when, and what became of it."""

    amount: int
    expires_at: datetime
    status: str = "open"

    def status_at(self, now: datetime) -> str:
        return "expired" if self.status == "open" and now >= self.expires_at else self.status


@dataclass
class Booked:
    """What can be undone: how much of what kind, and how much of it is left."""

    type: str
    amount: int
    left: int


@dataclass
class Oracle:
    """One card."""

    kind: str
    worth: int = 0
    owed: int = 0
    state: str = "active"
    blocked: bool = False
    holds: dict[str, Held] = field(default_factory=dict)
    booked: dict[str, Booked] = field(default_factory=dict)

    @property
    def is_closed(self) -> bool:
        return self.state == "deactivated"

    def refusal(self, *, load: bool = False) -> str | None:
        """Why the card cannot be used; None when it can."""
        waits = self.state == "pending" and not load
        return "card_not_active" if self.is_closed or self.blocked or waits else None

    def held(self, now: datetime) -> int:
        return sum(held.amount for held in self.holds.values() if held.status_at(now) == "open")

    @property
    def balance(self) -> int:
        return self.worth % REQUIRED if self.kind == "stamp" else self.worth

    def available(self, now: datetime) -> int:
        return self.balance - self.held(now)

    def earn(self, count: int) -> None:
        paid = min(count, self.owed)
        self.owed -= paid
        self.worth += count - paid

    def lose(self, count: int, now: datetime) -> None:
        """A sale undone: what is there is taken, stamps also out of rewards; the rest is owed."""
        there = self.worth if self.kind == "stamp" else self.available(now)
        taken = min(count, there)
        self.worth -= taken
        self.owed += count - taken

    def give_back(self, count: int) -> None:
        """A refund; what comes back pays debts first, but a reward is a reward."""
        if self.kind == "stamp":
            self.worth += count * REQUIRED
        else:
            self.earn(count)

    def move_to(self, now: datetime) -> "Oracle":
        """The card that replaces this one, which is closed; what can be undone is undone there.

        Holds that have ended stay behind, with a card that takes nothing any more.
        """
        ended = {name: held for name, held in self.holds.items() if held.status_at(now) != "open"}
        going = {name: held for name, held in self.holds.items() if name not in ended}
        state = "pending" if self.state == "pending" else "active"
        new = Oracle(self.kind, self.worth, self.owed, state, holds=going, booked=self.booked)
        self.worth, self.owed, self.state, self.blocked = 0, 0, "deactivated", False
        self.holds, self.booked = ended, {}
        return new

    def shown(self, now: datetime) -> dict[str, object]:
        """What the API must say."""
        said: dict[str, object] = {"balance": self.balance, "available": self.available(now)}
        if self.kind == "stamp":
            said["rewards"] = self.worth // REQUIRED
        if self.kind in ("stamp", "points"):
            said["owed"] = self.owed
        said["state"] = "blocked" if self.blocked else self.state
        return said
