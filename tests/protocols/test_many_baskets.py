"""T6: thirty-two tills, each basket two to five cards in any order. No two wait for each other in a ring.

A till that is told to come back does so, with the same key, until it is answered; what all of them were told
must be what the cards then hold.
"""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from passes.cards import queries as cards
from passes.db.engine import Database
from passes.ledger.verify import verify
from passes.redemption import baskets
from tests.concurrency.deadlocks import deadlocks
from tests.fixtures.api import Answer, Shop, eur
from tests.mutants import damage
from tests.protocols import size
from tests.protocols.outcome import Outcome
from tests.story.server import Server

TILLS = 32
SECONDS = size.seconds(ci=20, release=60)
BITE_S = 6.0
GIFTS, COUPONS = 24, 4
BALANCE = 1_500
USES = 1000
BUSY_SHARE = size.pick(ci=1.0, release=0.01)
"""How many may be told that the database is busy; on a machine that does other things too, any number."""

CALLS, BITE_CALLS = 20, 5
"""So many calls each till makes at least, however long they take."""

Json = dict[str, Any]
Post = Callable[[str, Json, str], Answer]


@dataclass
class Till:
    """A till with baskets on its mind; `moved` is what it was told happened to each card."""

    post: Post
    gifts: list[str]
    coupons: list[str]
    dice: random.Random
    moved: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)

    def run(self, until: float, calls: int) -> None:
        while time.monotonic() < until or self.statuses.total() < calls:
            self.sell()

    def sell(self) -> None:
        """One basket; some are given back, some undone as if no answer had come, some cards are filled."""
        key, dice = str(uuid.uuid4()), self.dice
        named = dice.sample([*self.gifts, *self.coupons], dice.randint(2, 5))
        mode = dice.choice(["all", "partial"])
        instruments = [self._instrument(card) for card in named]
        body: Json = {"mode": mode, "order_total": eur(dice.randint(50, 900)), "instruments": instruments}
        paid = self.ask("/baskets", body, key)
        if paid.status == 201:
            self._check(body, paid.json)
        chance = dice.random()
        if chance < 0.15 and paid.status == 201:
            self.ask(f"/baskets/{paid['id']}/refund", {}, str(uuid.uuid4()))
        elif chance < 0.25:
            self.ask("/reversals", {"idempotency_key": key}, str(uuid.uuid4()))
        elif chance < 0.5:
            load = {"card_id": dice.choice(self.gifts), "amount": eur(dice.randint(1, 900))}
            self.ask("/loads", load, str(uuid.uuid4()))

    def _instrument(self, card: str) -> Json:
        if card in self.coupons or self.dice.random() < 0.4:
            return {"card_id": card}
        return {"card_id": card, "amount": eur(self.dice.randint(1, 600))}

    def ask(self, path: str, body: Json, key: str) -> Answer:
        """Until it is answered."""
        while True:
            begun = time.monotonic()
            answer = self.post(path, body, key)
            self.latencies_ms.append((time.monotonic() - begun) * 1000)
            self.statuses[str(answer.status)] += 1
            if answer.status != 503:
                break
            if not answer.headers.get("Retry-After", "").isdigit():
                self.wrong.append("503 without Retry-After")
        if answer.status not in (201, 402, 409):
            self.wrong.append(f"{path} answered {answer.status}: {answer.raw[:200]!r}")
        if answer.status == 201:
            made = answer.json
            lines = made.get("transactions", [made])
            if "results" in made:
                lines = [line["transaction"] for line in made["results"]]
            for entry in filter(None, lines):
                self.moved[entry["card_id"]] += entry["delta"]["amount"]
        return answer

    def _check(self, body: Json, told: Json) -> None:
        sums = [told[name]["amount"] for name in ("discount", "paid", "remaining_due")]
        lines = [line["transaction"] for line in told["results"] if line["transaction"]]
        paid = sum(entry["amount"]["amount"] for entry in lines if entry["amount"]["asset"] == "EUR")
        if sum(sums) != body["order_total"]["amount"] or sums[1] != paid:
            self.wrong.append(f"basket {told['id']} does not add up")
        if body["mode"] == "all" and len(lines) < len(body["instruments"]):
            self.wrong.append(f"basket {told['id']} took some of all")


def rush(shop: Shop, post: Post, seconds: float, calls: int, outcome: Outcome) -> None:
    """The protocol for so long; `outcome` learns what was wrong."""
    gifts = {shop.gift(BALANCE)["id"]: BALANCE for _ in range(GIFTS)}
    coupons = {shop.card("coupon", rules={"uses": USES})["id"]: USES for _ in range(COUPONS)}
    dice = random.Random(outcome.seed)
    tills = [Till(post, list(gifts), list(coupons), random.Random(dice.random())) for _ in range(TILLS)]
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(TILLS) as pool:
        list(pool.map(lambda till: till.run(until, calls), tills))
    statuses: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    for till in tills:
        statuses.update(till.statuses)
        moved.update(till.moved)
        outcome.violations += till.wrong
        outcome.outages_ms += till.latencies_ms
    outcome.operations, outcome.declines = sum(statuses.values()), statuses["402"]
    outcome.notes = f"{outcome.operations / seconds:.0f} calls a second, {dict(statuses)}"
    if statuses["503"] > BUSY_SHARE * outcome.operations:
        outcome.violations.append(f"{statuses['503']} of {outcome.operations} answers were 503")
    for card_id, started in {**gifts, **coupons}.items():
        balance = shop.balance({"id": card_id})
        if balance != started + moved[card_id]:
            outcome.violations.append(f"{card_id} holds {balance}, tills know of {started + moved[card_id]}")
    with shop.services.database.read() as uow:
        outcome.violations += verify(uow).faults
    if count := deadlocks(shop.services.database):
        outcome.violations.append(f"{count} deadlocks")


def over_http(base_url: str, auth: str) -> Post:
    """Tills with a connection each."""
    local = threading.local()

    def post(path: str, body: Json, key: str) -> Answer:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        headers = {"Authorization": f"Bearer {auth}", "Idempotency-Key": key}
        got = local.session.post(f"{base_url}/api/v1{path}", json=body, headers=headers, timeout=120)
        # As they are: whoever looks one up need not know how the server spells it.
        return Answer(got.status_code, got.headers, got.content)

    return post


@pytest.mark.slow
def test_baskets_in_any_order_never_wait_in_a_ring_and_every_cent_is_accounted_for(
    shop: Shop, database: Database, tmp_path: Path
) -> None:
    outcome = Outcome("T6 baskets", database.engine.dialect.name, f"{TILLS} tills, {SECONDS:g} s")
    environment = {
        "STEMPEL_DATABASE_URL": database.url,
        "STEMPEL_DATA_DIR": str(tmp_path / "var"),
        "STEMPEL_CERTS_DIR": str(tmp_path / "certs"),
        "STEMPEL_SECRET_KEY": "s" * 40,
        "STEMPEL_TOKEN_KEY": "t" * 40,
    }
    server = Server(environment, tmp_path / "server.log")
    server.start()
    try:
        auth = shop.client("till").key
        assert auth is not None
        rush(shop, over_http(server.base_url, auth), SECONDS, CALLS, outcome)
    finally:
        server.kill()
    outcome.publish()
    assert outcome.violations == []
    assert outcome.declines >= 0.1 * outcome.operations


def _bite(shop: Shop) -> list[str]:
    """The protocol over the application in this process, which a test can bend; what it noticed."""
    outcome = Outcome("T6 baskets", "planted", f"{TILLS} tills, {BITE_S:g} s")
    till = shop.till
    rush(shop, lambda path, body, key: till.post(path, body, key=key), BITE_S, BITE_CALLS, outcome)
    return outcome.violations


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_cards_locked_in_the_order_named_are_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    damage(monkeypatch, cards, "lock_known", ("sorted(set(card_ids))", "dict.fromkeys(card_ids)"))
    assert any("deadlocks" in violation for violation in _bite(shop))


@pytest.mark.slow
def test_a_refusal_of_all_that_keeps_what_it_took_is_noticed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = ('if mode == "all":', 'if mode == "all":\n                uow.conn.commit()')
    damage(monkeypatch, baskets, "pay", kept)
    assert any("tills know of" in violation for violation in _bite(shop))
