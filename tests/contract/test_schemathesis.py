"""The document drives the API: schemathesis sends what it allows and what not, as four callers.

All its checks, in all its phases: the examples, the corners of every schema, what dice find between them, and
one call with what another answered. Nothing may answer 5xx but 503 with Retry-After, nothing may answer what
the document does not say. 402 and 422 are proper answers to well-formed requests: what is asked may be more
than a card holds, or nothing for its kind.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import orjson
import pytest
from flask import Flask
from schemathesis import openapi as loaders
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from passes.limits import guesses
from passes.limits.doors import Admission
from passes.web.api_v1 import openapi
from passes.web.api_v1.blueprint import operations
from passes.web.api_v1.operation import Operation
from tests.fixtures.api import BASE_URL, Shop
from tests.protocols.outcome import Outcome
from tests.protocols.size import RELEASE, pick
from tests.web.api_v1.requests import thing_for

EXAMPLES = pick(ci=5, release=200)
CHAINS = pick(ci=15, release=200)
SCALE = f"{EXAMPLES} examples for each operation, {CHAINS} chains of calls"
REFUSED = ["400", "401", "402", "403", "404", "405", "409", "413", "422", "429", "503"]
SPENT = ("cards", "stamps", "redemptions", "holds", "baskets")
"""What a call can bring to its end: each gets one of its own."""

STAMPED = ("add_stamps",)
ROLES = ["anonymous", "till", "other merchant", "manager"]
ON_ONE = {"anonymous": "sqlite", "till": "postgresql", "other merchant": "postgresql", "manager": "sqlite"}
"""In the small size each caller meets one of the databases, so that each database meets two callers."""

RUNS = [
    pytest.param(
        role,
        database,
        marks=[pytest.mark.slow, *([pytest.mark.postgres] if database == "postgresql" else [])],
    )
    for role in ROLES
    for database in (("sqlite", "postgresql") if RELEASE else (ON_ONE[role],))
]


@dataclass
class Heard:
    """What came back."""

    forbidden: set[str]
    """Ids that must not be answered for."""
    faults: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    by_operation: dict[str, Counter[int]] = field(default_factory=dict)

    def listen(self, event: Any) -> None:
        """Take in what the engine says."""
        if isinstance(event, events.NonFatalError | events.FatalError):
            self.faults.append(f"the run itself failed: {event}")
        if isinstance(event, events.ScenarioFinished):
            for case_id, exchange in event.recorder.interactions.items():
                case = event.recorder.cases[case_id].value
                if exchange.response is not None and exchange.request.method != "OPTIONS":
                    self._heard(case.operation.label, exchange.request.uri, exchange.response)
            for case_id, checks in event.recorder.checks.items():
                label = event.recorder.cases[case_id].value.operation.label
                for check in checks:
                    if check.failure_info is not None and not _is_old_news(
                        event.recorder, check.name, case_id
                    ):
                        self.faults.append(f"{check.name}, {label}: {check.failure_info.failure.message}")

    def _heard(self, label: str, address: str, response: Any) -> None:
        status = response.status_code
        if status < 300 and any(thing in address for thing in self.forbidden):
            self.faults.append(f"{label} answered {status} for another merchant's {address}")
        self.statuses[status] += 1
        self.by_operation.setdefault(label, Counter())[status] += 1
        if status >= 500 and not (status == 503 and "retry-after" in response.headers):
            self.faults.append(f"{label} answered {status}: {response.content[:300]!r}")


def _is_old_news(recorder: Any, check: str, case_id: str) -> bool:
    """Whether what is missed is no thing just made: the same key was answered again after it was deleted."""
    maker = recorder.find_parent(case_id=case_id)
    if check != "ensure_resource_availability" or maker is None:
        return False
    made = recorder.find_response(case_id=maker.id)
    return made is not None and "idempotent-replayed" in made.headers


@pytest.fixture
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some checks repeat a call with settings of a socket, which a call in this process cannot take."""
    send = WSGITransport.send

    @wraps(send)
    def without_socket(self: WSGITransport, case: Any, **given: Any) -> Any:
        for name in ("max_redirects", "verify", "cert", "proxies"):
            given.pop(name, None)
        return send(self, case, **given)

    monkeypatch.setattr(WSGITransport, "send", without_socket)
    # Thousands of nonsensical requests from one address are what the doors are there to slow down.
    monkeypatch.setattr(Admission, "enter", lambda *asked: None)
    monkeypatch.setattr(guesses, "require_open", lambda *asked: None)


def configuration(key: str | None) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "headers": {} if key is None else {"Authorization": f"Bearer {key}"},
            "continue-on-failure": True,
            "generation": {"max-examples": EXAMPLES, "deterministic": not RELEASE, "no-shrink": True},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", *REFUSED]},
                "negative_data_rejection": {"expected-statuses": REFUSED},
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
            },
            "phases": {"stateful": {"generation": {"max-examples": CHAINS}}},
        }
    )


def document(shop: Shop) -> tuple[Any, set[str]]:
    """The document, its examples about things that are there; and the ids of these."""
    things: set[str] = set()
    by_room: dict[str, str] = {}
    raw = orjson.loads(orjson.dumps(openapi.document(operations(), BASE_URL)))
    for operation in operations():
        path = operation.path.replace("<", "{").replace(">", "}")
        described = raw["paths"][path][operation.method.lower()]
        for parameter in described["parameters"]:
            if parameter["in"] == "path":
                room = operation.path.split("/")[1]
                if room in SPENT or room not in by_room:
                    by_room[room] = thing_for(shop, operation)
                parameter["example"] = by_room[room]
                things.add(by_room[room])
        if "requestBody" in described:
            (media,) = described["requestBody"]["content"].values()
            if "example" in media:
                media["example"] = about(shop, operation, media["example"])
    return raw, things


def about(shop: Shop, operation: Operation, example: Any) -> Any:
    """The example about a card and a program of the shop's."""
    card = shop.stamped(3) if operation.name in STAMPED else shop.gift(50_000)
    text = orjson.dumps(example).decode().replace("B9GG-E7MC-B8W6-56P3", card["code"])
    return orjson.loads(text.replace("prog_01m8164h2kx9w3v5q7r1t4y6z8", shop.program("gift")))


def run(app: Flask, raw: Any, key: str | None, forbidden: set[str]) -> Heard:
    schema = loaders.from_dict(raw, config=configuration(key))
    schema.app = app
    heard = Heard(forbidden)
    for event in from_schema(schema).execute():
        heard.listen(event)
    return heard


def key_of(role: str, shop: Shop, other_shop: Shop) -> str | None:
    if role == "other merchant":
        return other_shop.everything.key
    if role == "anonymous":
        return None
    return {"till": shop.till, "manager": shop.client("manage", "marketing", "read")}[role].key


@pytest.mark.usefixtures("_in_process")
@pytest.mark.timeout(pick(ci=3600, release=4 * 3600))
@pytest.mark.parametrize("role, shared_database", RUNS, indirect=["shared_database"])
def test_the_api_is_what_its_document_says(api_app: Flask, shop: Shop, other_shop: Shop, role: str) -> None:
    raw, things = document(shop)
    is_stranger = role in ("anonymous", "other merchant")
    heard = run(api_app, raw, key_of(role, shop, other_shop), things if is_stranger else set())
    outcome = Outcome(f"schemathesis as {role}", shop.services.database.engine.dialect.name, SCALE)
    outcome.operations, outcome.declines = heard.statuses.total(), heard.statuses[402]
    outcome.violations = sorted(set(heard.faults))
    outcome.notes = ", ".join(f"{status}: {count:,}" for status, count in sorted(heard.statuses.items()))
    outcome.publish()
    assert not heard.faults, "\n".join(sorted(set(heard.faults)))
    labels = {f"{method.upper()} {path}" for path, methods in raw["paths"].items() for method in methods}
    assert set(heard.by_operation) == labels
    done = {label for label, statuses in heard.by_operation.items() if any(s < 300 for s in statuses)}
    if role == "anonymous":
        assert not done
    else:
        assert len(done) >= 5
