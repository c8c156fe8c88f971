"""Redemptions per second over HTTP, against the least transaction that could be called one.

    python -m benchmarks.redemption [--json] [--rounds N] [--seconds S] [--database postgresql]

The service does all it does for a till: authentication, the idempotency key, the card in hand, double
entry, the card's next version, the event for the wallets, and the stored answer; only nothing is sent. The
minimal transaction has a key, a conditional update and a posting, without HTTP (see `minimal`). Both run in
turn on the same machine and server; what counts is the ratio. Everything stays on this machine.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.load import Load, redeem
from benchmarks.minimal import Pgbench, RawSqlite, postgresql_wheel
from benchmarks.server import free_port, serving
from passes import migrate
from passes.cards import service as cards
from passes.config import load_settings
from passes.merchants import keys
from passes.merchants.rules import KeyDraft, MerchantDraft
from passes.merchants.service import create_merchant
from passes.programs.service import ProgramDraft, create_program
from passes.wiring import Services

DATABASES = ("postgresql", "sqlite")
CLIENTS = (1, 8, 32)
CARDS = 2000
LOADED = 100_000_000
AIM = 0.2
ACTOR = "benchmark"

Minimal = Callable[[int, float], float]
"""Transactions per second of so many clients, measured for so many seconds."""


@dataclass(frozen=True, slots=True)
class Result:
    """Medians over all rounds; `ratio` is the median of the ratios within each round."""

    database: str
    clients: int
    per_second: float
    minimal_per_second: float
    ratio: float
    p50_ms: float
    p99_ms: float
    errors: int


def measure(database: str, folder: Path, rounds: int, seconds: float) -> list[Result]:
    """Every number of clients on one database, the service and the minimal transaction in turn."""
    with _address(database, folder) as (url, libpq):
        settings = _settings(folder, url)
        key, card_ids = _shop(settings)
        base_url = f"http://127.0.0.1:{settings['STEMPEL_PORT']}"
        results = []
        with _minimal(database, folder, libpq, card_ids) as minimal, serving(settings, folder / "server.log"):
            redeem(base_url, key, card_ids, 8, 1, folder)  # the first requests of a process pay for all
            for clients in CLIENTS:
                pairs = [
                    (
                        minimal(clients, seconds),
                        redeem(base_url, key, card_ids, clients, seconds, folder),
                    )
                    for _ in range(rounds)
                ]
                results.append(summarise(database, clients, pairs))
        return results


def summarise(database: str, clients: int, pairs: list[tuple[float, Load]]) -> Result:
    """One row out of the rounds: each the rate of the minimal transaction, and what the tills got."""
    median = statistics.median
    return Result(
        database,
        clients,
        per_second=median(load.per_second for _, load in pairs),
        minimal_per_second=median(least for least, _ in pairs),
        ratio=median(load.per_second / least for least, load in pairs),
        p50_ms=median(load.p50_ms for _, load in pairs),
        p99_ms=median(load.p99_ms for _, load in pairs),
        errors=sum(load.errors for _, load in pairs),
    )


@contextmanager
def _address(database: str, folder: Path) -> Iterator[tuple[str, str]]:
    """An empty database of its own: SQLAlchemy's address of it, and libpq's."""
    if database == "sqlite":
        yield f"sqlite:///{folder / 'stempel.db'}", ""
        return
    server = postgresql_wheel().get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield server.get_uri(driver="psycopg"), server.get_uri()
    finally:
        server.cleanup()


def _settings(folder: Path, url: str) -> dict[str, str]:
    return {
        "STEMPEL_DATABASE_URL": url,
        "STEMPEL_DATA_DIR": str(folder),
        "STEMPEL_CERTS_DIR": str(folder / "certs"),
        "STEMPEL_PORT": str(free_port()),
        "STEMPEL_SECRET_KEY": "s" * 40,
        "STEMPEL_TOKEN_KEY": "t" * 40,
        "STEMPEL_EMBEDDED_SCHEDULER": "false",
    }


def _shop(settings: dict[str, str]) -> tuple[str, list[str]]:
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
    return key, issued


@contextmanager
def _minimal(database: str, folder: Path, libpq: str, card_ids: list[str]) -> Iterator[Minimal]:
    if database == "postgresql":
        yield Pgbench(libpq, CARDS, folder).per_second
        return
    with closing(RawSqlite(folder / "stempel.db", card_ids)) as raw:
        yield raw.per_second


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
        f"| {r.database} | {r.clients} | {r.per_second:,.0f} | {r.p50_ms:.1f} / {r.p99_ms:.1f} "
        f"| {r.minimal_per_second:,.0f} | {r.ratio:.2f} |"
        for r in results
    ]
    head = "| database | tills | redemptions/s | p50 / p99 ms | minimal transactions/s | ratio |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows])


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
        print(f"\nAim: {AIM} of the minimal transaction. Rounds: {options.rounds} of {options.seconds} s.")
    return 1 if any(result.errors for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
