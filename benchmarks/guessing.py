"""How long honest tills wait while somebody guesses codes beside them.

    python -m benchmarks.guessing [--json] [--rounds N] [--seconds S] [--database postgresql]

Honest tills ask twenty times a second: they redeem, every fourth time by a code typed in by hand, now and
then with a slip. In every other round a thief guesses three hundred times a second beside them, from a
thousand addresses (one of which is the honest shop's) with newly stolen keys. Everybody sends on time
whether or not answers have come, and an answer's time runs from when its request was due. What counts is the
99th percentile of the honest answers in the rounds with the thief against that in the quiet ones between.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.http import Connection
from benchmarks.redemption import DATABASES, address, settings_for
from benchmarks.server import serving
from passes import migrate
from passes.cards import service as cards
from passes.config import load_settings
from passes.ids import format_code, new_code
from passes.merchants import keys
from passes.merchants.rules import KeyDraft, MerchantDraft
from passes.merchants.service import create_merchant
from passes.programs.service import ProgramDraft, create_program
from passes.wiring import Services

HONEST_PER_S, HONEST_TILLS = 20, 10
ATTACK_PER_S, ATTACKERS = 300, 30
ADDRESSES = 1_000
STOLEN_PER_ROUND = 10
CARDS = 500
LOADED = 100_000_000
AIM = 2.0
HOME = "198.51.0.0"
ACTOR = "benchmark"

Ask = Callable[[Connection, random.Random], int]


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop at `base_url`: its honest tills' keys, and its cards as (typed code, barcode)."""

    base_url: str
    honest: list[str]
    cards: list[tuple[str, str]]


@dataclass(slots=True)
class Heard:
    """What a crowd got: how long its answers took (seconds, from when they were due) and their statuses."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Result:
    """One database: percentiles over all quiet rounds and over all rounds under attack."""

    database: str
    quiet_p50_ms: float
    quiet_p99_ms: float
    attacked_p50_ms: float
    attacked_p99_ms: float
    ratio: float
    honest_refused: int
    attack_per_s: float
    guesses: int
    looked_up: int
    right: int


def crowd(base_url: str, ask: Ask, per_s: float, people: int, seconds: float, seed: int) -> Heard:
    """Let `people` ask `per_s` times a second together, each with a connection of their own."""
    heard, lock, begin = Heard(), threading.Lock(), time.perf_counter() + 0.2

    def one(number: int) -> None:
        dice, connection = random.Random(f"{seed} {number}"), Connection(base_url)
        step, due = people / per_s, begin + number / per_s
        while due < begin + seconds:
            time.sleep(max(0.0, due - time.perf_counter()))
            status = ask(connection, dice)
            took = time.perf_counter() - due
            with lock:
                heard.seconds.append(took)
                heard.statuses[status] += 1
            due += step
        connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return heard


def honest(shop: Shop) -> Ask:
    """A till that redeems: by barcode, every fourth time by hand, and then one time in fifty with a slip."""

    def ask(connection: Connection, dice: random.Random) -> int:
        typed, barcode = dice.choice(shop.cards)
        code = format_code(typed) if dice.random() < 0.25 else barcode
        if code != barcode and dice.random() < 0.02:
            code = code[:-1] + ("2" if code[-1] != "2" else "3")
        body = {"code": code, "amount": {"amount": 1, "asset": "EUR"}}
        return _post(connection, "/redemptions", dice.choice(shop.honest), HOME, body)

    return ask


def attack(base_url: str, stolen: list[str], seconds: float, seed: int) -> Counter[int]:
    """The statuses a thief gets who guesses for so long."""

    def ask(connection: Connection, dice: random.Random) -> int:
        place = dice.randrange(ADDRESSES)
        return _post(
            connection,
            "/cards/lookup",
            dice.choice(stolen),
            f"198.51.{place // 250}.{place % 250}",
            {"code": new_code()},
        )

    return crowd(base_url, ask, ATTACK_PER_S, ATTACKERS, seconds, seed).statuses


def _post(connection: Connection, path: str, key: str, address_: str, body: Mapping[str, object]) -> int:
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "X-Forwarded-For": address_,
    }
    if path != "/cards/lookup":
        headers["Idempotency-Key"] = str(uuid.uuid4())
    return connection.request("POST", f"/api/v1{path}", headers, json.dumps(body).encode())[0]


def measure(database: str, folder: Path, rounds: int, seconds: float) -> Result:
    """Quiet and attacked rounds in turn on one database."""
    with address(database, folder) as (url, _):
        settings = {**settings_for(folder, url), "STEMPEL_TRUSTED_PROXIES": "1"}
        thieves = multiprocessing.get_context("spawn").Pool(1)
        with _shop(settings) as (shop, steal), serving(settings, folder / "server.log"), thieves:
            thieves.apply(time.sleep, (0,))  # so that no round pays for the start of another process
            crowd(shop.base_url, honest(shop), 4 * HONEST_PER_S, HONEST_TILLS, 2, 0)
            quiet, attacked, thief = Heard(), Heard(), Counter[int]()
            for number in range(rounds):
                _listen(quiet, shop, seconds, number)
                running = thieves.apply_async(attack, (shop.base_url, steal(), seconds, number))
                _listen(attacked, shop, seconds, rounds + number)
                thief.update(running.get(timeout=10 * seconds + 60))
        return summarise(database, quiet, attacked, thief, rounds * seconds)


def _listen(heard: Heard, shop: Shop, seconds: float, seed: int) -> None:
    now = crowd(shop.base_url, honest(shop), HONEST_PER_S, HONEST_TILLS, seconds, seed)
    heard.seconds += now.seconds
    heard.statuses.update(now.statuses)


def summarise(database: str, quiet: Heard, attacked: Heard, thief: Counter[int], attacked_s: float) -> Result:
    """One row out of all rounds."""
    calm, beset = (statistics.quantiles(h.seconds, n=100, method="inclusive") for h in (quiet, attacked))
    refused = sum(n for s, n in (quiet.statuses + attacked.statuses).items() if s not in (201, 404))
    return Result(
        database,
        quiet_p50_ms=calm[49] * 1e3,
        quiet_p99_ms=calm[98] * 1e3,
        attacked_p50_ms=beset[49] * 1e3,
        attacked_p99_ms=beset[98] * 1e3,
        ratio=beset[98] / calm[98],
        honest_refused=refused,
        attack_per_s=thief.total() / attacked_s,
        guesses=thief.total(),
        looked_up=thief[404],
        right=thief[200],
    )


@contextmanager
def _shop(settings: dict[str, str]) -> Iterator[tuple[Shop, Callable[[], list[str]]]]:
    """The shop, and a way to steal some keys of it."""
    services = Services(load_settings(settings))
    migrate.upgrade(services.database)
    with services.database.write() as uow:
        merchant = create_merchant(uow, MerchantDraft(slug="bench", name="Bench"), ACTOR)
        draft = ProgramDraft("gift", "Gift card", {}, currency="EUR")
        program = create_program(uow, merchant.id, merchant.slug, draft, ACTOR)
        issued = [cards.issue(uow, program, actor=ACTOR, amount=LOADED) for _ in range(CARDS)]

    def new_keys(count: int) -> list[str]:
        with services.database.write() as uow:
            draft = KeyDraft(scopes=("till",))
            return [keys.create_key(uow, merchant.id, draft, ACTOR).key for _ in range(count)]

    base_url = f"http://127.0.0.1:{settings['STEMPEL_PORT']}"
    shop = Shop(base_url, new_keys(HONEST_TILLS), [(card.code, card.barcode) for card in issued])
    try:
        yield shop, lambda: new_keys(STOLEN_PER_ROUND)
    finally:
        services.close()


def run(databases: tuple[str, ...], rounds: int, seconds: float) -> list[Result]:
    """Measure on every one of `databases`, each in a folder that is gone afterwards."""
    results = []
    for database in databases:
        with tempfile.TemporaryDirectory(prefix="stempel-") as folder:
            results.append(measure(database, Path(folder), rounds, seconds))
    return results


def table(results: list[Result]) -> str:
    """The results as a Markdown table."""
    rows = [
        f"| {r.database} | {r.quiet_p50_ms:.1f} / {r.quiet_p99_ms:.1f} "
        f"| {r.attacked_p50_ms:.1f} / {r.attacked_p99_ms:.1f} | {r.ratio:.2f} | {r.honest_refused} "
        f"| {r.attack_per_s:.0f} | {r.looked_up} of {r.guesses:,} | {r.right} |"
        for r in results
    ]
    head = (
        "| database | quiet p50 / p99 ms | under attack p50 / p99 ms | p99 ratio | honest refused "
        "| guesses/s | looked up | right |"
    )
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *rows])


def main(arguments: list[str] | None = None) -> int:
    """0, or 1 when a guess was right, an honest till was refused, or it waited too long."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.guessing", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20, help="per round")
    parser.add_argument("--database", choices=DATABASES, help="one of them only")
    options = parser.parse_args(arguments)
    results = run((options.database,) if options.database else DATABASES, options.rounds, options.seconds)
    print(json.dumps([asdict(result) for result in results]) if options.json else table(results))
    missed = [r for r in results if r.right or r.honest_refused or r.ratio > AIM]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
