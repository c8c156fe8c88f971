"""Tests of the API share a database: each has merchants of its own, and nothing crosses between merchants."""

import pytest

from passes.clock import FixedClock
from passes.db.engine import Database


@pytest.fixture
def database(shared_database: Database, clock: FixedClock) -> Database:
    """The shared database, at the test's own clock."""
    shared_database.clock = clock
    return shared_database
