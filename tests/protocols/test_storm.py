"""T4: many keys, each sent many times at once, some with another body; by another merchant; after a restart.

One effect for each key, one answer byte for byte, and 422 for everything else that comes under it.
"""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from passes.ledger.models import Transaction
from passes.ledger.verify import verify
from tests.concurrency.test_tills import patiently
from tests.fixtures.api import Answer, Client, Json, Shop, eur
from tests.protocols import size
from tests.protocols.forge import Forge
from tests.protocols.outcome import Outcome

KEYS = size.pick(ci=24, release=200)
THREADS = size.pick(ci=16, release=50)
CARDS = size.pick(ci=3, release=25)
BALANCE = 100
"""So little that some payments are declined: a refusal is an answer like any other."""

Sent = tuple[str, Json]


class Storm:
    """What was sent under which key, and what came back."""

    def __init__(self, shop: Shop, other: Shop, outcome: Outcome, keys: int, threads: int) -> None:
        self.threads = threads
        self.till, self.other, self.outcome = shop.till, other.till, outcome
        self.cards = [shop.gift(BALANCE)["id"] for _ in range(CARDS)]
        self.dice = random.Random(outcome.seed)
        self.calls: dict[str, list[Sent]] = {str(uuid4()): self._bodies() for _ in range(keys)}
        self.first: dict[str, tuple[Sent, Answer]] = {}

    def _bodies(self) -> list[Sent]:
        """The request, and the same with an altered body, to a card and an endpoint of chance."""
        path = self.dice.choice(["/redemptions"] * 4 + ["/loads", "/holds"])
        amount, card = self.dice.randint(1, 90), self.dice.choice(self.cards)
        body = {"card_id": card, "amount": eur(amount), "reference": str(uuid4())}
        return [(path, body), (path, {**body, "amount": eur(amount + 1)})]

    def blow(self) -> None:
        """Every key from every thread; one in four sends the altered body."""
        sendings: list[tuple[str, Sent]] = []
        for key, (one, other) in self.calls.items():
            twins = [(key, other if n % 4 == 0 else one) for n in range(self.threads)]
            sendings += self.dice.sample(twins, self.threads)
        with ThreadPoolExecutor(self.threads) as pool:
            answers = list(pool.map(lambda s: patiently(self.till, s[1][0], s[1][1], s[0]), sendings))
        self.outcome.operations += len(answers)
        for (key, sent), answer in zip(sendings, answers, strict=True):
            if answer.code != "idempotency_key_reused":
                self._told(key, sent, answer)
        for (key, sent), answer in zip(sendings, answers, strict=True):
            if answer.code == "idempotency_key_reused" and self.first[key][0] == sent:
                self.outcome.violations.append(f"{key}: its own request was refused as another")

    def _told(self, key: str, sent: Sent, answer: Answer) -> None:
        first_sent, first = self.first.setdefault(key, (sent, answer))
        if first_sent != sent:
            self.outcome.violations.append(f"{key}: two requests were answered")
        if (first.status, first.raw) != (answer.status, answer.raw):
            self.outcome.violations.append(f"{key}: two answers {first.raw!r} {answer.raw!r}")

    def again(self, send: Callable[[str, Json, str], tuple[int, str]]) -> None:
        """Each key once more with each body: the answer as before, and 422 for the other."""
        for key, bodies in self.calls.items():
            for sent in bodies:
                status, told = send(sent[0], sent[1], key)
                self.outcome.operations += 1
                first_sent, first = self.first[key]
                if sent == first_sent and (status, told) != (first.status, first.raw.decode()):
                    self.outcome.violations.append(f"{key}: replayed as {status} {told}")
                if sent != first_sent and status != 422:
                    self.outcome.violations.append(f"{key}: another body got {status}")

    def elsewhere(self) -> None:
        """The keys in the hands of another merchant are new keys."""
        for key, [(path, body), _] in self.calls.items():
            answer = self.other.post(path, body, key=key)
            self.outcome.operations += 1
            if answer.status != 404 or answer.is_replay:
                self.outcome.violations.append(f"{key}: another merchant got {answer.status} {answer.raw!r}")


def effects(shop: Shop) -> Counter[str]:
    """How many transactions there are under each receipt."""
    query = select(Transaction.reference, func.count()).where(
        Transaction.merchant_id == shop.id, Transaction.reference.is_not(None)
    )
    with shop.services.database.read() as uow:
        return Counter(dict(map(tuple, uow.conn.execute(query.group_by(Transaction.reference)))))


def sending(client: Client) -> Callable[[str, Json, str], tuple[int, str]]:
    def send(path: str, body: Json, key: str) -> tuple[int, str]:
        answer = client.post(path, body, key=key)
        return answer.status, answer.raw.decode()

    return send


def storm(shop: Shop, other_shop: Shop, folder: Path, keys: int = KEYS, threads: int = THREADS) -> Outcome:
    """The whole protocol; what it found."""
    database = shop.services.database
    outcome = Outcome("T4 storm", database.engine.dialect.name, f"{keys} keys, {threads} threads")
    storm = Storm(shop, other_shop, outcome, keys, threads)
    storm.blow()
    storm.again(sending(shop.till))
    storm.elsewhere()
    auth = shop.till.key
    assert auth is not None

    def restarted(path: str, body: Json, key: str) -> tuple[int, str]:
        said = forge.post(path, body, auth=auth, key=key)
        return said["status"], said["body"]

    with Forge(database.url, folder) as forge:
        storm.again(restarted)
    outcome.declines = sum(answer.status == 402 for _, answer in storm.first.values())
    booked = effects(shop)
    for key, ((path, body), answer) in storm.first.items():
        wanted = 1 if answer.status == 201 and path != "/holds" else 0
        if booked[body["reference"]] != wanted:
            outcome.violations.append(f"{key}: {booked[body['reference']]} effects, not {wanted}")
    with database.read() as uow:
        outcome.violations += verify(uow).faults
    return outcome


@pytest.mark.slow
@pytest.mark.timeout(size.pick(ci=600, release=3600))
def test_a_key_has_one_effect_and_one_answer_in_any_storm(
    shop: Shop, other_shop: Shop, tmp_path: Path
) -> None:
    outcome = storm(shop, other_shop, tmp_path)
    outcome.publish()
    assert outcome.violations == []
    assert outcome.declines > 0
