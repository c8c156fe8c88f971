"""The misbehaving network: a plan of faults, played to the requests they are meant for. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Annotated, Literal

from pydantic import Field

from passes.fields import Line, Strict, Whole

Kind = Literal["lose_request", "lose_answer", "half_answer", "stall", "slow", "duplicate", "late", "busy"]
HEADER = "X-Stempel-Fault"
"""A request may also bring its own fault along."""


class Fault(Strict):
    """What happens to the next `times` POSTs to an address that ends in `path` (any, if empty).

    `lose_request`: never arrives. `lose_answer`: done, the connection ends without an answer. `half_answer`:
    done, the connection ends in the middle of the answer. `stall`: done, nothing for `seconds`, then the
    connection ends. `slow`: done after `seconds`. `duplicate`: arrives
    twice. `late`: the connection ends at once, the request arrives after the next one. `busy`: 503 that asks
    to wait `seconds`.
    """

    fault: Kind
    path: Annotated[Line, Field(max_length=200)] = ""
    times: Annotated[Whole, Field(ge=1, le=1000)] = 1
    seconds: Annotated[Whole, Field(ge=0, le=60)] = 1

    def is_for(self, path: str) -> bool:
        """Whether it may meet a request to `path`."""
        return path.endswith(self.path)


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came to the network: when (seconds of a clock that only goes on), with which key."""

    at_s: float
    path: str
    key: str | None
    fault: Kind | None
    status: int | None = None
    """None while no answer has been made; what was lost on the way was made all the same."""


@dataclass
class Network:
    """The plan and the journal, for many threads."""

    _plan: list[Fault] = field(default_factory=list)
    _journal: list[Seen] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def plan(self, faults: Sequence[Fault]) -> None:
        """Play these faults from now on, instead of what was planned before."""
        with self._lock:
            self._plan = list(faults)

    def planned(self) -> list[Fault]:
        """What has not been played yet."""
        with self._lock:
            return list(self._plan)

    def meet(self, path: str) -> Fault | None:
        """The fault a POST to `path` meets, which is used up by it."""
        with self._lock:
            for place, fault in enumerate(self._plan):
                if fault.is_for(path):
                    left = [fault.model_copy(update={"times": fault.times - 1})] if fault.times > 1 else []
                    self._plan[place : place + 1] = left
                    return fault
        return None

    def write_down(self, seen: Seen) -> int:
        """Note a request; returns its number."""
        with self._lock:
            self._journal.append(seen)
            return len(self._journal) - 1

    def answered(self, number: int, status: int) -> None:
        """Note what a request was answered."""
        with self._lock:
            self._journal[number] = replace(self._journal[number], status=status)

    def journal(self) -> list[Seen]:
        """Every POST so far, in the order of arrival."""
        with self._lock:
            return list(self._journal)
