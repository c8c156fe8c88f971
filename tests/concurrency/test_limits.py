"""Several limits in one stroke, from two sides at once: nobody waits in a ring, and whoever is last wins."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import Insert

from passes.limits import service
from passes.merchants import offline_limits
from passes.merchants.models import OfflineLimit
from passes.redemption import limiting
from tests.concurrency.deadlocks import deadlocks
from tests.fixtures.api import Client, Json, Shop, eur
from tests.limits.managing import set_limit
from tests.mutants import damage

A_MOMENT_S, LONG_S = 0.5, 20.0
"""How long one waits for the other: who may be kept from coming, and who will come on the slowest machine."""


@pytest.fixture
def two_programs(shop: Shop) -> tuple[list[Json], list[Json]]:
    """Two baskets of one till: a card of either of two programs, in either order; each program is limited."""
    coffee, books = shop.program("gift"), shop.program("gift", minimum_load=eur(1))
    assert coffee != books
    for program_id in (coffee, books):
        for call in ("redeem", "refund"):
            set_limit(shop, call=call, within="day", each="till", count=50, program_id=program_id)
    cards = [
        shop.till.post("/cards", {"program_id": program_id, "amount": eur(1000)}).ok().json
        for program_id in (coffee, books, books, coffee)
    ]
    lines = [{"code": card["code"], "amount": eur(10)} for card in cards]
    return lines[:2], lines[2:]


def _meet(monkeypatch: pytest.MonkeyPatch, within_s: float) -> None:
    """Whoever has counted towards a first limit waits for the other to have done so too."""
    both = threading.Barrier(2)
    use, here = service.use, threading.local()

    def and_wait(*given: object) -> int:
        used = use(*given)  # type: ignore[arg-type]  # handed on as it came
        if not getattr(here, "has_met", False):
            here.has_met = True
            with suppress(threading.BrokenBarrierError):
                both.wait(within_s)
        return used

    monkeypatch.setattr(service, "use", and_wait)


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    _meet(monkeypatch, A_MOMENT_S)


def _pay_at_once(shop: Shop, baskets: tuple[list[Json], list[Json]]) -> list[Json]:
    """What the till is answered that sends both baskets at the same time."""
    till = shop.till

    def pay(lines: list[Json]) -> Json:
        order = {"mode": "all", "order_total": eur(20), "instruments": lines}
        answered: Json = till.post("/baskets", order).ok().json
        return answered

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(pay, baskets))


@pytest.mark.usefixtures("meeting")
def test_two_baskets_of_one_till_count_in_one_order_whatever_order_they_name_the_cards_in(
    shop: Shop, two_programs: tuple[list[Json], list[Json]]
) -> None:
    before = deadlocks(shop.services.database)
    paid = _pay_at_once(shop, two_programs)
    assert [basket["remaining_due"]["amount"] for basket in paid] == [0, 0]
    assert deadlocks(shop.services.database) == before


def test_their_refunds_do_too(
    shop: Shop, two_programs: tuple[list[Json], list[Json]], request: pytest.FixtureRequest
) -> None:
    paid = _pay_at_once(shop, two_programs)
    before = deadlocks(shop.services.database)
    request.getfixturevalue("meeting")
    till = shop.till
    with ThreadPoolExecutor(2) as pool:
        refunds = list(pool.map(lambda basket: till.post(f"/baskets/{basket['id']}/refund"), paid))
    assert [refund.status for refund in refunds] == [201, 201]
    assert deadlocks(shop.services.database) == before


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_that_order_they_wait_in_a_ring(
    shop: Shop, two_programs: tuple[list[Json], list[Json]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _meet(monkeypatch, LONG_S)
    damage(monkeypatch, limiting, "take_in_order", ("len(acts) < 2", "len(acts)"))
    before = deadlocks(shop.services.database)
    with suppress(AssertionError):  # one of them is told that the database is busy
        _pay_at_once(shop, two_programs)
    assert deadlocks(shop.services.database) > before


def _set_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch, within_s: float) -> list[int]:
    """The statuses two managers get who set the limits of the same till, each for another asset as well."""
    both, plain, here = threading.Barrier(2), offline_limits.insert, threading.local()

    def once_both_have_deleted(table: type[OfflineLimit]) -> Insert:
        if not getattr(here, "has_met", False):
            here.has_met = True
            with suppress(threading.BrokenBarrierError):
                both.wait(within_s)
        return plain(table)

    monkeypatch.setattr(offline_limits, "insert", once_both_have_deleted)
    managers = [Client(shop.app, shop.new_key("manage").key) for _ in range(2)]

    def put(manager: Client, asset: str) -> int:
        limits = [{"asset": one, "exposure": 5} for one in ("EUR", asset)]
        return manager.request("PUT", "/offline/limits", body={"limits": limits}).status

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(put, managers, ("POINT", "USD")))


def test_who_sets_the_limits_of_a_till_last_has_set_them_all(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _set_at_once(shop, monkeypatch, A_MOMENT_S) == [200, 200]
    with shop.services.database.read() as uow:
        (found,) = offline_limits.limits_by_owner(uow, shop.id, [shop.id]).values()
    assert len(found) == 2


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_their_turn_one_of_them_would_hear_of_a_fault_of_ours(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, offline_limits, "set_limits", (".with_for_update(key_share=True)", ""))
    with pytest.raises(AssertionError, match="answered 500"):
        _set_at_once(shop, monkeypatch, LONG_S)
