"""T1: a bank whose servers are killed and whose database is restarted under 32 tills on poor cards.

PostgreSQL: a worker is killed every second, which the server must make good at once, and the database is
restarted now and then, in turn as for maintenance and as by a crash. SQLite: the whole server is killed
every two seconds and started again.
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from passes.cards import service as card_service
from passes.clock import SystemClock
from passes.db.engine import Database
from passes.merchants import keys
from passes.merchants import service as merchants
from passes.merchants.rules import KeyDraft, MerchantDraft
from passes.programs import queries as program_queries
from passes.programs import service as programs
from passes.programs.service import ProgramDraft
from tests.cli.processes import descendants
from tests.factories.cafe import RULES
from tests.protocols import size
from tests.protocols.bank import CARDS, CLIENTS, FIRST_LOAD, Bank
from tests.protocols.clusters import Cluster, cluster
from tests.protocols.outcome import Outcome
from tests.protocols.tellers import Counter, Line, Wire
from tests.story.server import Server

SECONDS = size.seconds(ci=30, release=600)
KILLS = {"postgresql": size.pick(ci=20, release=500), "sqlite": size.pick(ci=5, release=200)}
"""At least so many; a run goes on until it has them."""
WORKER_EVERY_S = 1.0
SERVER_EVERY_S = 2.0
DATABASE_EVERY_S = size.pick(ci=10.0, release=20.0)
SOMETHING_DONE_S = 0.5
"""How long a server serves at least before it is killed again."""


def open_bank(url: str, server: Server, outcome: Outcome) -> Bank:
    """A merchant with ten poor gift cards and a stamp card, and a till's key."""
    database = Database(url, SystemClock())
    with database.write() as uow:
        merchant = merchants.create_merchant(uow, MerchantDraft(slug="bank", name="Bank"), "test")
        auth = keys.create_key(uow, merchant.id, KeyDraft(scopes=("till",)), "test").key
        made = {}
        for kind, currency in (("gift", "EUR"), ("stamp", None)):
            draft = ProgramDraft(kind, kind, RULES[kind], currency=currency)
            program = programs.create_program(uow, merchant.id, merchant.slug, draft, "test")
            made[kind] = program_queries.get(uow, merchant.id, program.id)
        issued = [
            card_service.issue(uow, made["gift"], actor="test", amount=FIRST_LOAD) for _ in range(CARDS)
        ]
        stamp_card = card_service.issue(uow, made["stamp"], actor="test")
    counter = Counter([card.id for card in issued], stamp_card.id)

    def line() -> Line:
        return Wire(server.base_url, auth)

    return Bank(database, merchant.id, counter, line, outcome)


@contextmanager
def serving(url: str, folder: Path) -> Iterator[Server]:
    """The real server on the database."""
    environment = {
        "STEMPEL_DATABASE_URL": url,
        "STEMPEL_DATA_DIR": str(folder / "var"),
        "STEMPEL_CERTS_DIR": str(folder / "certs"),
        "STEMPEL_SECRET_KEY": "s" * 40,
        "STEMPEL_TOKEN_KEY": "t" * 40,
    }
    server = Server(environment, folder / "server.log")
    try:
        server.start()
        yield server
    finally:
        server.kill()


class Mischief:
    """What is done to the server while the tills work; `going` ends with it."""

    def __init__(self, server: Server, outcome: Outcome) -> None:
        self.server, self.outcome = server, outcome
        self.dice = random.Random(outcome.seed)
        self.is_over = False

    def going(self) -> bool:
        return not self.is_over

    def _done(self, begun: float) -> bool:
        enough = self.outcome.kills >= KILLS[self.outcome.database] or size.is_bounded()
        return enough and time.monotonic() > begun + SECONDS

    def kill_workers(self, database: Cluster) -> None:
        """One a second, the only one too."""
        begun = restarted = time.monotonic()
        modes = ["fast", "immediate"]
        while not self._done(begun):
            time.sleep(WORKER_EVERY_S)
            workers = sorted(descendants(self.server.pid))
            if workers:
                os.kill(self.dice.choice(workers), signal.SIGKILL)
                self.outcome.kills += 1
            if time.monotonic() > restarted + DATABASE_EVERY_S:
                database.restart(modes[0])
                modes.reverse()
                restarted = time.monotonic()
        self.is_over = True

    def kill_the_server(self) -> None:
        begun = time.monotonic()
        while not self._done(begun):
            killed = time.monotonic()
            self.server.kill()
            self.outcome.kills += 1
            self.server.start()
            time.sleep(max(SOMETHING_DONE_S, killed + SERVER_EVERY_S - time.monotonic()))
        self.is_over = True


def judge(outcome: Outcome, server: Server) -> None:
    outcome.publish()
    assert outcome.violations == [], server.words()[-3000:]
    assert outcome.declines >= 0.1 * outcome.operations
    assert outcome.faults > 0, "no kill was ever noticed, so nothing was proven"
    assert "Traceback" not in server.words()


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(SECONDS + 600)
def test_postgresql_workers_and_the_database_may_die_under_the_tills(tmp_path: Path) -> None:
    scale = f"{CLIENTS} clients, {SECONDS:g} s, a kill every {WORKER_EVERY_S:g} s"
    outcome = Outcome("T1 bank", "postgresql", f"{scale}, a restart every {DATABASE_EVERY_S:g} s")
    with cluster() as made, serving(made.url, tmp_path) as server:
        bank, mischief = open_bank(made.url, server, outcome), Mischief(server, outcome)
        bank.run(mischief.going, lambda: mischief.kill_workers(made))
        bank.database.close()
    judge(outcome, server)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 900)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_whole_server_on_sqlite_may_die_under_the_tills(database_url: str, tmp_path: Path) -> None:
    scale = f"{CLIENTS} clients, {SECONDS:g} s, a kill every {SERVER_EVERY_S:g} s"
    outcome = Outcome("T1 bank", "sqlite", scale)
    with serving(database_url, tmp_path) as server:
        bank, mischief = open_bank(database_url, server, outcome), Mischief(server, outcome)
        bank.run(mischief.going, mischief.kill_the_server)
        bank.database.close()
    judge(outcome, server)
