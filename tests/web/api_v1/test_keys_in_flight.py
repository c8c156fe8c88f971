"""A twin of a request that is still running waits, hears the first one's answer, and else that it runs."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest

from passes.db.baton import BATON
from passes.db.engine import Database
from passes.redemption import service as redemption
from passes.web import keyed
from tests.fixtures.api import Answer, Json, Shop, eur
from tests.mutants import damage


class Street:
    """A shop whose redemptions stop half way until they are let go."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop, self.card, self.key = shop, shop.card("gift", amount=eur(1000)), str(uuid4())
        self.other = shop.card("gift", amount=eur(1000))
        self._arrived, self._go_on = threading.Event(), threading.Event()
        redeem = redemption.redeem

        def held_up(*args: object, **named: object) -> object:
            if not self._arrived.is_set():
                self._arrived.set()
                # As whoever waits for the database does; nothing else takes a call long.
                assert BATON.waiting_for(self._go_on.wait, 120)
            return redeem(*args, **named)  # type: ignore[arg-type]  # whatever the call was

        monkeypatch.setattr(redemption, "redeem", held_up)

    def pay(self, card: Json | None = None, key: str | None = None) -> Answer:
        body = {"card_id": (card or self.card)["id"], "amount": eur(10)}
        return self.shop.till.post("/redemptions", body, key=key or self.key)

    @contextmanager
    def held_up(self) -> Iterator[Callable[[], Answer]]:
        """The first payment stands still inside; what is yielded lets it go and returns its answer."""
        with ThreadPoolExecutor(1) as pool:
            first: Future[Answer] = pool.submit(self.pay)
            assert self._arrived.wait(120)

            def go_on() -> Answer:
                self._go_on.set()
                return first.result(120)

            try:
                yield go_on
            finally:
                self._go_on.set()


@pytest.fixture
def street(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Street:
    return Street(shop, monkeypatch)


def twin_hears_that_it_runs(street: Street) -> None:
    with street.held_up() as go_on:
        twin = street.pay()
        assert (twin.status, twin.code) == (409, "idempotency_key_in_use")
        first = go_on()
    again = street.pay()
    assert (first.status, again.status, again.is_replay, again.raw) == (201, 201, True, first.raw)
    assert street.shop.balance(street.card) == 990


@pytest.mark.usefixtures("impatient")
def test_a_twin_that_waited_long_enough_hears_that_the_first_still_runs(street: Street) -> None:
    """It is not remembered: asked again later, the key gives the first one's answer."""
    twin_hears_that_it_runs(street)


def test_a_twin_that_need_not_wait_long_hears_the_answer(street: Street) -> None:
    with street.held_up() as go_on, ThreadPoolExecutor(1) as pool:
        twin = pool.submit(street.pay)
        first = go_on()
        assert (first.status, twin.result(120).raw) == (201, first.raw)
    assert street.shop.balance(street.card) == 990


@pytest.mark.usefixtures("impatient")
def test_another_key_is_never_said_to_run(street: Street, database: Database) -> None:
    """On PostgreSQL it does not even wait; on SQLite the whole database is taken."""
    with street.held_up():
        answer = street.pay(street.other, str(uuid4()))
    expected = (503, "busy") if database.is_sqlite else (201, None)
    assert (answer.status, answer.code) == expected


@pytest.mark.usefixtures("impatient")
def test_the_same_key_of_another_merchant_is_another_key(
    street: Street, other_shop: Shop, database: Database
) -> None:
    card = other_shop.card("gift", amount=eur(1000))
    with street.held_up():
        body = {"card_id": card["id"], "amount": eur(10)}
        answer = other_shop.till.post("/redemptions", body, key=street.key)
    expected = (503, "busy") if database.is_sqlite else (201, None)
    assert (answer.status, answer.code) == expected


BUGS = {
    "sqlite": ("_is_in_flight", ("return claim_name(merchant_id, key) in database.claims", "return False")),
    "postgresql": ("_once_ours", ("claim(uow, name, _KeyInUse())", "pass")),
}


@pytest.mark.usefixtures("impatient")
def test_a_planted_bug_is_noticed(
    street: Street, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, keyed, *BUGS[database.engine.dialect.name])
    with pytest.raises(AssertionError):
        twin_hears_that_it_runs(street)
