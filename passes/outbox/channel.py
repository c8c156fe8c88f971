"""What a way out of the house has to offer, and how it says what became of each delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from passes.outbox.rules import MAX_ATTEMPTS


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery in this sender's hands until its lease ends.

    `wanted` is how often its target should have heard of something by the time of the claim; `attempts`
    counts the failures since it last got through.
    """

    id: int
    merchant_id: str
    channel: str
    target: str
    payload: dict[str, Any]
    wanted: int
    attempts: int


class Ending(Enum):
    """What is to be done with a delivery after it was tried."""

    DONE = "done"
    """It got through."""
    RETRY = "retry"
    """It failed for a reason of its own: try again, a bounded number of times."""
    WAIT = "wait"
    """The way is blocked for everybody: try again for as long as it takes."""
    DEAD = "dead"
    """It will never get through as it is: keep it for a person to see."""
    DROP = "drop"
    """Nobody is there to hear it any more: forget it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one delivery ended; `note` says why in a few words, `after_s` how long to wait at least.

    `limit` is how often it is tried before it is given up.
    """

    ending: Ending
    note: str = ""
    after_s: float = 0.0
    limit: int = MAX_ATTEMPTS

    @classmethod
    def done(cls, note: str = "") -> "Outcome":
        """It got through."""
        return cls(Ending.DONE, note)

    @classmethod
    def retry(cls, note: str, after_s: float = 0.0, limit: int = MAX_ATTEMPTS) -> "Outcome":
        """It failed and may be tried again, up to a limit."""
        return cls(Ending.RETRY, note, after_s, limit)

    @classmethod
    def wait(cls, note: str, after_s: float = 0.0) -> "Outcome":
        """It could not be tried, or nothing could be: try again without a limit."""
        return cls(Ending.WAIT, note, after_s)

    @classmethod
    def dead(cls, note: str) -> "Outcome":
        """It will never get through as it is."""
        return cls(Ending.DEAD, note)

    @classmethod
    def drop(cls, note: str) -> "Outcome":
        """Nobody is there to hear it."""
        return cls(Ending.DROP, note)


class Channel(Protocol):
    """One way out of the house."""

    @property
    def batch_size(self) -> int:
        """How many deliveries one call of `send` takes at most; they must fit into one lease."""
        ...

    def send(self, deliveries: Sequence[ClaimedDelivery]) -> Sequence[Outcome]:
        """Try every delivery once, outside any transaction; one outcome each, in the same order."""
        ...
