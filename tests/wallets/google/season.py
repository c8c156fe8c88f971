"""A season at Google: two processes keep cards equal to ours while everything that can go wrong does.

Run by tests as it is and with bugs planted into the processes.
"""

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from passes.cards.face import CardFace
from passes.cards.models import Card
from passes.clock import SystemClock, real_now
from passes.db.engine import Database, UnitOfWork
from passes.installs import google as installs
from passes.installs import google_pace
from passes.installs.models import GoogleIssuer
from passes.money import POINT, Money
from passes.outbox import queries as outbox
from passes.outbox.sender import Sender
from passes.wallets.fan_out import fan_out
from passes.wallets.google import client
from passes.wallets.google.bodies import class_body, object_body
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.delivery import GoogleChannel
from passes.wallets.google.kept import GoogleCards
from passes.wallets.google.pace import SharedPace
from tests.factories.faces import make_face
from tests.fakes.google import ISSUER_ID, GoogleStandIn
from tests.fakes.google.switches import busiest_second
from tests.installs.world import bump
from tests.mutants import damage
from tests.outbox.world import add_cards
from tests.wallets.google.conftest import URLS

CARDS = 16
PATIENCE_S = 180.0

BUGS: dict[str, tuple[Any, str, tuple[str, str]]] = {
    "what exists is not taken for done": (
        client,
        "GoogleWallet._put",
        ("return self._compare_and_patch(resource, body, deadline, notify)", "raise"),
    ),
}
BUCKET_PER_PROCESS = "a bucket per process"


def read_face(uow: UnitOfWork, card_id: str) -> CardFace:
    """A face whose balance is the card's version, so that a body tells which one it was made of."""
    version = uow.conn.execute(select(Card.version).where(Card.id == card_id)).scalar_one()
    return make_face(
        "points", card_id=card_id, merchant_id="mer_acme", version=version, balance=Money(version, POINT)
    )


Turns = Any
"""A queue between processes, of who asked and the moment it might leave, in Unix microseconds."""


def note_turns(patch: pytest.MonkeyPatch, turns: Turns) -> None:
    """Write down every turn that is taken.

    How fast we are is judged by them: when a request arrives depends on how busy the machine is as well.
    """
    take = google_pace.take_slot

    def take_and_note(uow: UnitOfWork, issuer: str, interval_us: int, patience_us: int) -> Any:
        taken = take(uow, issuer, interval_us, patience_us)
        if isinstance(taken, google_pace.Slot):
            row = select(GoogleIssuer.next_us).where(GoogleIssuer.issuer_id == issuer)
            turns.put((issuer, uow.conn.execute(row).scalar_one() - interval_us))
        return taken

    patch.setattr(google_pace, "take_slot", take_and_note)


@dataclass(frozen=True)
class Google:
    """Where a process finds Google."""

    url: str
    credentials_file: Path


def send(url: str, google: Google, rate: int, bug: str, may_end: Any, turns: Turns) -> None:
    """One process: sends what is due until it is told that all is quiet."""
    database = Database(url, SystemClock())
    issuer = f"{os.getpid()}" if bug == BUCKET_PER_PROCESS else ISSUER_ID
    pace = SharedPace(database, issuer, rate, quota_pause_s=0.5, rate_pause_s=0.5)
    wallet = GoogleWallet(google.credentials_file, ISSUER_ID, pace, api_url=google.url, timeout_s=1.0)
    cards = GoogleCards(database, wallet, read_face, lambda _: URLS)
    sender = Sender(database, fan_out, {"google": GoogleChannel(cards)})
    with pytest.MonkeyPatch.context() as patch:
        note_turns(patch, turns)
        if bug in BUGS:
            damage(patch, *BUGS[bug])
        while not may_end.is_set():
            sender.drain()
            time.sleep(0.05)
    database.close()


def trouble(google: GoogleStandIn) -> None:
    """The script: each kind of trouble, for calls that change something."""
    api = "/walletobjects/"
    for method in ("POST", "PATCH"):
        google.misbehave(method=method, path=api, lose_answer=True, times=3)
        google.misbehave(method=method, path=api, status=503)
        google.misbehave(method=method, path=api, status=500)
        google.misbehave(method=method, path=api, delay_s=1.5)
        google.misbehave(method=method, path=api, status=429, reason="rateLimitExceeded")
        google.misbehave(method=method, path=api, status=403, reason="quotaExceeded")
        google.misbehave(method=method, path=api, lose_answer=True, times=2)


def play(
    database: Database, google: GoogleStandIn, bug: str = "", rate: int = 20, count: int = CARDS
) -> None:
    """The whole season; raises AssertionError where it does not end as it should."""
    google.switches.rate_limit = True
    google.switches.locations_allowed = False
    *card_ids, late_id = [f"card_{number}" for number in range(1, count + 2)]
    with database.write() as uow:
        add_cards(uow, count + 1)
    for card_id in card_ids:
        _save(database, card_id)
    trouble(google)
    context = multiprocessing.get_context("spawn")
    may_end, turns = context.Event(), context.SimpleQueue()
    where = Google(google.url, google.credentials_file)
    processes = [
        context.Process(target=send, args=(database.url, where, rate, bug, may_end, turns)) for _ in range(2)
    ]
    try:
        for process in processes:
            process.start()
        bump(database, *card_ids)
        _until(lambda: len(google.store.keys("loyaltyObject")) > count // 2)
        bump(database, *card_ids[::2])
        google.store.forget(google.store.keys("loyaltyObject")[0])
        _until(lambda: _is_quiet(database))
        trouble(google)
        google.store.forget(google.store.keys("loyaltyClass")[0])
        bump(database, *card_ids)
        _until(lambda: _is_quiet(database))
        # One more that Google takes without saying so, and that changes before anybody asks again.
        google.misbehave(method="POST", path="/walletobjects/", lose_answer=True)
        late = _save(database, late_id)
        bump(database, late_id)
        _until(lambda: google.store.item("loyaltyObject", late) is not None)
        bump(database, late_id)
        _until(lambda: _is_quiet(database))
    finally:
        may_end.set()
        for process in processes:
            process.join(60)
            process.kill()
    _check(database, google, [*card_ids, late_id])
    taken: set[tuple[str, int]] = set()
    while not turns.empty():
        taken.add(turns.get())
    _check_pace(google, taken, rate)


def _save(database: Database, card_id: str) -> str:
    """Somebody asks to save the card; returns the id of its object."""
    shown = make_face("points", card_id=card_id)
    object_id: str = object_body(shown, ISSUER_ID, URLS).body["id"]
    with database.write() as uow:
        class_id = class_body(shown, ISSUER_ID, URLS).body["id"]
        installs.expect_object(uow, "mer_acme", card_id, object_id, class_id)
    return object_id


def _check(database: Database, google: GoogleStandIn, card_ids: list[str]) -> None:
    for card_id in card_ids:
        with database.read() as uow:
            face = read_face(uow, card_id)
        for make, resource in ((class_body, "loyaltyClass"), (object_body, "loyaltyObject")):
            meant = make(face, ISSUER_ID, URLS).body
            has = google.store.item(resource, meant["id"])
            meant = {k: v for k, v in meant.items() if k not in ("merchantLocations", "reviewStatus")}
            assert has is not None
            assert {key: value for key, value in has.items() if key != "reviewStatus"} == meant


def _check_pace(google: GoogleStandIn, turns: set[tuple[str, int]], rate: int) -> None:
    """Everything that was asked had its turn, and no second has too many of them."""
    assert busiest_second([at_us / google_pace.SECOND_US for _, at_us in turns]) <= rate
    assert 0 < len(google.calls()) <= len(turns)


def _is_quiet(database: Database) -> bool:
    with database.read() as uow:
        return outbox.status(uow, real_now()).is_empty


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "the season does not come to its end"
        time.sleep(0.05)
