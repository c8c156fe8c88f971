"""What it takes to publish a design to a hundred thousand live cards, with a worker killed on the way.

    python -m benchmarks.publishing [--cards 100000] [--database sqlite] [--kills 2]

A worker of its own publishes, as the scheduler's job does; it is killed in the middle and another goes on.
In the end every card must have followed once and be announced once. What is reported is the workers' time
and the most memory any of them took, beside the same with a tenth of the cards.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, insert, select

from benchmarks.redemption import ACTOR, DATABASES, address
from passes import migrate
from passes.cards import publishing
from passes.cards import service as cards
from passes.cards.models import Card, Publication
from passes.clock import SystemClock
from passes.db.engine import Database
from passes.ids import new_id
from passes.merchants.rules import MerchantDraft
from passes.merchants.service import create_merchant
from passes.outbox.models import OutboxEvent
from passes.programs.service import ProgramDraft, change_program, create_program

RULES = {"stamps_required": 10, "reward": "A free coffee"}
INSERTED_AT_ONCE = 2_000
PATIENCE_S = 300


@dataclass(frozen=True, slots=True)
class Result:
    """`took_s` is the time of all workers together, `cpu_s` their processor time, `memory_mb` the most."""

    database: str
    cards: int
    kills: int
    took_s: float
    cpu_s: float
    memory_mb: float
    exact: bool


def measure(database: str, count: int, kills: int, folder: Path) -> Result:
    """Publish once to so many cards, on a database of its own below `folder`."""
    with address(database, folder) as (url, _):
        stock = Database(url, SystemClock(), "key")
        try:
            migrate.upgrade(stock)
            _fill(stock, count)
            began = time.perf_counter()
            used = [_worker(stock, url, (n + 1) * count // (kills + 1)) for n in range(kills)]
            used.append(_worker(stock, url, None))
            took = time.perf_counter() - began
            memory_mb = max(memory for _, memory in used) / 1024
            return Result(
                database, count, kills, took, sum(cpu for cpu, _ in used), memory_mb, _is_exact(stock, count)
            )
        finally:
            stock.close()


def _fill(database: Database, count: int) -> None:
    """A program with so many cards, all but the first copied, and a change of its design to be told."""
    with database.write() as uow:
        merchant = create_merchant(uow, MerchantDraft(slug="bench", name="Bench"), ACTOR)
        program = create_program(uow, merchant.id, "bench", ProgramDraft("stamp", "Card", RULES), ACTOR)
        first = cards.issue(uow, program, actor=ACTOR)
        columns = [column for column in Card.__table__.columns if column.computed is None]
        row = dict(uow.conn.execute(select(*columns).where(Card.id == first.id)).one()._mapping)
    for start in range(1, count, INSERTED_AT_ONCE):
        numbers = range(start, min(count, start + INSERTED_AT_ONCE))
        names = [(new_id("card"), f"{n:016}", f"{n:026}") for n in numbers]
        copies = [{**row, "id": i, "code": code, "barcode": b, "page_token": b} for i, code, b in names]
        with database.write() as uow:
            uow.conn.execute(insert(Card), copies)
    with database.write() as uow:
        colors = {"background": "#004d40"}
        publishing.publish(uow, change_program(uow, program, ACTOR, colors=colors))


def _worker(database: Database, url: str, killed_at: int | None) -> tuple[float, float]:
    """Let a worker publish, to the end or until so many cards have followed; its CPU seconds and KB."""
    worker = subprocess.Popen([sys.executable, "-m", "benchmarks.publishing", "--work", url])
    try:
        give_up = time.monotonic() + PATIENCE_S
        while killed_at is not None and _done(database) < killed_at and time.monotonic() < give_up:
            time.sleep(0.01)
        if killed_at is not None:
            worker.send_signal(signal.SIGKILL)
    finally:
        # Not by the object's own wait, which does not tell what the process used.
        _, status, used = os.wait4(worker.pid, 0)
        worker.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, float(used.ru_maxrss)


def _done(database: Database) -> int:
    with database.read() as uow:
        return uow.conn.execute(select(func.max(Publication.cards_done))).scalar_one()


def _is_exact(database: Database, count: int) -> bool:
    """Whether every card has followed once, and was announced once."""
    with database.read() as uow:
        versions = uow.conn.execute(select(Card.version, func.count()).group_by(Card.version)).all()
        events = select(func.count(), func.count(func.distinct(OutboxEvent.subject)))
        told = uow.conn.execute(
            events.where(OutboxEvent.topic == cards.CHANGED, OutboxEvent.version == 2)
        ).one()
    return [tuple(row) for row in versions] == [(2, count)] and tuple(told) == (count, count)


def _work(url: str) -> None:
    database = Database(url, SystemClock(), "key")
    try:
        publishing.publish_due(database, lambda: True)
    finally:
        database.close()


def table(results: list[Result]) -> str:
    """The results as a Markdown table."""
    lines = [
        "| database | cards | killed | seconds | cards/s | CPU us each | most memory, MB | each once |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.database} | {r.cards:,} | {r.kills} | {r.took_s:.1f} | {r.cards / r.took_s:,.0f} | "
        f"{r.cpu_s / r.cards * 1e6:,.0f} | {r.memory_mb:.0f} | {'yes' if r.exact else 'NO'} |"
        for r in results
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """0 when every card has followed exactly once, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.publishing", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--cards", type=int, default=100_000)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--kills", type=int, default=2, help="how many workers are killed on the way")
    parser.add_argument("--work", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.work:
        _work(options.work)
        return 0
    results = []
    for database in options.database or DATABASES:
        for count in (options.cards // 10, options.cards):
            # Not below a deep folder: a socket's path may have 107 characters and no more.
            with tempfile.TemporaryDirectory(prefix="stempel-") as folder:
                results.append(measure(database, count, options.kills, Path(folder)))
    print(table(results))
    return 0 if all(result.exact for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
