"""A small till that cannot charge twice: an example of how to talk to Stempel, on Python's own library.

It keeps four rules. The key of a request is made and written to disk before the request is sent. An answer
that was not heard is asked for again with the same key. What is refused is refused, and not tried again.
What cannot be cleared up in time is reversed, so that it has not happened and never will.

As a program it reads instructions, one JSON object per line, and answers each with one line: that is what
`python -m passes conformance --till "python docs/examples/till.py"` speaks. It is told where it is by
STEMPEL_URL, STEMPEL_KEY and STEMPEL_STATE (a folder that outlives the program).
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

Json = dict[str, Any]
ATTEMPTS = 4
WAIT_AGAIN = ("idempotency_key_in_use", "rate_limited", "busy")


class Unheard(Exception):
    """No whole answer came; whether anything was done is unknown."""


class GaveUp(Exception):
    """No answer came however often it was asked for."""


class Journal:
    """What the till has sent or is about to send: every request by receipt and step, on disk first."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.json"
        self.requests: dict[str, Json] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def request(self, name: str, path: str, body: Json) -> Json:
        """The request called `name`: the one written down before, or a new one with a key of its own."""
        if name not in self.requests:
            self.requests[name] = {"key": str(uuid.uuid4()), "path": path, "body": body, "answer": None}
            self.save()
        return self.requests[name]

    def save(self) -> None:
        """Write everything to disk, whole or not at all, and wait until it is there."""
        new = self._path.with_suffix(".new")
        with new.open("w") as file:
            json.dump(self.requests, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)


class Line:
    """One way to the server: sends a request, hears a whole answer or none."""

    def __init__(self, url: str, key: str, timeout_s: float) -> None:
        self._url, self._key, self._timeout_s = url, key, timeout_s
        self.clock_is_off = self.pretended = timedelta()

    def now(self) -> datetime:
        """The time by this till's own clock."""
        return datetime.now(UTC) + self.pretended

    def get(self, path: str) -> Json:
        """The answer to a GET."""
        return self._ask(urllib.request.Request(self._url + path))

    def post(self, path: str, body: Json, key: str) -> Json:
        """The answer to a POST: `status`, `body` and `wait_s`; raises Unheard."""
        data = json.dumps(body).encode()
        return self._ask(urllib.request.Request(self._url + path, data, {"Idempotency-Key": key}))

    def _ask(self, request: urllib.request.Request) -> Json:
        request.add_header("Authorization", f"Bearer {self._key}")
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as response:
                return self._heard(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return self._heard(error.code, error.headers, error.read())
        except (OSError, HTTPException) as error:
            raise Unheard(str(error)) from error

    def _heard(self, status: int, headers: Any, raw: bytes) -> Json:
        if headers["Date"]:
            self.clock_is_off = self.now() - parsedate_to_datetime(headers["Date"])
        try:
            return {"status": status, "body": json.loads(raw), "wait_s": headers["Retry-After"]}
        except ValueError as error:
            raise Unheard("the answer is no JSON") from error


class Till:
    """Sells: every method is one thing a cashier does, and answers what the till believes happened."""

    def __init__(self, line: Line, journal: Journal) -> None:
        self.line, self.journal = line, journal
        self.online = True

    # What a cashier does

    def redeem(self, receipt: str, code: str, amount: Json, allow_partial: bool = False) -> Json:
        """Pay with a gift card."""
        body = {"code": code, "amount": amount, "reference": receipt}
        return self._sell(
            receipt, "redeem", "/redemptions", body | ({"allow_partial": True} if allow_partial else {})
        )

    def load(self, receipt: str, code: str, amount: Json) -> Json:
        """Put money on a gift card."""
        return self._sell(receipt, "load", "/loads", {"code": code, "amount": amount, "reference": receipt})

    def stamp(self, receipt: str, code: str, count: int) -> Json:
        """Stamp a card."""
        return self._sell(receipt, "stamp", "/stamps", {"code": code, "count": count, "reference": receipt})

    def basket(self, receipt: str, order_total: Json, instruments: list[Json]) -> Json:
        """Pay one order with several cards, all of them or none."""
        body = {"mode": "all", "order_total": order_total, "instruments": instruments, "reference": receipt}
        return self._sell(receipt, "basket", "/baskets", body)

    def hold(self, receipt: str, code: str, amount: Json) -> Json:
        """Set money aside."""
        return self._sell(receipt, "hold", "/holds", {"code": code, "amount": amount, "reference": receipt})

    def capture(self, receipt: str, amount: Json) -> Json:
        """Take what was set aside under the same receipt, all of it or part."""
        return self._follow(
            receipt, "capture", f"/holds/{self._made(receipt, 'hold')}/capture", {"amount": amount}
        )

    def void(self, receipt: str) -> Json:
        """Let go of what was set aside."""
        return self._follow(receipt, "void", f"/holds/{self._made(receipt, 'hold')}/void", {})

    def refund(self, receipt: str, amount: Json) -> Json:
        """Give back what was paid under the receipt, all of it or part."""
        path = f"/redemptions/{self._made(receipt, 'redeem')}/refund"
        return self._follow(receipt, "refund", path, {"amount": amount})

    def cancel(self, receipt: str) -> Json:
        """The sale did not take place: undo all that is under its receipt."""
        return self._follow(receipt, "cancel", "/reversals", {"reference": receipt}, "undone")

    def offline(self, clock_off_s: int = 0) -> Json:
        """The network is gone: from now on sales are written down only. The clock may be told to be wrong."""
        self.online = False
        self.line.pretended = timedelta(seconds=clock_off_s)
        return {"outcome": "done"}

    def sync(self) -> Json:
        """The network is back: tell what was done meanwhile, in its order."""
        self.online = True
        told = {name: one for name, one in self.journal.requests.items() if "occurred_at" in one}
        waiting = {name: one for name, one in told.items() if one["answer"] is None}
        operations = [
            {
                "call": one["path"],
                "idempotency_key": one["key"],
                "occurred_at": self._servers_time(one["occurred_at"]),
                "body": one["body"],
            }
            for one in waiting.values()
        ]
        # The keys stand in the body, so a sync whose answer is lost can simply be told again.
        answer = self._until_heard(
            {"path": "/sync", "key": str(uuid.uuid4()), "body": {"operations": operations}}
        )
        results = answer["body"]["results"]
        for one, result in zip(waiting.values(), results, strict=True):
            one["answer"] = None if result["status"] in (429, 503) else result
        self.journal.save()
        said = {
            name.split("/")[0]: self._believe(one["answer"]) for name, one in told.items() if one["answer"]
        }
        return {"outcome": "done", "receipts": said}

    def resume(self) -> Json:
        """After a restart: clear up what was under way."""
        said = {}
        for name, one in list(self.journal.requests.items()):
            receipt, step = name.split("/")
            if one["answer"] is None and "occurred_at" not in one:
                after = "undone" if step in ("cancel", "reverse") else "done"
                said[receipt] = self._send(receipt, name, after, or_reverse=step not in ("cancel", "reverse"))
        return {"outcome": "done", "receipts": said}

    # How it is kept to one effect

    def _sell(self, receipt: str, step: str, path: str, body: Json) -> Json:
        request = self.journal.request(f"{receipt}/{step}", path, body)
        if not self.online:
            request["occurred_at"] = self.line.now().isoformat()
            self.journal.save()
            return {"outcome": "queued"}
        return self._send(receipt, f"{receipt}/{step}", "done", or_reverse=True)

    def _follow(self, receipt: str, step: str, path: str, body: Json, after: str = "done") -> Json:
        self.journal.request(f"{receipt}/{step}", path, body)
        return self._send(receipt, f"{receipt}/{step}", after, or_reverse=False)

    def _send(self, receipt: str, name: str, after: str, *, or_reverse: bool) -> Json:
        request = self.journal.requests[name]
        try:
            if request["answer"] is None:
                request["answer"] = self._until_heard(request)
                self.journal.save()
        except GaveUp:
            return self._reverse(receipt, request) if or_reverse else {"outcome": "unknown"}
        return self._believe(request["answer"], after)

    def _reverse(self, receipt: str, request: Json) -> Json:
        """Nobody answers: whatever became of the request, it must not stand."""
        name = f"{receipt}/reverse"
        self.journal.request(name, "/reversals", {"idempotency_key": request["key"]})
        said = self._send(receipt, name, "undone", or_reverse=False)
        if said["outcome"] == "undone":
            request["answer"] = {"status": 409, "body": {"code": "reversed"}}
            self.journal.save()
        return said

    def _until_heard(self, request: Json) -> Json:
        for attempt in range(ATTEMPTS):
            try:
                answer = self.line.post(request["path"], request["body"], request["key"])
            except Unheard:
                time.sleep(0.1 * 2**attempt)
                continue
            if answer["status"] in (429, 503) or answer["body"].get("code") in WAIT_AGAIN:
                time.sleep(float(answer["wait_s"] or 1))
                continue
            return answer
        raise GaveUp

    def _believe(self, answer: Json, after: str = "done") -> Json:
        body = answer["body"]
        if answer["status"] >= 400:
            return {"outcome": "undone" if body["code"] == "reversed" else "refused", "code": body["code"]}
        said = {"outcome": after}
        for name in ("amount", "paid"):
            if name in body:
                said["amount"] = body[name]["amount"]
        if body.get("remaining_due"):
            said["remaining_due"] = body["remaining_due"]["amount"]
        return said

    def _made(self, receipt: str, step: str) -> str:
        """The id of what an earlier request made."""
        made: str = self.journal.requests[f"{receipt}/{step}"]["answer"]["body"]["id"]
        return made

    def _servers_time(self, own: str) -> str:
        """A moment of this till's clock as the server's clock has it."""
        self.line.get("/holds/none")  # any answer tells the server's time
        return (datetime.fromisoformat(own) - self.line.clock_is_off).isoformat()


def main(make: type[Till] = Till) -> None:
    """Obey the lines of standard input."""
    folder = Path(os.environ["STEMPEL_STATE"])
    timeout_s = float(os.environ.get("STEMPEL_TIMEOUT_S", "10"))
    line = Line(os.environ["STEMPEL_URL"], os.environ["STEMPEL_KEY"], timeout_s)
    till = make(line, Journal(folder))
    for text in sys.stdin:
        told = json.loads(text)
        said = getattr(till, told.pop("do"))(**told)
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
