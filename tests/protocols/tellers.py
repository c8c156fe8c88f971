"""Tills that never give up: each repeats a request under its key until it hears an answer.

But for a few that break down themselves in mid-request; what became of those is asked at the end. What was
sent and heard is the history that is checked afterwards.
"""

import http.client
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import orjson

from tests.fixtures.api import Client, eur

PATIENCE_S = 300.0
ANSWER_TIMEOUT_S = 60.0
BREAKS_DOWN = 0.1
"""The share of tills that break down when their server does in mid-request."""

Json = dict[str, Any]


class Line(Protocol):
    """A way to the API; raises `OSError` or `HTTPException` when it broke."""

    def post(self, path: str, body: Json, key: str) -> tuple[int, bytes]:
        """Status and body of the answer."""

    def close(self) -> None:
        """Hang up."""


class Wire:
    """One kept connection, made again after it broke."""

    def __init__(self, base_url: str, auth: str) -> None:
        self._address, self._auth = urlsplit(base_url), auth
        self._connection: http.client.HTTPConnection | None = None

    def post(self, path: str, body: Json, key: str) -> tuple[int, bytes]:
        if self._connection is None:
            host, port = self._address.hostname or "", self._address.port
            self._connection = http.client.HTTPConnection(host, port, timeout=ANSWER_TIMEOUT_S)
        headers = {"Authorization": f"Bearer {self._auth}", "Idempotency-Key": key}
        headers["Content-Type"] = "application/json"
        try:
            self._connection.request("POST", f"/api/v1{path}", orjson.dumps(body), headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Inside:
    """The application in this process, without a network."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def post(self, path: str, body: Json, key: str) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self._client.key}", "Idempotency-Key": key}
        response = self._client.app.test_client().post(f"/api/v1{path}", json=body, headers=headers)
        return response.status_code, response.data

    def close(self) -> None:
        pass


@dataclass
class Operation:
    """A request and, once heard, its answer; `receipt` is its reference in the books."""

    kind: str
    path: str
    body: Json
    key: str
    status: int = 0
    raw: bytes = b""

    @property
    def receipt(self) -> str:
        """The till's own number of it."""
        return str(self.body["reference"])

    @property
    def told(self) -> Json:
        """The answer."""
        answer: Json = orjson.loads(self.raw)
        return answer


@dataclass
class History:
    """All that was sent; lists only grow, so that an auditor may read along."""

    heard: list[Operation] = field(default_factory=list)
    unheard: list[Operation] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    outages_ms: list[float] = field(default_factory=list)
    faults: int = 0

    @property
    def declines(self) -> int:
        """How many payments and holds there was no money for."""
        return sum(operation.status == 402 for operation in list(self.heard))


@dataclass
class Counter:
    """What the tills work on: poor gift cards, a stamp card, payments to refund, holds to end."""

    cards: list[str]
    stamp_card: str
    paid: deque[str] = field(default_factory=lambda: deque(maxlen=50))
    held: deque[str] = field(default_factory=lambda: deque(maxlen=20))

    def next(self, dice: random.Random) -> Operation:
        """What a customer wants now."""
        kinds, weights = zip(*WEIGHTS.items(), strict=True)
        kind = dice.choices(kinds, weights)[0]
        receipt = str(uuid4())
        on_a_card = {"card_id": dice.choice(self.cards), "amount": eur(dice.randint(1, 150))}
        path, body = f"/{kind}", on_a_card
        if kind == "stamps":
            body = {"card_id": self.stamp_card, "count": dice.randint(1, 3)}
        elif kind == "refund" and self.paid:
            path, body = f"/redemptions/{dice.choice(self.paid)}/refund", {"amount": eur(dice.randint(1, 60))}
        elif kind in ("capture", "void") and self.held:
            path, body = f"/holds/{dice.choice(self.held)}/{kind}", {}
        elif kind not in ("redemptions", "loads", "holds"):
            kind, path = "redemptions", "/redemptions"
        return Operation(kind, path, {**body, "reference": receipt}, str(uuid4()))

    def learn(self, operation: Operation) -> None:
        """Remember what can be refunded, captured or voided later."""
        if operation.status == 201 and operation.kind in ("redemptions", "holds"):
            known = self.paid if operation.kind == "redemptions" else self.held
            known.append(operation.told["id"])


WEIGHTS = {
    "redemptions": 40, "loads": 15, "refund": 12, "holds": 12, "capture": 8, "void": 6, "stamps": 7
}  # fmt: skip


class Teller(threading.Thread):
    """One till."""

    def __init__(
        self, line: Line, counter: Counter, history: History, going: Callable[[], bool], dice: random.Random
    ) -> None:
        super().__init__(daemon=True)
        self._line, self._counter, self._history = line, counter, history
        self._going, self._dice = going, dice

    def run(self) -> None:
        """Serve customers until told to stop."""
        while self._going():
            operation = self._counter.next(self._dice)
            if self.ask(operation, may_break_down=True):
                self._counter.learn(operation)
        self._line.close()

    def close(self) -> None:
        """Hang up, when it did not run."""
        self._line.close()

    def ask(self, operation: Operation, *, may_break_down: bool = False) -> bool:
        """To its answer; False when this till breaks down before, or is never answered."""
        begun, was_cut_off = time.monotonic(), False
        while time.monotonic() < begun + PATIENCE_S:
            try:
                status, raw = self._line.post(operation.path, operation.body, operation.key)
            except ConnectionRefusedError:
                was_cut_off = True
                time.sleep(0.02)
                continue
            except (OSError, http.client.HTTPException):
                self._history.faults += 1
                was_cut_off = True
                if may_break_down and self._dice.random() < BREAKS_DOWN:
                    self._history.unheard.append(operation)
                    return False
                time.sleep(0.02)
                continue
            if status in (429, 503) or (status == 409 and b"idempotency_key_in_use" in raw):
                was_cut_off = True
                time.sleep(0.05)
                continue
            if was_cut_off:
                self._history.outages_ms.append((time.monotonic() - begun) * 1000)
            self._heard(operation, status, raw)
            return True
        self._history.violations.append(f"{operation.kind} {operation.key} was never answered")
        return False

    def _heard(self, operation: Operation, status: int, raw: bytes) -> None:
        if status >= 500:
            self._history.violations.append(f"{operation.kind} {operation.key} got {status}: {raw!r}")
        operation.status, operation.raw = status, raw
        self._history.heard.append(operation)
