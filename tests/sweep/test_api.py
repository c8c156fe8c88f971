"""Every operation of the API says no clearly, and does nothing by it."""

import pytest
from sqlalchemy import select

from passes.limits.models import GuessDebt
from passes.web.api_v1.blueprint import operations
from passes.web.api_v1.operation import Operation
from tests.sweep.api import bad_requests
from tests.sweep.bad import faults
from tests.sweep.world import World


@pytest.mark.parametrize("operation", operations(), ids=lambda o: o.name)
def test_bad_input_is_refused_clearly_and_leaves_no_trace(world: World, operation: Operation) -> None:
    asked = list(bad_requests(world, operation))
    assert len(asked) >= 8
    before = guessed(world)
    found = faults(world.app, world.database, asked)
    assert not found, "\n".join(found)
    # Or how many operations there are, and how fast they are swept, would decide who is slowed down.
    assert guessed(world) == before


def guessed(world: World) -> dict[str, int]:
    """What everybody owes for wrong guesses."""
    with world.database.read() as uow:
        rows = uow.conn.execute(select(GuessDebt.name, GuessDebt.debt_until_ms))
        return {row.name: row.debt_until_ms for row in rows}
