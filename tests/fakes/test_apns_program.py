"""The push stand-in as a process of its own, steered and watched through its side door."""

import json
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from passes.wallets.apple.apns import ApnsClient, ClientIdentity, Verdict
from tests.fakes.certs import pass_identity

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Program:
    control: str
    client: ApnsClient
    identity: ClientIdentity
    process: subprocess.Popen[str]

    def get(self, path: str) -> Any:
        return requests.get(self.control + path, timeout=10).json()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("apns")
    files = pass_identity(folder / "roots")
    command = [sys.executable, "-m", "tests.fakes.apns", "--dir", str(folder), "--roots", str(files.root)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = re.search(r"at (\S+), control at (\S+), trust (\S+)", process.stdout.readline())
        assert said is not None
        client = ApnsClient(said[1], Path(said[3]))
        identity = ClientIdentity("pass.test.stempel", files.certificate, files.key)
        yield Program(said[2], client, identity, process)
        client.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0


def test_pushes_are_told_once_each_to_whoever_asks_from_where_they_were(program: Program) -> None:
    since = program.get("/pushes")["next"]
    token = secrets.token_hex(32)
    program.client.push(program.identity, [token])
    told = program.get(f"/pushes?since={since}")
    assert [(p["token"], p["topic"], p["status"]) for p in told["pushes"]] == [
        (token, "pass.test.stempel", 200)
    ]
    assert program.get(f"/pushes?since={told['next']}")["pushes"] == []


def test_asking_with_patience_waits_for_the_next_push(program: Program) -> None:
    since = program.get("/pushes")["next"]
    token = secrets.token_hex(32)
    timer = threading.Timer(0.2, program.client.push, (program.identity, [token]))
    timer.start()
    begun = time.monotonic()
    assert [p["token"] for p in program.get(f"/pushes?since={since}&wait_s=10")["pushes"]] == [token]
    assert 0.1 < time.monotonic() - begun < 5
    timer.join()


def test_a_script_sent_through_the_side_door_is_played(program: Program) -> None:
    token = secrets.token_hex(32)
    script = {"token": token, "behaviours": [{"status": 503, "reason": "ServiceUnavailable"}]}
    assert requests.post(f"{program.control}/script", json=script, timeout=10).json() == {"scripted": 1}
    verdicts = [program.client.push(program.identity, [token])[0].verdict for _ in range(2)]
    assert verdicts == [Verdict.RETRY, Verdict.ACCEPTED]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"behaviours": [1]}', b'{"behaviours": [{"mood": "bad"}]}', b"null"]
)
def test_a_script_that_makes_no_sense_is_refused_by_name(program: Program, body: bytes) -> None:
    answer = requests.post(f"{program.control}/script", data=body, timeout=10)
    assert answer.status_code == 400
    assert json.loads(answer.content)["error"].startswith("behaviours:")


def test_other_paths_and_odd_numbers_are_refused(program: Program) -> None:
    assert requests.get(f"{program.control}/else", timeout=10).status_code == 404
    assert requests.get(f"{program.control}/pushes?since=x", timeout=10).status_code == 400
