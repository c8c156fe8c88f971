"""`make chaos`: run everything that has a release size, and write docs/reliability.md about what came of it.

    python -m tests.protocols.chaos [--size release|ci] [--seconds N] [--only EXPRESSION] [--continue]
                                    [--write FILE]

A run that fails writes its figures all the same, and exits 1. What was found is kept in
docs/reliability.json, the latest run of each protocol on each database, so that `--only` writes its own rows
anew and no others. A run too long for one sitting (the model, the edits) is made in parts: `--seconds 300`
begins it, `--seconds 300 --continue` draws what comes after, until it is whole. Two runs may be under way at
once; TMPDIR=/dev/shm spares the disk.
"""

import argparse
import fcntl
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reliability.md"
KEPT = ROOT / "docs/reliability.json"
HERE = "tests/protocols"
HAS_RELEASE_SIZE = ("STEMPEL_TEST_SIZE", "tests.protocols import size", "tests.protocols.size import")

Json = dict[str, Any]

PROSE = """# What was tried to make Stempel lose money

This page is written by `make chaos`, which runs the experiments below in their release sizes; the suite
runs the same experiments in small sizes every time. A violation is a sentence printed by the test. An
experiment counts only because it fails on the bugs it is for, which the last table shows. All of it runs on
one machine over loopback: these are figures about being right, not about speed.

- **T1, the bank.** 32 tills work on ten poor gift cards and a stamp card: payments, loads, refunds, holds,
  captures, voids, stamps. On PostgreSQL a worker is killed with SIGKILL every second and the database is
  restarted in turn like for maintenance and like a crash; on SQLite the whole server is killed and started
  again. A till repeats a request under its key until it hears an answer; one in ten that are cut off in
  mid-request breaks down instead. Meanwhile an auditor reads snapshots: every balance is what its postings
  come to, none is negative, all accounts come to nothing together, what is held is the sum of the open
  holds, and whatever a till had heard is there, once. Afterwards what nobody heard happened whole or not at
  all, and asking again with the same key tells which; every card holds what its tills were told; no entry
  is there that nobody asked for; answers are replayed byte for byte; `ledger verify` is clean.
- **T2, crash points.** Every endpoint that moves value dies before and after every statement, every commit
  and every answer. The books then say what they said before, or all of what they say afterwards, in every
  table; and the same request under the same key makes the state that an undisturbed one makes.
- **T3, the model.** Random lives of cards of all kinds, with a clock that jumps, requests repeated with the
  same and with another body, reversals before and after what they reverse, and wrong bodies, against an
  oracle in plain Python. Every code these calls can be answered is answered.
- **T4, the storm.** Each key is sent from many threads at once, one time in four with another body; then
  again, by another merchant, and after a restart. One effect and one answer for each key; 422 for the rest.
- **T5, hold orders.** Every order of up to four of hold, capture, part, void and expire, just before, at and
  after the moment a hold runs out, against an oracle.
- **T6, baskets.** Many tills, several cards in one stroke, in any order: no deadlock is seen by anybody.
- **T7, one file.** Eight processes on one SQLite file: nothing is lost, nobody is told it is locked.
- **Offline tills.** Twenty tills lose the network, go on by their limits, lose answers and tell things twice
  and in pieces; afterwards the books say what a recount of the tills' own logs says, and what no card covered
  stays within the tills' limits. Of a million barcodes changed by forger or printer none counts.
- **T16, guessing.** A thief with 40 stolen keys and a thousand addresses guesses at 100,000 live codes: none
  is right, hardly any is looked up, and whoever is honest is never turned away.
- **Edits.** Any field of any row of the books, or of what stands beside them, is changed by hand, with every
  guard of the database down: `ledger verify` finds it.
- **schemathesis**, all checks and phases: as anonymous, till, other merchant and manager. No 5xx but 503, no
  answer that the document does not know.
"""

OTHER = "other"
WITH_FIGURES = ("tests.protocols", "tests.redemption.test_hold_orders", "tests.contract.test_schemathesis")
FIGURES = """The latest run of each, on two cores busy with other work: times say little. `make chaos` runs
all of them, `make chaos ONLY=every_edit` one; ONLY is an expression of pytest, and other rows stay."""

HEAD = (
    "| protocol | database | size | kills | operations | declines | cut off | violations | p99 / worst ms "
    "| seed | date |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def release_sized() -> list[str]:
    """The test files that have a release size, and those that prove them."""
    found = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if _has_release_size(path)]
    names = [str(path.relative_to(ROOT)) for path in found]
    return sorted({*names, f"{HERE}/test_sensitivity.py", "tests/redemption/test_hold_orders.py"})


def _has_release_size(path: Path) -> bool:
    source = path.read_text(encoding="utf-8")
    return any(words in source for words in HAS_RELEASE_SIZE)


def run(files: Iterable[str], folder: Path, options: argparse.Namespace, earlier: Path | None) -> int:
    """Run the tests one after the other, so that none takes another's time; pytest's exit code.

    What stands in `earlier` as begun is gone on with.
    """
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:xdist",
        "-s",
        "--junit-xml",
        str(folder / "junit.xml"),
    ]
    command += ["-k", options.only] if options.only else []
    settings = {"STEMPEL_TEST_SIZE": options.size, "STEMPEL_TEST_RESULTS": str(folder)}
    if options.seconds:
        settings["STEMPEL_TEST_SECONDS"] = options.seconds
    if earlier is not None and earlier.exists():
        settings["STEMPEL_TEST_EARLIER"] = str(earlier)
    done = subprocess.run([*command, *files], cwd=ROOT, env={**os.environ, **settings}, check=False)
    return done.returncode


def keep(folder: Path, kept: Path) -> list[Json]:
    """What is known of every protocol and database, with what this run found in place of what was known."""
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else []
    found = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    by_name = {_name(result): result for result in [*known, *found, *_others(folder / "junit.xml")]}
    order = sorted(by_name, key=lambda name: (len(name[0].split()[0]), name))
    results = [by_name[name] for name in order]
    lines = ",\n".join(json.dumps(result, sort_keys=True) for result in results)
    kept.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    return results


def _name(result: Json) -> tuple[str, ...]:
    """What one result replaces another by; a planted bug goes by what it is, not by its number."""
    if result["protocol"].startswith("T0"):
        return "T0", result["scale"]
    return result["protocol"], result["database"]


def page(results: Iterable[Json]) -> str:
    """The page: what each experiment is, and what came of it."""
    bugs = [result for result in results if result["protocol"].startswith("T0")]
    others = [result for result in results if result["protocol"] == OTHER]
    rows = "\n".join(_row(result) for result in results if result not in bugs and result not in others)
    parts = [PROSE, f"## Figures\n\n{FIGURES}\n\n{HEAD}\n{rows}\n"]
    if others:
        lines = "\n".join(f"| {one['scale']} | {one['notes']} | {one['date']} |" for one in others)
        head = "| experiment | verdict | date |\n|---|---|---|"
        parts.append(f"## Further experiments with release sizes\n\n{head}\n{lines}\n")
    if bugs:
        lines = "\n".join(f"| {bug['scale']} | {bug['notes']} | {bug['violations']} |" for bug in bugs)
        parts.append(
            "## Bugs planted (T0)\n\nEach is planted at its line and must be noticed.\n\n"
            f"| bug | noticed by | violations reported |\n|---|---|---|\n{lines}\n"
        )
    return "\n".join(parts)


def _row(result: Json) -> str:
    times = f"{result['p99_ms']} / {result['worst_ms']}" if result["outages_ms"] else ""
    scale = _scale(result)
    scale = scale if result["size"] == "release" else f"{scale}; the size of every run"
    cells = [result["protocol"], result["database"], scale]
    cells += [f"{result[name]:,}" for name in ("kills", "operations", "declines", "faults", "violations")]
    return "| " + " | ".join([*cells, times, str(result["seed"]), result["date"]]) + " |"


def _scale(result: Json) -> str:
    """How much was done; of a run that may be made in parts also of how much, and in how many."""
    scale: str = result["scale"]
    if result.get("of"):
        begun = f"{result['done']:,} of " if result["done"] < result["of"] else ""
        parts = f", in {result['parts']} parts" if result["parts"] > 1 else ""
        scale = f"{begun}{result['of']:,} {scale}{parts}"
    notes = result["notes"].rstrip("; ")
    return f"{scale} ({notes})" if notes else scale


def _others(junit: Path) -> list[Json]:
    """The tests of other rooms that have a release size, each with its verdict."""
    found = []
    for case in ET.parse(junit).iter("testcase"):
        if str(case.get("classname")).startswith(WITH_FIGURES):
            continue
        verdict = next(
            (child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed"
        )
        name = str(case.get("name")).removeprefix("test_").replace("_", " ")
        today = datetime.now(UTC).date().isoformat()
        found.append({"protocol": OTHER, "database": name, "scale": name, "notes": verdict, "date": today})
    return found


def main(arguments: list[str] | None = None) -> int:
    """What pytest says."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--size", choices=("release", "ci"), default="release")
    parser.add_argument("--seconds", help="bound every timed run, to try it out")
    parser.add_argument("--only", help="a pytest expression")
    parser.add_argument(
        "--continue", dest="goes_on", action="store_true", help="go on with what was cut short"
    )
    parser.add_argument("--write", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="stempel-chaos-") as name:
        folder = Path(name)
        kept = KEPT if options.write == PAGE else options.write.with_suffix(".json")
        code = run(release_sized(), folder, options, kept if options.goes_on else None)
        with Path(__file__).open() as turn:
            # Another run that ends just now waits here.
            fcntl.flock(turn, fcntl.LOCK_EX)
            options.write.write_text(page(keep(folder, kept)), encoding="utf-8")
    print(f"Written: {options.write}")
    return code


if __name__ == "__main__":
    sys.exit(main())
