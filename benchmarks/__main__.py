"""Measures everything that has a raw limit to be held against, and writes it into docs/performance.md.

    python -m benchmarks [--quick] [--print]

Signing runs on one core beside raw RSA, redemptions run over HTTP beside the smallest transaction on the
same database; see `passes` and `redemption`. Figures are of one machine and one moment: the ratios are what
can be compared.
"""

import argparse
import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import passes, redemption
from benchmarks.server import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def main(arguments: list[str] | None = None) -> int:
    """0, or 1 when a redemption was answered with anything but 201."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one short round: does it run at all")
    parser.add_argument("--print", action="store_true", help="leave the page as it is")
    options = parser.parse_args(arguments)
    rounds, seconds = (1, 1.0) if options.quick else (5, 2.0)
    print("Redemptions, on both databases ...", file=sys.stderr)
    redemptions = redemption.run(redemption.DATABASES, rounds, seconds)
    # Last, because it pins this process to one core.
    print("Passes ...", file=sys.stderr)
    signed = passes.run(
        rounds, seconds / 2, published=not options.quick, threads=True, databases=redemption.DATABASES
    )
    command = "make bench" if not options.quick else "python -m benchmarks --quick"
    report = f"`{command}`, {rounds} rounds of {seconds:g} s, {_machine()}.\n\n" + "\n\n".join(
        [passes.table(signed), redemption.table(redemptions)]
    )
    print(report)
    if not options.print:
        write(PAGE, report)
    return 1 if any(result.errors for result in redemptions) else 0


def write(page: Path, report: str) -> None:
    """Put `report` between the two marks of `page`, which has to have them."""
    text = page.read_text(encoding="utf-8")
    marked = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if not marked.search(text):
        raise ValueError(f"{page}: there are no marks {BEGIN} and {END} to write between")
    page.write_text(marked.sub(lambda _: f"{BEGIN}\n{report}\n{END}", text), encoding="utf-8")


def _machine() -> str:
    """What the figures are of: date, processor, cores, Python."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE)
        processor = named[1] if named else processor
    today = datetime.now(UTC).date()
    return f"{today}, {os.cpu_count()} cores of {processor}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
