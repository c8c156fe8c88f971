"""What becomes of a mail that is handed in, however that is done: what both ways of it share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Stage = Literal["reach", "sender", "recipient", "content"]
"""How far it got: to a server that lets us in, past our own address, past theirs, past what is written."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A mail ready to go: from whom, to whom, its bytes, and its name and date for whoever files it."""

    name: str
    at: datetime
    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What the other side said: three digits, or None where it said nothing; and the stage it was about.

    `detail` are the three numbers of RFC 3463, such as 5.1.1. What a server writes beside them is left
    out: it quotes the address. `note` is what we say about it instead.
    """

    code: int | None
    stage: Stage
    detail: str = ""
    note: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the mail is now theirs to deliver."""
        return self.code is not None and 200 <= self.code < 300

    def __str__(self) -> str:
        said = " ".join(str(part) for part in (self.code, self.detail) if part)
        return ": ".join(part for part in (said, self.note) if part)


class Post(Protocol):
    """A way to hand in mails."""

    def hand_in(self, mails: Sequence[Sealed]) -> Iterator[Reply]:
        """Hand in every mail once; one reply each, in the same order."""
        ...
