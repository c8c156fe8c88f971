"""T2: SIGKILL before and after every statement, commit and answer of every endpoint that moves value.

After each death the books say what they said before, or all of what they say afterwards; and the same
request under the same key, sent to another process, leads to exactly the state an undisturbed request makes.
"""

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from passes.db.engine import Database
from passes.ledger.verify import verify
from passes.wiring import Services
from tests.fixtures.api import Shop
from tests.fixtures.databases import DATABASES, make_database
from tests.protocols import money, size
from tests.protocols.forge import Forge, Json
from tests.protocols.money import Prepare, Request
from tests.protocols.outcome import Outcome
from tests.protocols.states import difference, state_of

KEY = "the key of the till"
EVERY = {"sqlite": size.pick(ci=2, release=1), "postgresql": size.pick(ci=5, release=1)}
"""One in so many points is hit; the phase moves on with every request, so that each kind gets its turn."""

_numbers = itertools.count(1)


class Sweep:
    """One request after the other, each dying at every point in turn."""

    def __init__(self, app: Flask, services: Services, forge: Forge, outcome: Outcome) -> None:
        self.app, self.services, self.forge, self.outcome = app, services, forge, outcome
        self.database: Database = services.database

    def of(self, prepare: Prepare, every: int = 1) -> None:
        name = prepare.__name__
        shop, request = self._prepared(prepare)
        before = state_of(self.database, shop.id)
        self._send(shop, request, in_this_process=True)
        after = state_of(self.database, shop.id)
        shop, request = self._prepared(prepare)
        points = int(self._send(shop, request)["points"])
        self._check(name, "undisturbed", difference(after, state_of(self.database, shop.id)))
        for point in range(next(_numbers) % every, points, every):
            shop, request = self._prepared(prepare)
            said = self._send(shop, request, die_at=point)
            where = f"{name} at {point} of {points}"
            self.outcome.operations += 1
            self.outcome.kills += said["killed"]
            self._expect(where, "was not hit", bool(said["killed"]))
            middle = state_of(self.database, shop.id)
            if request.is_one_commit and middle not in (before, after):
                self._check(where, "is half done", difference(before, middle))
            self._retry(where, shop, request, said, is_done=middle == after)
            self._check(where, "then retried", difference(after, state_of(self.database, shop.id)))

    def _retry(self, where: str, shop: Shop, request: Request, said: Json, *, is_done: bool) -> None:
        again = shop.everything.post(request.path, request.body, key=KEY)
        self._expect(where, f"answers {again.status} {again.raw!r}", again.status == request.status)
        if "body" in said:
            self._expect(where, "was acknowledged and lost", is_done)
            self._expect(where, "tells something else", said["body"] == again.raw.decode())
        if request.is_one_commit:
            self._expect(where, "is done and not replayed", again.is_replay == is_done)

    def _prepared(self, prepare: Prepare) -> tuple[Shop, Request]:
        shop = Shop(self.app, self.services, f"m{next(_numbers)}").open()
        assert shop.everything.key  # made now, so that it is no part of what the request does
        return shop, prepare(shop)

    def _send(self, shop: Shop, request: Request, **how: object) -> Json:
        auth = shop.everything.key
        assert auth is not None
        return self.forge.post(request.path, request.body, auth=auth, key=KEY, **how)

    def _check(self, where: str, what: str, different: str) -> None:
        self._expect(where, f"{what}: {different}", not different)

    def _expect(self, where: str, what: str, is_so: bool) -> None:
        if not is_so:
            self.outcome.violations.append(f"{where} {what}")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """In memory where there is such a place: a process that is killed has not lost what the kernel has."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield make_database(request, request.param, Path(folder))


@pytest.fixture
def forge(services: Services, tmp_path: Path) -> Iterator[Forge]:
    with Forge(services.database.url, tmp_path) as forge:
        yield forge


def test_every_endpoint_that_moves_value_is_swept() -> None:
    assert money.endpoints() == set(money.REQUESTS)


@pytest.mark.slow
@pytest.mark.timeout(size.pick(ci=900, release=7200))
@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
def test_a_server_may_die_at_any_point_of_any_request(
    api_app: Flask, services: Services, forge: Forge
) -> None:
    dialect = services.database.engine.dialect.name
    every = EVERY[dialect]
    scale = f"{len(money.ALL)} requests, " + ("every point" if every == 1 else f"every {every}th point")
    outcome = Outcome("T2 crash points", dialect, scale)
    sweep = Sweep(api_app, services, forge, outcome)
    for number, prepare in enumerate(money.ALL):
        outcome.progress(number, len(money.ALL))
        sweep.of(prepare, every)
    with services.database.read() as uow:
        outcome.violations += verify(uow).faults
    outcome.publish()
    assert outcome.violations == []
    assert outcome.kills == outcome.operations > len(money.ALL)
