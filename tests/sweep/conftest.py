"""One world for each database: nobody changes it, which is what these tests are about."""

from collections.abc import Iterator

import pytest

from passes.clock import FixedClock
from passes.db.engine import Database
from tests.fixtures.databases import DATABASES, START, make_database
from tests.sweep.world import World, open_world


@pytest.fixture(scope="package", params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two shops with one of everything."""
    folder = tmp_path_factory.mktemp("sweep")
    database = Database(make_database(request, request.param, folder), FixedClock(START))
    with open_world(database, folder) as opened:
        yield opened
    database.close()
