"""Tests of the API share a database: each has merchants of its own, and nothing crosses between merchants."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete

from passes.app import create_app
from passes.clock import FixedClock
from passes.db.engine import Database
from passes.limits.doors import Closed, Pace
from passes.limits.models import GuessDebt
from passes.wiring import Services
from tests.fixtures.api import make_services


@pytest.fixture
def database(shared_database: Database, clock: FixedClock) -> Database:
    """The shared database, at the test's own clock."""
    shared_database.clock = clock
    return shared_database


@pytest.fixture(scope="session")
def api_app(shared_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The whole web application, once for the shared database."""
    return create_app(make_services(shared_database, tmp_path_factory.mktemp("api")))


@pytest.fixture
def services(api_app: Flask, database: Database) -> Iterator[Services]:
    """The working parts of the application, at the test's own clock."""
    made: Services = api_app.extensions["stempel"]
    yield made
    if made.pace._shared.knows(""):
        _forget_wrong_codes(made)


def _forget_wrong_codes(services: Services) -> None:
    """What one test typed wrong is not held against the next: they come from one address, in one second."""
    vars(services.pace).update(vars(Pace()))
    vars(services.closed).update(vars(Closed()))
    with services.database.tally() as uow:
        uow.conn.execute(delete(GuessDebt))
