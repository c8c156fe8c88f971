"""Passes signed per second on one core, against what RSA alone allows and against published builders.

    python -m benchmarks.passes [--json] [--rounds N] [--seconds S] [--rivals] [--database postgresql]
    python -m benchmarks.passes --only-first

All of them run on the same core with the same key, in turn and several times over, and count processor time,
so that whatever else the machine does hits them alike; what counts is the ratio. Every pass is of another
card: what is remembered is the design, as when a campaign changes thousands of cards of one program. Threads
are timed by the clock on the wall, which means something on a machine at rest only.
"""

import argparse
import gc
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import pass_builders as builders
from benchmarks import rivals
from benchmarks.pass_builders import Sample, sampled
from benchmarks.redemption import DATABASES
from passes.cards.face import Kind
from passes.wallets.apple.bundle import build_pass
from passes.wallets.apple.drawn import DrawnPictures
from passes.wallets.signing.store import IdentityStore
from tests.factories.faces import KINDS, make_face

AIM = 0.8
LIBRARY_AIM = 0.72
THREADS_AIM = 1.6
FIRST_AIM_MS = 100
MERCHANT = "bench"


@dataclass(frozen=True, slots=True)
class Result:
    """Median operations per second over all rounds, and the same as a share of the raw RSA rate."""

    name: str
    per_second: float
    ratio_to_raw: float


@dataclass(frozen=True, slots=True)
class Threads:
    """What two threads got done of what one did, by the wall clock: the median, and every round's."""

    median: float
    rounds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class First:
    """Milliseconds a process that has just started took to load its key, and then for its first passes.

    `new_ms` by kind of card where nobody has drawn the design yet, `first_ms` where another process has.
    """

    key_ms: float
    first_ms: float
    second_ms: float
    new_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Report:
    """All that was measured; `threads` is None where nobody asked for it."""

    results: list[Result]
    first: First
    threads: Threads | None


def measure(samples: Mapping[str, Sample], rounds: int, seconds: float) -> list[Result]:
    """The builders in turn, `rounds` times; ratios are medians of the ratios within each round."""
    rates: dict[str, list[float]] = {name: [] for name in samples}
    for _ in range(rounds):
        for name, sample in samples.items():
            rates[name].append(sample(seconds))
    raw = next(iter(rates.values()))
    return [
        Result(
            name,
            statistics.median(found),
            statistics.median(one / limit for one, limit in zip(found, raw, strict=True)),
        )
        for name, found in rates.items()
    ]


def measure_threads(folder: Path, rounds: int, seconds: float) -> Threads:
    """Two threads beside one, in turn; the process may use every core."""
    identity = IdentityStore(folder).create_development(MERCHANT)
    operation = builders.stempel(identity)
    ratios = []
    for _ in range(rounds):
        one = builders.in_threads(operation, 1, seconds)
        ratios.append(builders.in_threads(operation, 2, seconds) / one)
    return Threads(statistics.median(ratios), tuple(ratios))


def measure_first(folder: Path, rounds: int = 3) -> First:
    """A new process for each pass, from the key on disk to its bytes: medians of several rounds.

    In each round nothing is drawn at first, and the last process finds what one before it has drawn.
    """
    found: dict[str, list[list[float]]] = {name: [] for name in (*KINDS, "again")}
    for _ in range(rounds):
        shutil.rmtree(folder / ".drawn", ignore_errors=True)
        for name, passes in found.items():
            passes.append(_in_a_new_process(folder, "stamp" if name == "again" else name))
    key_ms, first_ms, second_ms = map(statistics.median, zip(*found.pop("again"), strict=True))
    new_ms = {kind: statistics.median(first for _, first, _ in passes) for kind, passes in found.items()}
    return First(key_ms, first_ms, second_ms, new_ms)


def _in_a_new_process(folder: Path, kind: str) -> list[float]:
    command = [sys.executable, "-m", "benchmarks.passes", "--first", str(folder), "--kind", kind]
    found: list[float] = json.loads(
        subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    )
    return found


def first_pass(folder: Path, kind: Kind) -> list[float]:
    """Processor time for the key, the first pass and the second, in a process that has not made any yet."""
    face, drawn = make_face(kind), DrawnPictures(folder / ".drawn")
    gc.collect()
    gc.freeze()  # as the server does once it has loaded everything
    moments = [time.process_time()]
    identity = IdentityStore(folder).load(MERCHANT)
    assert identity is not None
    for _ in range(2):
        moments.append(time.process_time())
        build_pass(face, identity, builders.SERVICE, drawn)
    moments.append(time.process_time())
    return [round((end - start) * 1000, 2) for start, end in itertools.pairwise(moments)]


def run(
    rounds: int,
    seconds: float,
    *,
    published: bool = False,
    threads: bool = False,
    databases: tuple[str, ...] = ("sqlite",),
) -> Report:
    """Measure everything that can run here, with a throwaway identity, pinned to one core.

    `published` installs builders of others for as long as it takes.
    """
    # Not below a deep folder: a socket's path may have 107 characters and no more.
    with tempfile.TemporaryDirectory(prefix="stempel-") as name, ExitStack() as stack:
        folder = Path(name)
        ratio = measure_threads(folder / "threads", rounds, seconds) if threads else None
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        certs = folder / "certs"
        identity = IdentityStore(certs).create_development(MERCHANT)
        samples: dict[str, Sample] = {
            "raw RSA-2048": sampled(builders.raw_rsa(identity)),
            "Stempel": sampled(builders.stempel(identity)),
            "Stempel, every signature encoded by the library": builders.stempel_by_the_library(identity),
        }
        for database in databases:
            (folder / database).mkdir()
            reading = stack.enter_context(builders.from_database(database, folder / database))
            samples[f"Stempel, from a card's id in {database}"] = sampled(reading)
        samples["zipfile and the library, key kept loaded"] = sampled(builders.plain(identity))
        if shutil.which("openssl"):
            samples["wallet-py3k"] = sampled(builders.wallet_py3k(identity, folder))
        if published:
            samples |= stack.enter_context(rivals.installed(identity, folder))
        return Report(measure(samples, rounds, seconds), measure_first(certs, min(rounds, 3)), ratio)


def _each(by_kind: Mapping[str, float]) -> str:
    return ", ".join(f"{found:.0f} ms ({kind})" for kind, found in by_kind.items())


def table(report: Report) -> str:
    """The report as Markdown."""
    rows = [f"| {r.name} | {r.per_second:,.0f} | {r.ratio_to_raw:.3f} |" for r in report.results]
    lines = ["| passes, one core | per second | share of raw |", "|---|---|---|", *rows, ""]
    first = report.first
    lines.append(
        f"A process that has just started loads its key in {first.key_ms:.1f} ms and makes its first pass in "
        f"{first.first_ms:.1f} ms, the second in {first.second_ms:.2f} ms; the very first pass of a design, "
        f"which draws its pictures, takes {_each(first.new_ms)} of processor time."
    )
    if report.threads:
        each = ", ".join(f"{ratio:.2f}" for ratio in report.threads.rounds)
        lines.append(f"Two threads do {report.threads.median:.2f} times the work of one ({each}).")
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """The results by name, with what else was measured under names of its own."""
    found: dict[str, object] = {
        r.name: {k: v for k, v in asdict(r).items() if k != "name"} for r in report.results
    }
    found["first pass"] = asdict(report.first)
    if report.threads:
        found["two threads"] = asdict(report.threads)
    return json.dumps(found)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.passes", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.7, help="per builder and round")
    parser.add_argument(
        "--rivals", action="store_true", help="install published builders and measure them too"
    )
    parser.add_argument("--threads", action="store_true", help="two threads beside one; machine at rest")
    parser.add_argument(
        "--database", choices=DATABASES, action="append", help="where cards are read; repeatable"
    )
    parser.add_argument("--only-first", action="store_true", help="only the first passes of a process")
    parser.add_argument("--first", type=Path, metavar="CERTS_DIR", help=argparse.SUPPRESS)
    parser.add_argument("--kind", choices=KINDS, default="stamp", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.first:
        print(json.dumps(first_pass(options.first, options.kind)))
        return 0
    if options.only_first:
        with tempfile.TemporaryDirectory(prefix="stempel-") as name:
            IdentityStore(Path(name)).create_development(MERCHANT)
            print(json.dumps(asdict(measure_first(Path(name)))))
        return 0
    databases = tuple(options.database or ("sqlite",))
    report = run(
        options.rounds,
        options.seconds,
        published=options.rivals,
        threads=options.threads,
        databases=databases,
    )
    if options.json:
        print(as_json(report))
        return 0
    print(table(report))
    print(
        f"\nAims: {AIM} of raw, {LIBRARY_AIM} with the library encoding, the first pass in {FIRST_AIM_MS} "
        f"ms, two threads {THREADS_AIM} times one. Rounds: {options.rounds} of {options.seconds} s each."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
