"""Every operation of the API says no clearly, and does nothing by it."""

import pytest

from passes.web.api_v1.blueprint import operations
from passes.web.api_v1.operation import Operation
from tests.sweep.api import bad_requests
from tests.sweep.bad import faults
from tests.sweep.world import World


@pytest.mark.parametrize("operation", operations(), ids=lambda o: o.name)
def test_bad_input_is_refused_clearly_and_leaves_no_trace(world: World, operation: Operation) -> None:
    asked = list(bad_requests(world, operation))
    assert len(asked) >= 8
    found = faults(world.app, world.database, asked)
    assert not found, "\n".join(found)
