"""A bad request, and what makes an answer to one a good answer."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Flask
from werkzeug.test import TestResponse

from passes.db.engine import Database
from tests.sweep.fingerprint import changed, fingerprint

BASE_URL = "https://karten.example"
MACHINE_PATHS = ("/api/v1", "/apple", "/google", "/healthz", "/readyz", "/metrics")
BATCH = 16
"""Requests between two looks at the whole database."""
_visits = itertools.count()


@dataclass(frozen=True)
class Bad:
    """One request with something wrong in it: `what`, and the statuses and the field that answer it."""

    what: str
    method: str
    path: str
    statuses: frozenset[int]
    names: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    data: Any = None
    query: dict[str, Any] | str | None = None
    content_type: str | None = "application/json"
    cookies: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path[:80]}: {self.what}"


def faults(app: Flask, database: Database, requests: Sequence[Bad]) -> list[str]:
    """What is wrong with the answers to `requests`: a sentence for each fault."""
    found = []
    before = fingerprint(database)
    for start in range(0, len(requests), BATCH):
        batch = requests[start : start + BATCH]
        found += [f"{bad}: {problem}" for bad in batch for problem in complaints(bad, send(app, bad))]
        after = fingerprint(database)
        if changed(before, after):
            found += _who_left_traces(app, database, batch, changed(before, after))
            after = fingerprint(database)
        before = after
    return found


def _who_left_traces(app: Flask, database: Database, batch: Sequence[Bad], where: list[str]) -> list[str]:
    """Each request of a batch that left traces once more, to see which it was."""
    found = []
    before = fingerprint(database)
    for bad in batch:
        send(app, bad)
        after = fingerprint(database)
        if traces := changed(before, after):
            found.append(f"{bad}: left a trace in {', '.join(traces)}")
        before = after
    return found or [f"{batch[0]} or one of the {len(batch)} after it: left a trace in {', '.join(where)}"]


def send(app: Flask, bad: Bad) -> TestResponse:
    """The answer, as the outside gets it."""
    client = app.test_client()
    # Everybody comes from somewhere else, so that nobody is told to slow down.
    address = f"10.0.{next(_visits) // 250 % 250}.{next(_visits) % 250}"
    for name, value in bad.cookies.items():
        client.set_cookie(name, value, domain="karten.example", path="/")
    return client.open(
        bad.path,
        method=bad.method,
        headers={"Accept-Language": "en", **bad.headers},
        data=bad.data,
        query_string=bad.query,
        content_type=bad.content_type,
        base_url=BASE_URL,
        environ_base={"REMOTE_ADDR": address},
    )


def complaints(bad: Bad, answer: TestResponse) -> list[str]:
    """Why this is no clear answer."""
    if answer.status_code not in bad.statuses:
        return [f"answered {answer.status_code} {answer.data[:300]!r}, not {sorted(bad.statuses)}"]
    if answer.status_code < 400:
        return []
    if b"Traceback" in answer.data or b"sqlalchemy" in answer.data:
        return ["shows what it is made of"]
    if bad.path.startswith(MACHINE_PATHS):
        return _problem_complaints(bad, answer)
    return _page_complaints(bad, answer)


def _problem_complaints(bad: Bad, answer: TestResponse) -> list[str]:
    if answer.content_type != "application/problem+json":
        return [f"is told as {answer.content_type}"]
    problem = orjson.loads(answer.data)
    if not {"type", "title", "status", "detail", "code"} <= problem.keys() or not problem["title"]:
        return [f"is no whole problem: {problem}"]
    named = [error["field"] for error in problem.get("errors", [])]
    if answer.status_code in (400, 422) and bad.names and not any(_is_about(bad.names, n) for n in named):
        return [f"does not name {bad.names}: {problem}"]
    if any(not error["message"].strip() for error in problem.get("errors", [])):
        return [f"says nothing about a field: {problem}"]
    return []


def _is_about(wanted: str, named: str) -> bool:
    return named == wanted or named.startswith(f"{wanted}.") or wanted.startswith(f"{named}.")


def _page_complaints(bad: Bad, answer: TestResponse) -> list[str]:
    text = answer.get_data(as_text=True)
    if not answer.content_type.startswith("text/html") or "<h1" not in text:
        return ["is no page"]
    if bad.names and f'id="{bad.names}-error"' not in text:
        return [f"does not say what is wrong beside {bad.names}"]
    return []
