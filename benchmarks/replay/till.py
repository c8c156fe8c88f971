"""The till: one connection, one key, and an idempotency key for every step that is the same on every run."""

import json
import time
import uuid
from collections import Counter, defaultdict
from typing import Any

from benchmarks.http import Connection

_STEPS = uuid.UUID("6f3c2a52-5b0e-4d0c-9a1f-0d6f1f7a9f11")


class Refused(Exception):
    """The service said no where the story needs a yes."""


class Till:
    """Calls the API at `base_url` with `key`; counts calls and seconds by what they were for."""

    def __init__(self, base_url: str, key: str) -> None:
        self._connection = Connection(base_url)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.calls: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.replayed = 0

    def post(self, path: str, body: dict[str, Any], step: str) -> dict[str, Any]:
        """Do `step` of the story; done before, it is answered as it was then."""
        key = str(uuid.uuid5(_STEPS, step))
        return self._call("POST", path, {"Idempotency-Key": key}, json.dumps(body).encode())

    def get(self, path: str) -> dict[str, Any]:
        """Read."""
        return self._call("GET", path, {}, None)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _call(self, method: str, path: str, extra: dict[str, str], body: bytes | None) -> dict[str, Any]:
        start = time.perf_counter()
        status, headers, content = self._connection.request(
            method, f"/api/v1{path}", self._headers | extra, body
        )
        purpose = f"{method} /{path.split('/')[1]}"
        self.calls[purpose] += 1
        self.seconds[purpose] += time.perf_counter() - start
        self.replayed += "idempotent-replayed" in headers
        if status not in (200, 201):
            raise Refused(f"{method} {path} was answered with {status}: {content.decode()}")
        answer: dict[str, Any] = json.loads(content)
        return answer
