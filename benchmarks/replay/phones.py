"""The phones of some customers: they take their cards from the links, and do what a push makes a phone do."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from benchmarks.http import Connection
from tests.fakes.apns import Push
from tests.fakes.phone import Answer, Phone

NEWS = "news"


class Phones:
    """Every phone there is, by customer and by the token it is pushed with.

    They share one connection to the server, which they find at `base_url` whatever the links say: an answer
    that is replayed from an earlier run names the port of that time.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._connection = Connection(base_url)
        self._owners: dict[str, int] = {}
        self._pushed: list[str] = []
        self.phones: dict[int, Phone] = {}
        self.pushes = 0

    @property
    def requests(self) -> int:
        """How often a phone asked the service for something."""
        return self._connection.requests

    @property
    def seconds(self) -> float:
        """How long the phones waited for answers."""
        return self._connection.seconds

    def install(self, customer: int, cards: Sequence[Mapping[str, Any]]) -> None:
        """Give `customer` a phone, the same one on every run, and put `cards` on it."""
        device = hashlib.sha256(f"phone of {customer}".encode()).hexdigest()
        push_token = hashlib.sha256(f"push token of {customer}".encode()).hexdigest()
        phone = Phone(device[:32], push_token, base=f"{self._base_url}/apple", send=self._send)
        for card in cards:
            answer = self._send("GET", card["links"]["apple"], {}, None)
            if answer.status != 200:
                raise RuntimeError(f"The pass of {card['id']} was answered with {answer.status}.")
            phone.install(answer.body)
        self.phones[customer] = phone
        self._owners[push_token] = customer

    def hear(self, push: Push) -> None:
        """Note a push; called by the push service on a thread of its own."""
        self._pushed.append(push.token)

    def wake(self) -> None:
        """Let every phone that was pushed ask for what is new."""
        pushed, self._pushed = self._pushed, []
        self.pushes += len(pushed)
        for token in dict.fromkeys(pushed):
            self.phones[self._owners[token]].pushed()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return Answer(*self._connection.request(method, path, headers, body))


def count_shown(phone: Phone, serial: str) -> int:
    """The stamps or points that the pass shows: `7 / 10` is 7, `1,204` is 1204."""
    return int(phone.shown_balance(serial).partition("/")[0].replace(",", ""))
