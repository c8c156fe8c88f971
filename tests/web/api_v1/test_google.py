"""What the API tells of comparisons with Google: the one under way, the last, and nobody else's."""

from passes.installs import google_checks as checks
from tests.fixtures.api import Shop

PATH = "/google/reconciliation"


def test_the_last_comparison_and_the_one_under_way_are_told(shop: Shop, other_shop: Shop) -> None:
    assert shop.reader.get(PATH).json == {"google_is_on": False, "running": None, "last": None}
    finding = {"fault": "different", "id": "3388.x", "card_id": "card_1", "fields": ["state"]}
    with shop.services.database.write() as uow:
        checks.want(uow, shop.id, "cli", repair=True)
        check = checks.claim(uow)
        assert check
        checks.finish(uow, check, done=3, total=3, same=2, different=1, findings=[finding])
        checks.want(uow, shop.id, "staff_1", repair=False)
        checks.want(uow, other_shop.id, "staff_2", repair=False)
    told = shop.manager.get(PATH).ok()
    last, running = told["last"], told["running"]
    assert (last["same"], last["different"], last["objects"], last["repair"]) == (2, 1, 3, True)
    assert last["findings"] == [finding]
    assert last["finished_at"]
    assert (running["started_by"], running["finished_at"], running["objects_total"]) == ("staff_1", None, 0)
    theirs = other_shop.reader.get(PATH).ok()
    assert theirs["running"]["started_by"] == "staff_2"
    assert theirs["last"] is None
