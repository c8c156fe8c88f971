"""A request as it came, whoever has read it off the wire."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Incoming:
    """What an operation may know of a request. `read` gives the body; `query` is that of a GET, by name.

    `credential` and `key` are the headers Authorization and Idempotency-Key, empty where they are missing.
    """

    method: str
    path: str
    credential: str
    address: str
    key: str
    read: Callable[[], bytes]
    query: Iterable[tuple[str, list[str]]] = ()

    @property
    def presented(self) -> str | None:
        """The API key shown, if it is one."""
        scheme, _, key = self.credential.partition(" ")
        return key.strip() if scheme.lower() == "bearer" and key else None
