"""Redemptions per second over HTTP, against the least transaction that could be called one.

    python -m benchmarks.redemption [--json] [--rounds N] [--seconds S] [--database postgresql]

The service does all it does for a till: authentication, the idempotency key, the card in hand, double
entry, the card's next version, the event for the wallets, and the stored answer; only nothing is sent. The
minimal transaction has a key, a conditional update and a posting, without HTTP (see `minimal`). Both run in
turn on the same machine and server; what counts is the ratio. Everything stays on this machine.

Tills are measured twice beside PostgreSQL: with cores of its own for it, as the README advises, and with all
cores for everybody. The minimal transaction always has all cores. Each round has a server of its own, since
one keeps a speed of its own as long as it lives.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.cpu import confine, used_s
from benchmarks.load import Load, redeem
from benchmarks.minimal import Pgbench, RawSqlite, postgresql_wheel
from benchmarks.server import serving
from passes import migrate
from passes.cards import service as cards
from passes.config import load_settings
from passes.merchants import keys
from passes.merchants.rules import KeyDraft, MerchantDraft
from passes.merchants.service import create_merchant
from passes.programs.service import ProgramDraft, create_program
from passes.wiring import Services
from tests.ports import free_port

DATABASES = ("postgresql", "sqlite")
CLIENTS = (1, 8, 32)
CARDS = 2000
LOADED = 100_000_000
OWN, SHARED = "own", "shared"
AIMS = {"postgresql": 0.25, "sqlite": 0.3}
"""Of the minimal transactions a second, at eight tills."""
P99_AIM = 10
"""At most so many times as long as the minimal transaction, at the 99th percentile, on PostgreSQL."""
ACTOR = "benchmark"

Minimal = Callable[[int, float], Load]
"""What so many clients get done of the minimal transaction in so many seconds."""


@dataclass(frozen=True, slots=True)
class Result:
    """Medians over all rounds; the ratios are medians of the ratios within each round."""

    database: str
    clients: int
    cores: str
    per_second: float
    minimal_per_second: float
    ratio: float
    p50_ms: float
    p99_ms: float
    minimal_p99_ms: float
    p99_ratio: float
    cpu_us: float
    errors: int


@dataclass(frozen=True, slots=True)
class Round:
    """The minimal transaction, the tills right after it, and the processor time a redemption took of us."""

    minimal: Load
    tills: Load
    cpu_us: float = 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A database with a shop in it and the service before it, and what of it runs: server and database."""

    folder: Path
    settings: dict[str, str]
    libpq: str
    merchant_id: str
    key: str
    card_ids: list[str]
    pids: tuple[int, ...]

    def redeem(self, clients: int, seconds: float) -> tuple[Load, float]:
        """What `clients` tills get done, and the microseconds of processor time each redemption took."""
        base_url = f"http://127.0.0.1:{self.settings['STEMPEL_PORT']}"
        before = used_s(*self.pids)
        load = redeem(base_url, self.key, self.card_ids, clients, seconds, self.folder)
        return load, (used_s(*self.pids) - before) / max(1, load.done) * 1e6

    @contextmanager
    def cores(self, which: str) -> Iterator[None]:
        """Within the block the database has half of the cores (`OWN`), or all of them like everybody else."""
        if which == SHARED:
            yield
            return
        *_, database = self.pids
        cores = _cores()
        confine(database, cores[len(cores) // 2 :])
        try:
            yield
        finally:
            confine(database, cores)


def measure(database: str, folder: Path, rounds: int, seconds: float) -> list[Result]:
    """Every number of clients on one database, the minimal transaction and the service in turn."""
    played: dict[tuple[int, str], list[Round]] = {}
    for number in range(rounds):
        place = folder / str(number)
        place.mkdir()
        with staged(database, place) as stage, _minimal(database, stage) as minimal:
            for clients in CLIENTS:
                least = minimal(clients, seconds)
                for cores in _ways(database):
                    with stage.cores(cores):
                        tills = Round(least, *stage.redeem(clients, seconds))
                    played.setdefault((clients, cores), []).append(tills)
    return [summarise(database, *way, several) for way, several in played.items()]


def _ways(database: str) -> tuple[str, ...]:
    """How the machine's cores are divided; SQLite has no process to give any to."""
    has_own = database == "postgresql" and len(_cores()) > 1
    return (OWN, SHARED) if has_own else (SHARED,)


def _cores() -> list[int]:
    """The cores this process may use; none where the machine does not tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def summarise(database: str, clients: int, cores: str, rounds: list[Round]) -> Result:
    """One row out of the rounds."""
    median = statistics.median
    return Result(
        database,
        clients,
        cores,
        per_second=median(r.tills.per_second for r in rounds),
        minimal_per_second=median(r.minimal.per_second for r in rounds),
        ratio=median(r.tills.per_second / r.minimal.per_second for r in rounds),
        p50_ms=median(r.tills.p50_ms for r in rounds),
        p99_ms=median(r.tills.p99_ms for r in rounds),
        minimal_p99_ms=median(r.minimal.p99_ms for r in rounds),
        p99_ratio=median(r.tills.p99_ms / r.minimal.p99_ms for r in rounds),
        cpu_us=median(r.cpu_us for r in rounds),
        errors=sum(r.tills.errors for r in rounds),
    )


@contextmanager
def staged(database: str, folder: Path) -> Iterator[Stage]:
    """A shop of its own, served until the block ends."""
    with address(database, folder) as (url, libpq):
        settings = settings_for(folder, url)
        merchant_id, key, card_ids = _shop(settings)
        with serving(settings, folder / "server.log") as server:
            pids = [server.pid]
            if database == "postgresql":
                pids.append(int((folder / "postgresql" / "postmaster.pid").read_text().split()[0]))
            stage = Stage(folder, settings, libpq, merchant_id, key, card_ids, tuple(pids))
            stage.redeem(8, 1)  # the first requests of a process pay for all
            yield stage


@contextmanager
def address(database: str, folder: Path) -> Iterator[tuple[str, str]]:
    """An empty database of its own: SQLAlchemy's address of it, and libpq's."""
    if database == "sqlite":
        yield f"sqlite:///{folder / 'stempel.db'}", ""
        return
    server = postgresql_wheel().get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield server.get_uri(driver="psycopg"), server.get_uri()
    finally:
        server.cleanup()


def settings_for(folder: Path, url: str) -> dict[str, str]:
    return {
        "STEMPEL_DATABASE_URL": url,
        "STEMPEL_DATA_DIR": str(folder),
        "STEMPEL_CERTS_DIR": str(folder / "certs"),
        "STEMPEL_PORT": str(free_port()),
        "STEMPEL_SECRET_KEY": "s" * 40,
        "STEMPEL_TOKEN_KEY": "t" * 40,
        "STEMPEL_EMBEDDED_SCHEDULER": "false",
        "STEMPEL_API_REQUESTS_PER_S": "1000000",  # one key here does the work of a thousand tills
    }


def _shop(settings: dict[str, str]) -> tuple[str, str, list[str]]:
    """A till's key, and gift cards with more money than any benchmark can spend."""
    services = Services(load_settings(settings))
    migrate.upgrade(services.database)
    with services.database.write() as uow:
        merchant = create_merchant(uow, MerchantDraft(slug="bench", name="Bench"), ACTOR)
        key = keys.create_key(uow, merchant.id, KeyDraft(scopes=("till",)), ACTOR).key
        draft = ProgramDraft("gift", "Gift card", {}, currency="EUR")
        program = create_program(uow, merchant.id, merchant.slug, draft, ACTOR)
        issued = [cards.issue(uow, program, actor=ACTOR, amount=LOADED).id for _ in range(CARDS)]
    services.close()
    return merchant.id, key, issued


@contextmanager
def _minimal(database: str, stage: Stage) -> Iterator[Minimal]:
    if database == "postgresql":
        yield Pgbench(stage.libpq, CARDS, stage.folder).run
        return
    with closing(RawSqlite(stage.folder / "stempel.db", stage.card_ids)) as raw:
        yield raw.run


def run(databases: tuple[str, ...], rounds: int, seconds: float) -> list[Result]:
    """Measure on every one of `databases`, each in a folder that is gone afterwards."""
    results = []
    for database in databases:
        # Not below a deep folder: a socket's path may have 107 characters and no more.
        with tempfile.TemporaryDirectory(prefix="stempel-") as folder:
            results += measure(database, Path(folder), rounds, seconds)
    return results


def table(results: list[Result]) -> str:
    """The results as a Markdown table."""
    rows = [
        f"| {r.database} | {r.clients} | {r.cores} | {r.per_second:,.0f} | {r.p50_ms:.1f} / {r.p99_ms:.1f} "
        f"| {r.cpu_us:,.0f} | {r.minimal_per_second:,.0f} | {r.minimal_p99_ms:.1f} "
        f"| {r.ratio:.2f} | {r.p99_ratio:.1f} |"
        for r in results
    ]
    head = (
        "| database | tills | its cores | redemptions/s | p50 / p99 ms | CPU us each "
        "| minimal transactions/s | their p99 ms | ratio | ratio of p99 |"
    )
    return "\n".join([head, "|---" * 10 + "|", *rows])


def main(arguments: list[str] | None = None) -> int:
    """0, or 1 when a request was answered with anything but 201."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.redemption", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="per measurement; whole seconds")
    parser.add_argument("--database", choices=DATABASES, help="one of them only")
    options = parser.parse_args(arguments)
    databases = (options.database,) if options.database else DATABASES
    results = run(databases, options.rounds, options.seconds)
    if options.json:
        print(json.dumps([asdict(result) for result in results]))
    else:
        print(table(results))
        print(
            f"\nAims at 8 tills: {AIMS} of the minimal transaction, p99 at most {P99_AIM} times its own on "
            f"PostgreSQL. Rounds: {options.rounds} of {options.seconds} s."
        )
    return 1 if any(result.errors for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
