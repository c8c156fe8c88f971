"""Points that run out, counted one by one: the second opinion on lots, which shares no code with the first.

Every point is an item of a list, with its end and the entry that brought it. So nothing is divided, summed
up or carried along that could be divided, summed up or carried along wrongly.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

Point = tuple[datetime, str]
"""When it ends, and what brought it."""


@dataclass
class Points:
    """A points card, as a heap of points."""

    heap: list[Point] = field(default_factory=list)
    owed: int = 0
    holds: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    lapsed: Counter[str] = field(default_factory=Counter)

    def look(self, now: datetime) -> None:
        """Time has gone by: holds end, and points end unless a hold keeps them."""
        self.holds = {name: hold for name, hold in self.holds.items() if hold[1] > now}
        self.heap.sort()
        kept, free = self.heap[: self.held], self.heap[self.held :]
        self.lapsed.update(born for end, born in free if end <= now)
        self.heap = kept + [point for point in free if point[0] > now]

    @property
    def held(self) -> int:
        return sum(amount for amount, _ in self.holds.values())

    @property
    def available(self) -> int:
        return len(self.heap) - self.held

    def come(self, count: int, end: datetime, born: str) -> None:
        paid = min(count, self.owed)
        self.owed -= paid
        self.heap += [(end, born)] * (count - paid)
        self.heap.sort()

    def go(self, count: int) -> None:
        """So many leave, of those that are not held the first to end."""
        del self.heap[self.held : self.held + count]

    def undo(self, born: str, count: int) -> None:
        """What brought `count` points never happened; those that ran out are nobody's debt."""
        count -= self.lapsed.pop(born, 0)
        taken = min(count, self.available)
        self.owed += count - taken
        own = [point for point in self.heap if point[1] == born][:taken]
        for point in own:
            self.heap.remove(point)
        self.go(taken - len(own))

    def capture(self, hold: str, count: int) -> None:
        del self.holds[hold]
        del self.heap[:count]

    def move(self, born: str) -> None:
        """All of it is on another card now, brought there by one entry."""
        self.heap = sorted((end, born) for end, _ in self.heap)
