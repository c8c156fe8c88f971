"""The page for vendors: every example on it is run against the sandbox, every fault stands on it."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any, get_args

import pytest
import requests

from passes.cli.sandbox.faults import Kind
from passes.cli.sandbox.server import Sandbox, open_sandbox
from passes.ids import format_code

PAGE = (Path(__file__).parents[3] / "docs" / "till-integration.md").read_text(encoding="utf-8")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox() as running:
        yield running


@pytest.fixture
def told(sandbox: Sandbox) -> dict[str, str]:
    """What the examples are told about the sandbox."""
    return {
        "URL": f"{sandbox.url}/api/v1",
        "FAULTS": f"{sandbox.url}/sandbox/faults",
        "KEY": sandbox.shop.till_key,
        "CODE": format_code(sandbox.shop.card("gift", 5000).code),
    }


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def curl(line: str, told: dict[str, str]) -> requests.Response:
    """What curl would send, so that nobody needs it here."""
    words = shlex.split(Template(line.replace("\\\n", " ")).substitute(told))
    assert words[0] == "curl"
    sent: dict[str, Any] = {"headers": {}, "method": "GET"}
    for word, value in zip(words, [*words[1:], ""], strict=True):
        if word == "-H":
            name, _, text = value.partition(": ")
            sent["headers"][name] = text
        elif word == "-d":
            sent |= {"data": value, "method": "POST" if sent["method"] == "GET" else sent["method"]}
        elif word == "-X":
            sent["method"] = value
        elif word.startswith("http"):
            sent["url"] = word
    return requests.request(**sent, timeout=120)


def test_the_lines_for_the_shell_do_what_the_page_says(sandbox: Sandbox, told: dict[str, str]) -> None:
    faults, sale, basket = examples("sh")
    assert curl(faults, told).status_code == 200
    assert sandbox.network.planned()[0].times == 2
    sandbox.network.plan([])
    assert curl(sale, told).json()["balance_after"] == {"amount": 3750, "asset": "EUR"}
    assert curl(basket, told).json()["paid"] == {"amount": 500, "asset": "EUR"}


def test_the_lines_of_python_do_what_the_page_says(
    told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert len(examples("python")) == 3
    exec(compile("\n".join(examples("python")), "till-integration.md", "exec"), {})


def test_every_fault_stands_on_the_page() -> None:
    assert all(f"| `{kind}` |" in PAGE for kind in get_args(Kind))
