"""What the forge does: `python -m tests.protocols.forge_main`, orders and results as lines of JSON."""

import gc
import importlib
import json
import os
import random
import signal
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from passes.app import create_app
from passes.clock import FixedClock
from passes.db.engine import BUSY_TIMEOUT_MS, Database
from tests.fixtures.api import make_services
from tests.mutants import damage
from tests.protocols.points import Points, watch

Json = dict[str, Any]
PREFIX = "/api/v1"


class Smith:
    """The application, ready to be forked."""

    def __init__(self, order: Json) -> None:
        self.points = Points()
        watch(self.points)
        planter = pytest.MonkeyPatch()
        for plant in order["plants"]:
            module = importlib.import_module(plant["module"])
            damage(planter, module, plant["function"], (plant["old"], plant["new"]))
        self.database = Database(order["url"], FixedClock(datetime.fromisoformat(order["at"])))
        self.app: Flask = create_app(make_services(self.database, Path(order["folder"])))

    def carry_out(self, order: Json) -> Json:
        """One order."""
        if order["do"] == "tills":
            return self._tills(order)
        if order.get("in_this_process"):
            # So that the children need not compile the statements again.
            answer = self._post(order)
            self.database.close()
            return answer
        reading, pid = self._fork(lambda tell: self._watched(order, tell))
        said, status = _hear(reading), os.waitpid(pid, 0)[1]
        return {**said, "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL}

    def _fork(self, work: Callable[[Callable[[Json], None]], None]) -> tuple[int, int]:
        """A child that does `work`, which is given a way to tell us something; where to hear it, its pid."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            return reading, pid
        status = 1
        try:
            work(lambda said: void(os.write(writing, json.dumps(said).encode())))
            status = 0
        finally:
            os._exit(status)

    def _watched(self, order: Json, tell: Callable[[Json], None]) -> None:
        with self.database.engine.connect():
            pass  # what a new connection asks is no part of the request
        self.points.arm(order.get("die_at"))
        answer = self._post(order)
        self.points.here()
        tell({**answer, "points": self.points.passed + 1})
        self.points.here()

    def _post(self, order: Json) -> Json:
        headers = {"Authorization": f"Bearer {order['auth']}", "Idempotency-Key": order["key"]}
        response = self.app.test_client().post(PREFIX + order["path"], json=order["body"], headers=headers)
        replayed = response.headers.get("Idempotent-Replayed") == "true"
        return {"status": response.status_code, "body": response.get_data(as_text=True), "replayed": replayed}

    def _tills(self, order: Json) -> Json:
        """So many processes that load and redeem at once for a while; what each of them got."""
        forked = [
            self._fork(lambda tell, number=number: tell(self._till(order, number)))
            for number in range(order["processes"])
        ]
        heard = [_hear(reading) for reading, _ in forked]
        for _, pid in forked:
            os.waitpid(pid, 0)
        return {"tills": heard}

    def _till(self, order: Json, number: int) -> Json:
        dice = random.Random(f"{order['seed']} {number}")
        statuses: Counter[str] = Counter()
        moved: Counter[str] = Counter()
        latencies_ms: list[float] = []
        until = time.monotonic() + order["seconds"]
        while time.monotonic() < until:
            card, amount = dice.choice(order["cards"]), dice.randint(1, 9)
            path, sign = ("/loads", 1) if dice.random() < 0.5 else ("/redemptions", -1)
            body = {"card_id": card, "amount": {"amount": amount, "asset": "EUR"}}
            sent = {"path": path, "body": body, "auth": order["auth"], "key": str(uuid.uuid4())}
            begun = time.monotonic()
            while (answer := self._post(sent))["status"] == 503:
                waited_ms = (time.monotonic() - begun) * 1000
                statuses["starved" if waited_ms > 0.9 * BUSY_TIMEOUT_MS else "locked"] += 1
                begun = time.monotonic()
            latencies_ms.append(round((time.monotonic() - begun) * 1000, 1))
            statuses[str(answer["status"])] += 1
            moved[card] += sign * amount if answer["status"] == 201 else 0
        return {"statuses": statuses, "moved": moved, "latencies_ms": latencies_ms}


def void(_: object) -> None:
    """Nothing."""


def _hear(reading: int) -> Json:
    """What a child told before it ended; nothing when it told nothing."""
    with os.fdopen(reading, "rb") as told:
        said: Json = json.loads(told.read() or b"{}")
        return said


def main() -> None:
    """Take orders until there are no more."""
    smith = Smith(json.loads(sys.stdin.readline()))
    # What is loaded stays; a child that looked it over for garbage would have to copy it first.
    gc.freeze()
    gc.disable()
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(smith.carry_out(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
