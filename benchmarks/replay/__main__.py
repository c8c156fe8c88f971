"""Plays eighteen months of a real shop through the running service, and proves how they end.

    python -m benchmarks.replay [--days N] [--folder DIR] [--database-url URL] [--port N]

6,919 purchases of 2,357 customers (January 1997 to June 1998) as one till would bring them in: enrol at the
first purchase, a stamp per ten dollars and a point per dollar, rewards taken when full, every tenth sale
refunded, a reminder for who stays away for sixty days, and the cards on the phones of every tenth customer.
At the end the books are verified and everything is compared with a recount that knows nothing of Stempel.
The data stays in the folder; running again replays every call and has to change nothing.

The server and the push service are real ones, over HTTP and HTTP/2. Only the scheduler's ticks are called
from here (see `stage`), because eighteen months of them in real time would take eighteen months.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
import structlog

from benchmarks.replay import check, state
from benchmarks.replay.phones import Phones
from benchmarks.replay.play import Play
from benchmarks.replay.recount import Outcome, differences, recount
from benchmarks.replay.stage import staged
from benchmarks.replay.state import State
from benchmarks.replay.story import ALL_DAYS, FIRST_DAY, INACTIVE_DAYS, Story, read_story
from benchmarks.replay.till import Till
from passes.errors import StempelError
from tests.ports import free_port

SHOWN = 20
LABEL = len("September 1997")


def main(arguments: list[str] | None = None) -> int:
    """0 when everything is as the recount says, 1 on any difference, 2 when it cannot be played here."""
    options = _parser().parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = options.folder / "state.json"
    kept = state.load(file)
    if kept.days > options.days or kept.inactive_days not in (0, options.inactive_days):
        print(
            f"{options.folder} holds {kept.days} days with reminders after {kept.inactive_days}; "
            "take another --folder, or remove it.",
            file=sys.stderr,
        )
        return 2
    kept.inactive_days = options.inactive_days
    story = read_story(options.days, options.inactive_days)
    try:
        with _only_warnings():
            return _play(story, kept, options, file)
    except StempelError as error:
        print(error, file=sys.stderr)
        return 2


@contextmanager
def _only_warnings() -> Iterator[None]:
    """Keep the scheduler's reports of every push out of the progress bar's way."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(**before)


def _play(story: Story, kept: State, options: argparse.Namespace, file: Path) -> int:
    port = options.port or free_port()
    with staged(options.folder.resolve(), kept, port, options.database_url, FIRST_DAY) as stage:
        state.save(file, kept)
        till, phones = Till(stage.base_url, kept.till_key), Phones(stage.base_url)
        stage.push_service.listen(phones.hear)
        play = Play(story, stage, till, phones)
        start = time.perf_counter()
        _run(play)
        seconds = time.perf_counter() - start
        _summarise(play, seconds)
        faults = _faults(play, kept)
        till.close()
        phones.close()
    if not faults:
        state.save(file, kept)
    for line in faults[:SHOWN]:
        print(f"  {line}")
    print(f"{len(faults)} differences." if faults else "Everything is as the recount says.")
    return 1 if faults else 0


def _run(play: Play) -> None:
    with click.progressbar(
        length=play.story.days, label="Opening".ljust(LABEL), file=sys.stderr, show_pos=True
    ) as bar:

        def step(day: date) -> None:
            bar.label = f"{day:%B %Y}".ljust(LABEL)
            bar.update(1)

        play.run(step)


def _faults(play: Play, kept: State) -> list[str]:
    """Everything that is not as it has to be; notes in `kept` what was found right."""
    print("Verifying the books, counting again, asking every card and every phone.")
    verified = check.verify_books(play)
    faults = list(map(str, verified.get("faults", [])))
    expected, found = recount(play.story), check.found(play, verified)
    faults += differences(expected, found) + check.phones_differ(play, found)
    left = check.left_behind(play)
    if kept.days == play.story.days:
        changed = [name for name, value in left.items() if kept.left.get(name) != value]
        faults += [f"{name}: was {kept.left.get(name)}, is {left[name]}" for name in changed]
        print("Played before: " + ("and something changed." if changed else "and nothing has changed."))
    kept.days, kept.left = play.story.days, left
    _conclude(play, verified, expected, left)
    return faults


def _summarise(play: Play, seconds: float) -> None:
    till, phones = play.till, play.phones
    rows: list[tuple[str, int, float]] = [
        (name, count, till.seconds[name]) for name, count in sorted(till.calls.items())
    ]
    rows.append(("phones", phones.requests, phones.seconds))
    print(f"\n{'calls':<20}{'number':>9}{'seconds':>10}{'per second':>12}")
    for name, count, spent in rows:
        print(f"{name:<20}{count:>9,}{spent:>10.1f}{count / max(spent, 1e-9):>12,.0f}")
    calls = sum(count for _, count, _ in rows)
    print(f"{'altogether':<20}{calls:>9,}{seconds:>10.1f}{calls / seconds:>12,.0f}")
    print(f"{till.replayed:,} answers were repeats of earlier ones; {phones.pushes:,} pushes.\n")


def _conclude(play: Play, verified: dict[str, object], expected: Outcome, left: dict[str, object]) -> None:
    print(
        f"{len(play.story.sales):,} sales of {len(play.holders):,} customers over {play.story.days} days: "
        f"{verified['cards']:,} cards, {verified['transactions']:,} transactions, "
        f"{expected.rewards_taken:,} rewards, {len(expected.reminders):,} reminders, "
        f"{len(play.phones.phones)} phones.\n"
        f"ledger verify: {'ok' if verified['ok'] else 'faults'}; database {str(left['sha256'])[:16]}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=ALL_DAYS, choices=range(1, ALL_DAYS + 1), metavar="N")
    parser.add_argument("--inactive-days", type=int, default=INACTIVE_DAYS, help="when a reminder is due")
    parser.add_argument("--folder", type=Path, default=Path("var/replay"), help="where its data stays")
    parser.add_argument(
        "--database-url",
        default=os.environ.get("STEMPEL_DATABASE_URL"),
        help="PostgreSQL instead of an SQLite file in the folder; one with a password belongs into the "
        "environment, as STEMPEL_DATABASE_URL",
    )
    parser.add_argument("--port", type=int, help="of the server; by default a free one")
    return parser


if __name__ == "__main__":
    sys.exit(main())
