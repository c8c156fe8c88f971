"""kill -9 in mid-work: what was acknowledged is kept, once; what was planned is sent."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from sqlalchemy import func, select, update

from passes.campaigns.models import Dispatch
from passes.clock import SystemClock, real_now
from passes.db.engine import Database, UnitOfWork
from passes.ledger.models import Transaction
from passes.ledger.verify import verify
from passes.merchants import keys
from passes.merchants import service as merchants
from passes.merchants.rules import KeyDraft, MerchantDraft
from passes.outbox import queries as outbox
from passes.outbox.models import Delivery
from tests.fakes.apns import Behaviour
from tests.fakes.phone import Phone
from tests.story.server import Process, Server
from tests.story.shop import BASE, Shop, open_shop

TILLS = 6
CARDS = 4
KILLS = 4
MEMBERS = 40
SCHEDULER_KILLS = 4
FIRST_LOAD = 600
PATIENCE_S = 120.0
ANSWERED_AFTER_S = 3.0
"""So long Apple takes over a push, so that a kill finds work in hand however late it comes."""


@dataclass
class Till:
    """A till that never gives up: it repeats a request under its key until it hears an answer."""

    base_url: str
    key: str
    cards: list[str]
    stop: threading.Event
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    requests_by_key: dict[str, dict[str, Any]] = field(default_factory=dict)
    unheard: int = 0

    def run(self) -> None:
        """Redeem small amounts from random cards until told to stop."""
        while not self.stop.is_set():
            amount = {"amount": random.randint(1, 9), "asset": "EUR"}
            self.redeem(str(uuid.uuid4()), {"card_id": random.choice(self.cards), "amount": amount})

    def redeem(self, key: str, body: dict[str, object]) -> None:
        """One redemption, to its answer."""
        self.requests_by_key[key] = body
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                answer = self.post(key, body)
            except requests.RequestException:
                self.unheard += 1
                time.sleep(0.05)
                continue
            if answer.status_code != 503:
                self.answers[key] = (answer.status_code, answer.content)
                return
            time.sleep(0.05)

    def post(self, key: str, body: dict[str, object]) -> requests.Response:
        """Send it once."""
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key}
        return requests.post(f"{self.base_url}/api/v1/redemptions", json=body, headers=headers, timeout=10)


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "STEMPEL_DATABASE_URL": database_url,
        "STEMPEL_DATA_DIR": str(tmp_path / "var"),
        "STEMPEL_CERTS_DIR": str(tmp_path / "certs"),
        "STEMPEL_SECRET_KEY": "s" * 40,
        "STEMPEL_TOKEN_KEY": "t" * 40,
    }


@pytest.fixture
def server(environment: dict[str, str], tmp_path: Path) -> Iterator[Server]:
    server = Server(environment, tmp_path / "server.log")
    try:
        server.start()
        yield server
    finally:
        server.kill()


def test_what_a_till_heard_stands_once_however_often_the_server_is_killed(
    server: Server, database_url: str
) -> None:
    database = Database(database_url, SystemClock())
    key, cards = _gift_cards(database, server.base_url)
    stop = threading.Event()
    tills = [Till(server.base_url, key, cards, stop) for _ in range(TILLS)]
    threads = [threading.Thread(target=till.run) for till in tills]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(random.uniform(0.5, 1.2))
        server.kill()
        server.start()
    time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join(PATIENCE_S)

    answers = {k: answer for till in tills for k, answer in till.answers.items()}
    asked = {k: body for till in tills for k, body in till.requests_by_key.items()}
    assert answers.keys() == asked.keys(), "a request never got an answer"
    assert sum(till.unheard for till in tills) > 0, "no request was cut off, so nothing was proven"
    statuses = [status for status, _ in answers.values()]
    assert set(statuses) <= {201, 402}
    taken = sum(asked[k]["amount"]["amount"] for k, (status, _) in answers.items() if status == 201)
    with database.read() as uow:
        redeemed = uow.conn.execute(
            select(func.count(), func.sum(Transaction.amount)).where(Transaction.type == "redeem")
        ).one()
    with database.read() as uow:
        report = verify(uow)
    assert tuple(redeemed) == (statuses.count(201), taken)
    assert report.ok, report.faults
    some = random.sample(sorted(answers), min(40, len(answers)))
    for k in some:
        again = tills[0].post(k, asked[k])
        assert (again.status_code, again.content) == answers[k]
        assert again.headers["Idempotent-Replayed"] == "true"
    database.close()


def _gift_cards(database: Database, base_url: str) -> tuple[str, list[str]]:
    with database.write() as uow:
        merchant = merchants.create_merchant(uow, MerchantDraft(slug="bank", name="Bank"), "test")
        draft = KeyDraft(scopes=("till", "manage", "read"))
        key = keys.create_key(uow, merchant.id, draft, "test").key
    headers = {"Authorization": f"Bearer {key}"}
    program = {"kind": "gift", "name": "Gift", "currency": "EUR", "rules": {}}
    program_id = requests.post(
        f"{base_url}/api/v1/programs", json=program, headers=headers, timeout=120
    ).json()["id"]
    cards = []
    for _ in range(CARDS):
        body = {"program_id": program_id, "amount": {"amount": FIRST_LOAD, "asset": "EUR"}}
        keyed = {**headers, "Idempotency-Key": str(uuid.uuid4())}
        cards.append(
            requests.post(f"{base_url}/api/v1/cards", json=body, headers=keyed, timeout=120).json()["id"]
        )
    return key, cards


def test_a_scheduler_killed_in_mid_work_reaches_every_phone_all_the_same(
    database_url: str, tmp_path: Path
) -> None:
    with open_shop(database_url, tmp_path) as shop:
        phones = _phones(shop)
        shop.apns.script([Behaviour(delay_s=ANSWERED_AFTER_S)] * (MEMBERS * SCHEDULER_KILLS))
        campaign = shop.api("POST", "/campaigns", _hello())
        shop.api("POST", f"/campaigns/{campaign['id']}/launch", {}, expect=200)
        scheduler = Process("scheduler", environment=shop.environment, log=tmp_path / "scheduler.log")
        cut_short = 0
        try:
            for _ in range(SCHEDULER_KILLS):
                scheduler.start()
                cut_short += _kill_in_mid_work(shop, scheduler)
            scheduler.start()
            _wait(lambda: _progress(shop) == 2 * MEMBERS)
        finally:
            scheduler.kill()
        assert cut_short > 0, "no kill fell into the work, so nothing was proven"
        assert _progress(shop) == 2 * MEMBERS, scheduler.words()[-4000:]
        results = shop.api("GET", f"/campaigns/{campaign['id']}/results", expect=200)
        assert (results["sent"], results["planned"], results["suppressed"]) == (MEMBERS, 0, {})
        for serial, phone in phones.items():
            assert phone.pushed() == [serial]
            assert phone.shown(serial, "news") == "Hello, fresh buns!"


def _phones(shop: Shop) -> dict[str, Phone]:
    rules = {"stamps_required": 10, "reward": "A bun"}
    program = shop.api("POST", "/programs", {"kind": "stamp", "name": "Buns", "rules": rules})
    consent = {
        "purpose": "marketing",
        "channel": "wallet",
        "granted": True,
        "wording": "yes",
        "source": "test",
    }
    phones = {}
    for _ in range(MEMBERS):
        card = shop.api("POST", "/cards", {"program_id": program["id"], "member": {"consents": [consent]}})
        phone = shop.phone()
        phones[phone.install(shop.download(card["links"]["page"].removeprefix(BASE)))] = phone
    shop.send()
    return phones


def _hello() -> dict[str, object]:
    """A campaign by hand, with its quiet hours on the other side of the clock."""
    far = (datetime.now(ZoneInfo("Europe/Berlin")).hour + 12) % 24
    return {
        "name": "Buns",
        "trigger": {"type": "manual"},
        "message": {"de": "Hallo, frische Brötchen!", "en": "Hello, fresh buns!"},
        "quiet_hours": {"from": f"{far:02}:00", "to": f"{far:02}:30"},
    }


def _kill_in_mid_work(shop: Shop, scheduler: Process) -> bool:
    """Kill it as soon as it has got somewhere; whether there was work left then."""
    before = _signs_of_work(shop)
    _wait(lambda: _signs_of_work(shop) > before or _is_done(shop))
    scheduler.kill()
    was_cut_short = not _is_done(shop)
    with shop.services.database.write() as uow:
        # As if the leases of the dead had run out already.
        uow.conn.execute(update(Delivery).values(leased_until=None))
    return was_cut_short


def _is_done(shop: Shop) -> bool:
    with shop.services.database.read() as uow:
        return outbox.status(uow, real_now()).is_empty and _sent(uow) == MEMBERS


def _signs_of_work(shop: Shop) -> int:
    """Messages sent, and pushes that arrived, each as often as it came."""
    with shop.services.database.read() as uow:
        return _sent(uow) + len(shop.apns.pushes)


def _progress(shop: Shop) -> int:
    """Messages sent, and pushes that arrived, each phone counted once."""
    with shop.services.database.read() as uow:
        return _sent(uow) + len({push.token for push in shop.apns.pushes})


def _sent(uow: UnitOfWork) -> int:
    sent = select(func.count()).select_from(Dispatch).where(Dispatch.state == "sent")
    return int(uow.conn.execute(sent).scalar_one())


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and not done():
        time.sleep(0.02)
