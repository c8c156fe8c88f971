"""Where a scenario is played: it plans faults, tells the till what to do, and judges what became of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from passes.cards import queries as cards
from passes.cards.rules import CardView
from passes.cli.conformance.candidate import Candidate, Json
from passes.cli.sandbox.faults import Fault, Kind, Seen
from passes.cli.sandbox.server import Sandbox
from passes.ids import format_code

POINTS = {"books": 5, "belief": 3, "manners": 2}
"""What a check is worth: that the books are right counts more than that the till knows it."""

_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a scenario looks at."""

    what: str
    passed: bool
    why: str
    """What was found, in a sentence."""

    @property
    def points(self) -> int:
        """What it is worth."""
        return POINTS[self.what]


def eur(cents: int) -> Json:
    """An amount as the API takes it."""
    return {"amount": cents, "asset": "EUR"}


@dataclass
class Stage:
    """One scenario's sandbox, till and findings; every sale has a receipt of its own."""

    sandbox: Sandbox
    till: Candidate
    name: str
    checks: list[Check] = field(default_factory=list)
    _begun_at: int = 0

    def __post_init__(self) -> None:
        self.sandbox.network.plan([])
        self._begun_at = len(self.sandbox.network.journal())

    def receipt(self, number: int = 1) -> str:
        """A receipt of this scenario."""
        return f"{self.name}-{number}"

    def gift(self, cents: int) -> CardView:
        """A new gift card."""
        return self.sandbox.shop.card("gift", cents)

    def faults(self, kind: Kind, path: str = "", *, times: int = 1, seconds: int = 1) -> None:
        """Play one kind of fault from now on."""
        self.sandbox.network.plan([Fault(fault=kind, path=path, times=times, seconds=seconds)])

    def tell(self, do: str, number: int = 1, **more: Any) -> Json | None:
        """Have the till do something under a receipt; returns what it believes."""
        return self.till.tell({"do": do, "receipt": self.receipt(number), **more})

    def pay(self, card: CardView, cents: int, number: int = 1, **more: Any) -> Json | None:
        """Have the till take money from a gift card."""
        return self.tell("redeem", number, code=format_code(card.code), amount=eur(cents), **more)

    def seen(self, path: str = "") -> list[Seen]:
        """The POSTs of this scenario to addresses that end so, in their order."""
        journal = self.sandbox.network.journal()[self._begun_at :]
        return [seen for seen in journal if seen.path.endswith(path)]

    def wait_for(self, condition: Callable[[], bool], patience_s: float = 45.0) -> bool:
        """Whether the condition came true in time."""
        end = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(_POLL_S)
        return True

    def holds(self, card: CardView, balance: int, available: int | None = None) -> None:
        """Judge the books: what is on the card once everything has arrived, in minor units."""
        self.sandbox.wire.deliver_late()
        with self.sandbox.shop.services.database.read() as uow:
            now = cards.get(uow, card.merchant_id, card.id)
        wanted = (balance, balance if available is None else available)
        found = (now.balance, now.available.amount)
        why = "the card should hold {} ({} of it available) and holds {} ({})".format(*wanted, *found)
        self.checks.append(Check("books", wanted == found, why))

    def believes(self, said: Json | None, outcome: str, **more: Any) -> None:
        """Judge what the till says happened."""
        wanted = {"outcome": outcome, **more}
        told = None if said is None else {name: said.get(name) for name in wanted}
        answer = "said nothing" if said is None else f"said {told}"
        self.checks.append(Check("belief", told == wanted, f"the till should say {wanted} and {answer}"))

    def behaves(self, well: bool, why: str) -> None:
        """Judge how it went about it."""
        self.checks.append(Check("manners", well, why))

    def one_key(self, path: str) -> None:
        """Judge that all attempts went out under one key."""
        keys = {seen.key for seen in self.seen(path)}
        self.behaves(len(keys) == 1, f"all attempts at {path} should carry one key and carried {len(keys)}")
