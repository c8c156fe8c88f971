"""However Google behaves, every card ends as it was meant, and no second sees more requests than allowed."""

import pytest

from passes.db.engine import Database
from tests.fakes.google import GoogleStandIn
from tests.wallets.google import season


def test_a_season_ends_with_every_card_as_meant_and_no_second_too_full(
    database: Database, stand_in: GoogleStandIn
) -> None:
    season.play(database, stand_in)
    said = {seen.status for seen in stand_in.requests}
    assert said >= {0, 200, 400, 403, 404, 409, 429, 500, 503}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bug", [season.BUCKET_PER_PROCESS, *season.BUGS])
def test_a_planted_bug_is_found(database: Database, stand_in: GoogleStandIn, bug: str) -> None:
    # So few a second that two processes reach twice as many on any machine.
    with pytest.raises(AssertionError):
        season.play(database, stand_in, bug, rate=5, count=6)
