"""`conformance`: examine a vendor's till and print its scorecard."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from passes.cli.base import BadInput, Command, json_option
from passes.cli.conformance.candidate import Address, Candidate, Program, words_of
from passes.cli.conformance.scenarios import SCENARIOS, Scenario
from passes.cli.conformance.stage import Check, Stage
from passes.cli.output import progress_bar, show
from passes.cli.sandbox.server import Sandbox, open_sandbox

Json = dict[str, Any]
ADDRESS = ("http://", "https://")
NAMES = [scenario.name for scenario in SCENARIOS]


@click.command(cls=Command)
@click.option("--till", required=True, metavar="COMMAND|URL", help="The client to examine.")
@click.option("--only", multiple=True, metavar="SCENARIO", help="Play this one only; may be repeated.")
@json_option
@click.pass_context
def conformance(ctx: click.Context, till: str, only: tuple[str, ...], as_json: bool) -> None:
    """Play lost answers, power cuts and other faults to a till, and say what it believes and what is true.

    COMMAND reads instructions from standard input, see docs/till-integration.md. Exit 1 unless all is well.
    """
    unknown = sorted(set(only) - set(NAMES))
    if unknown:
        raise BadInput([f"--only: there is no scenario {unknown[0][:60]!r}; there are {', '.join(NAMES)}"])
    if not till.startswith(ADDRESS):
        words_of(till)
    wanted = [scenario for scenario in SCENARIOS if not only or scenario.name in only]
    card = _examine(till, wanted)
    show(as_json, card, _text(card))
    ctx.exit(0 if card["ok"] else 1)


def _examine(till: str, wanted: list[Scenario]) -> Json:
    with open_sandbox() as sandbox, TemporaryDirectory(prefix="stempel-till-") as folder:
        candidate = _candidate(till, sandbox, Path(folder))
        results = []
        try:
            with progress_bar("Examining") as progress:
                for number, scenario in enumerate(wanted, start=1):
                    results.append(_play(scenario, sandbox, candidate))
                    progress(number, len(wanted))
        finally:
            candidate.close()
    points = sum(result["points"] for result in results)
    of = sum(result["of"] for result in results)
    return {"ok": points == of and of > 0, "points": points, "of": of, "scenarios": results}


def _candidate(till: str, sandbox: Sandbox, folder: Path) -> Candidate:
    if till.startswith(ADDRESS):
        return Address(till)
    return Program(till, f"{sandbox.url}/api/v1", sandbox.shop.till_key, folder)


def _play(scenario: Scenario, sandbox: Sandbox, candidate: Candidate) -> Json:
    told = {"name": scenario.name, "happens": scenario.happens}
    if scenario.needs_kill and not candidate.can_be_killed:
        return {**told, "played": False, "points": 0, "of": 0, "checks": [], "advice": None}
    stage = Stage(sandbox, candidate, scenario.name)
    scenario.play(stage)
    right = all(check.passed for check in stage.checks)
    return {
        **told,
        "played": True,
        "points": sum(check.points for check in stage.checks if check.passed),
        "of": sum(check.points for check in stage.checks),
        "checks": [_told(check) for check in stage.checks],
        "advice": None if right else scenario.advice,
    }


def _told(check: Check) -> Json:
    return {"what": check.what, "passed": check.passed, "points": check.points, "why": check.why}


def _text(card: Json) -> str:
    lines = []
    for result in card["scenarios"]:
        if not result["played"]:
            lines.append(
                f"not played   {result['name']:15} {result['happens']} (the till cannot be killed here)"
            )
            continue
        word = "pass" if result["points"] == result["of"] else "FAIL"
        lines.append(
            f"{word}  {result['points']:2} of {result['of']:2}  {result['name']:15} {result['happens']}"
        )
        lines += [
            f"      {check['what']}: {check['why']}" for check in result["checks"] if not check["passed"]
        ]
        if result["advice"]:
            lines.append(f"      What to do: {result['advice']}")
    share = 100 * card["points"] // card["of"] if card["of"] else 0
    lines.append(f"{card['points']} of {card['of']} points, {share} %: {_verdict(card)}")
    return "\n".join(lines)


def _verdict(card: Json) -> str:
    if not card["ok"]:
        return "not fit yet; begin with the first FAIL"
    played = sum(result["played"] for result in card["scenarios"])
    return "fit to be connected" if played == len(SCENARIOS) else "well, as far as it was examined"
