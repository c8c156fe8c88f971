"""The examination of tills: the example passes in full, each bad habit costs what it should and no more."""

import json
import shlex
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result

from passes.cli.conformance.scenarios import SCENARIOS
from passes.cli.main import main

ROOT = Path(__file__).parents[3]
GOOD = shlex.join([sys.executable, str(ROOT / "docs" / "examples" / "till.py")])
BAD = shlex.join([sys.executable, str(ROOT / "tests" / "cli" / "till_kit" / "bad_tills.py")])
NAMES = [scenario.name for scenario in SCENARIOS]


def examined(till: str, *only: str) -> Any:
    """The scorecard of a till, for some scenarios or all of them."""
    result = run(till, "--json", *(word for name in only for word in ("--only", name)))
    assert result.exit_code in (0, 1), result.output
    card = json.loads(result.stdout)
    assert card["ok"] is (result.exit_code == 0)
    return card


def run(till: str, *more: str) -> Result:
    return CliRunner().invoke(main, ["conformance", "--till", till, *more], catch_exceptions=False)


def lost(card: Any) -> set[tuple[str, str]]:
    """What a till lost points for: the scenario and what was looked at."""
    return {
        (scenario["name"], check["what"])
        for scenario in card["scenarios"]
        for check in scenario["checks"]
        if not check["passed"]
    }


@pytest.mark.slow
def test_the_example_passes_in_full() -> None:
    card = examined(GOOD)
    assert [scenario["name"] for scenario in card["scenarios"]] == NAMES
    assert lost(card) == set()
    assert card["points"] == card["of"] > 200


@pytest.mark.parametrize(
    "habit, played, costs",
    [
        (
            "new-key",
            "plain answer-lost request-lost duplicate never-answered arrives-late",
            {
                ("answer-lost", "books"),
                ("answer-lost", "manners"),
                ("request-lost", "manners"),
                ("never-answered", "books"),
                ("arrives-late", "books"),
            },
        ),
        (
            "gives-up",
            "plain answer-lost never-arrives never-answered arrives-late",
            {
                ("never-arrives", "manners"),
                ("never-answered", "books"),
                ("never-answered", "manners"),
                ("arrives-late", "books"),
            },
        ),
        ("retries-refusals", "plain refused partial", {("refused", "manners")}),
        ("ignores-retry-after", "plain busy answer-lost", {("busy", "manners")}),
        (
            "forgets-keys",
            "plain answer-lost power-cut again overnight",
            {("power-cut", "belief"), ("again", "books"), ("overnight", "belief"), ("overnight", "books")},
        ),
        ("says-nothing", "plain refund", {("plain", "belief"), ("plain", "books"), ("refund", "belief")}),
    ],
)
def test_a_bad_habit_costs_what_it_should(habit: str, played: str, costs: set[tuple[str, str]]) -> None:
    card = examined(f"{BAD} {habit}", *played.split())
    if habit == "says-nothing":
        assert lost(card) >= costs
        return
    assert lost(card) == costs
    worth = {"books": 5, "belief": 3, "manners": 2}
    assert card["of"] - card["points"] == sum(worth[what] for _, what in costs)


def test_the_scorecard_says_what_was_found_and_what_to_do() -> None:
    result = run(f"{BAD} retries-refusals", "--only", "refused", "--only", "plain")
    assert result.exit_code == 1
    assert "pass   8 of  8  plain" in result.stdout
    assert "FAIL   8 of 10  refused" in result.stdout
    assert "it should ask once and asked 2 times" in result.stdout
    assert "What to do: 402, 404, 409 and 422 are answers" in result.stdout
    assert "16 of 18 points, 88 %: not fit yet" in result.stdout


def test_a_part_of_the_examination_makes_no_till_fit() -> None:
    result = run(GOOD, "--only", "plain")
    assert result.exit_code == 0
    assert "8 of 8 points, 100 %: well, as far as it was examined" in result.stdout


def test_a_till_may_be_an_address_and_is_not_killed_then() -> None:
    class Refuses(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"outcome": "refused", "code": "insufficient_balance"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        card = examined(f"http://127.0.0.1:{server.server_port}/", "plain", "refused", "again")
    finally:
        server.shutdown()
        server.server_close()
    assert lost(card) == {("plain", "books"), ("plain", "belief"), ("refused", "manners")}
    assert [scenario["played"] for scenario in card["scenarios"]] == [True, True, False]


@pytest.mark.parametrize("till", ["", "'", "/nowhere/till", "x" * 5000])
def test_what_cannot_be_started_is_said_so(till: str) -> None:
    result = run(till)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--till" in result.stderr
