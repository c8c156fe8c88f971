"""Tills with one bad habit each, made from the good example: `python bad_tills.py HABIT`."""

import importlib.util
import sys
import uuid
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "till.py"
_spec = importlib.util.spec_from_file_location("example_till", EXAMPLE)
assert _spec is not None
assert _spec.loader is not None
example = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(example)

Json = dict[str, Any]


class NewKeyOnEachRetry(example.Till):  # type: ignore[misc]  # loaded by its path
    def _until_heard(self, request: Json) -> Json:
        original, post, sent = request["key"], self.line.post, []

        def with_a_new_key(path: str, body: Json, key: str) -> Json:
            sent.append(key)
            return post(path, body, original if len(sent) == 1 else str(uuid.uuid4()))

        self.line.post = with_a_new_key
        try:
            return super()._until_heard(request)
        finally:
            self.line.post = post


class GivesUpSilently(example.Till):  # type: ignore[misc]  # loaded by its path
    def _reverse(self, receipt: str, request: Json) -> Json:
        return {"outcome": "undone"}


class RetriesRefusals(example.Till):  # type: ignore[misc]  # loaded by its path
    def _until_heard(self, request: Json) -> Json:
        answer = super()._until_heard(request)
        if answer["status"] == 402:
            request["key"] = str(uuid.uuid4())
            answer = super()._until_heard(request)
        return answer


class IgnoresRetryAfter(example.Till):  # type: ignore[misc]  # loaded by its path
    def _until_heard(self, request: Json) -> Json:
        post = self.line.post
        self.line.post = lambda *asked: {**post(*asked), "wait_s": "0.01"}
        try:
            return super()._until_heard(request)
        finally:
            self.line.post = post


class ForgetsKeys(example.Till):  # type: ignore[misc]  # loaded by its path
    def __init__(self, line: Any, journal: Any) -> None:
        super().__init__(line, journal)
        journal.requests = {}
        journal.save = lambda: None


class SaysNothing(example.Till):  # type: ignore[misc]  # loaded by its path
    def redeem(self, *asked: Any, **more: Any) -> Json:
        sys.exit(0)


HABITS = {
    "new-key": NewKeyOnEachRetry,
    "gives-up": GivesUpSilently,
    "retries-refusals": RetriesRefusals,
    "ignores-retry-after": IgnoresRetryAfter,
    "forgets-keys": ForgetsKeys,
    "says-nothing": SaysNothing,
}

if __name__ == "__main__":
    example.main(HABITS[sys.argv[1]])
