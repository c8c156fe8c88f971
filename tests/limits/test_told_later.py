"""What a till tells in /sync and its clock: limits are not walked around by saying that it was long ago."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from uuid import uuid4

import pytest

from passes.clock import FixedClock, format_rfc3339
from passes.redemption import holds, limiting, service
from tests.fixtures.api import Json, Shop, eur
from tests.limits.managing import incidents, load, pay, set_limit
from tests.mutants import damage


def told(shop: Shop, clock: FixedClock, call: str, body: Json, **ago: float) -> int:
    """The status of what happened so long ago and is told now."""
    one = {
        "call": call,
        "idempotency_key": str(uuid4()),
        "occurred_at": format_rfc3339(clock.at - timedelta(**ago)),
        "body": body,
    }
    (result,) = shop.till.post("/sync", {"operations": [one]}).ok()["results"]
    return int(result["status"])


def test_saying_that_it_was_hours_ago_gets_round_no_limit_of_an_hour(shop: Shop, clock: FixedClock) -> None:
    set_limit(shop, call="load", each="till", within="hour", amount=eur(1000))
    card = shop.gift(1)
    assert load(shop, card, 1000).status == 201
    body = {"card_id": card["id"], "amount": eur(1000)}
    assert [told(shop, clock, "/loads", body, hours=ago) for ago in (0, 1, 5, 30)] == [409] * 4
    assert shop.balance(card) == 1001


def test_the_same_for_cards_that_are_issued(shop: Shop, clock: FixedClock) -> None:
    set_limit(shop, call="issue", each="till", within="hour", count=1)
    body = {"program_id": shop.program("gift"), "amount": eur(1000)}
    assert shop.till.post("/cards", body).status == 201
    assert [told(shop, clock, "/cards", body, hours=ago) for ago in (0, 1, 5)] == [409] * 3


def test_the_limit_of_a_day_is_that_of_the_day_on_which_it_happened(shop: Shop, clock: FixedClock) -> None:
    set_limit(shop, call="load", each="till", within="day", amount=eur(1000))
    card = shop.gift(1)
    assert load(shop, card, 1000).status == 201
    body = {"card_id": card["id"], "amount": eur(1000)}
    assert [told(shop, clock, "/loads", body, days=ago) for ago in (0, 1, 1, 2)] == [409, 201, 409, 201]


def test_a_hold_is_refused_however_it_is_told_of_because_nothing_was_handed_out(
    shop: Shop, clock: FixedClock
) -> None:
    set_limit(shop, call="redeem", each="card", within="hour", count=1)
    card = shop.gift(1000)
    assert pay(shop, card, 1).status == 201
    body = {"card_id": card["id"], "amount": eur(1)}
    assert told(shop, clock, "/holds", body, minutes=1) == 409
    assert told(shop, clock, "/redemptions", body, minutes=1) == 201
    assert [i["type"] for i in incidents(shop)] == ["flagged", "refused"]


def _hours(shop: Shop, clock: FixedClock) -> None:
    test_saying_that_it_was_hours_ago_gets_round_no_limit_of_an_hour(shop, clock)


def _issued(shop: Shop, clock: FixedClock) -> None:
    test_the_same_for_cards_that_are_issued(shop, clock)


def _hold(shop: Shop, clock: FixedClock) -> None:
    test_a_hold_is_refused_however_it_is_told_of_because_nothing_was_handed_out(shop, clock)


PLANTED = [
    (limiting, "began", ("act.told_at.replace", "act.at.replace"), _hours),
    (limiting, "began", ("act.told_at.replace", "act.at.replace"), _issued),
    (service, "_act", ("if _is_gone(call, entry_type) else uow.now", ""), _hours),
    (holds, "hold", ("replace(call, occurred_at=None)", "call"), _hold),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("module, name, edit, scenario", PLANTED)
def test_planted_bugs_are_caught(
    shop: Shop,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    edit: tuple[str, str],
    scenario: Callable[[Shop, FixedClock], None],
) -> None:
    damage(monkeypatch, module, name, edit)
    with pytest.raises(AssertionError):
        scenario(shop, clock)
