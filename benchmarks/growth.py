"""What a redemption costs beside ten million old transactions, against what it costs beside ten thousand.

    python -m benchmarks.growth [--history 10000000] [--database postgresql] [--rounds N] [--seconds S]

Two installations with the same active cards run side by side and are measured in turn; what is compared is
the processor time of server and database together for one redemption, since that is what a machine runs out
of. Filling ten million takes its time and about ten gigabytes of disk.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import history
from benchmarks.redemption import ACTOR, DATABASES, Stage, staged
from passes.cards import service as cards
from passes.config import load_settings
from passes.programs import queries as programs
from passes.wiring import Services

FEW = 10_000
MANY = 10_000_000
AIM = 1.15
CLIENTS = 8
USED_UP_CARDS = 500


def compare(database: str, many: int, rounds: int, seconds: float) -> list[tuple[float, float]]:
    """For every round the microseconds a redemption took beside few and beside `many` transactions."""
    with (
        tempfile.TemporaryDirectory(prefix="stempel-") as one,
        tempfile.TemporaryDirectory(prefix="stempel-") as other,
        staged(database, Path(one)) as young,
        staged(database, Path(other)) as old,
    ):
        grow(young, FEW)
        grow(old, many)
        costs = []
        for stage in (young, old):
            stage.redeem(CLIENTS, seconds)  # the pages are read once
        for _ in range(rounds):
            costs.append((young.redeem(CLIENTS, seconds)[1], old.redeem(CLIENTS, seconds)[1]))
        return costs


def grow(stage: Stage, transactions: int) -> None:
    """Give the shop a past of so many transactions, on cards nobody redeems any more."""
    services = Services(load_settings(stage.settings))
    with services.database.write() as uow:
        [program] = programs.listing(uow, stage.merchant_id, 1, None).items
        for _ in range(USED_UP_CARDS):
            cards.issue(uow, program, actor=ACTOR, amount=1, reference=history.USED_UP)
    history.fill(services.database, transactions)
    services.close()


def main(arguments: list[str] | None = None) -> int:
    """0 when a redemption costs at most so much more as is aimed at, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.splitlines()[0])
    parser.add_argument("--history", type=int, default=MANY, help="old transactions, by default ten million")
    parser.add_argument("--database", choices=DATABASES, default="postgresql")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="per measurement; whole seconds")
    options = parser.parse_args(arguments)
    costs = compare(options.database, options.history, options.rounds, options.seconds)
    ratio = statistics.median(old / young for young, old in costs)
    young, old = (statistics.median(values) for values in zip(*costs, strict=True))
    print(
        f"{options.database}: {young:,.0f} us beside {FEW:,} transactions, {old:,.0f} us beside "
        f"{options.history:,}: {ratio:.2f} times as much, and at most {AIM} is aimed at"
    )
    return 0 if ratio <= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
