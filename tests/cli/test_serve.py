"""`serve` and `wsgi:app`: starts, stops, survives a lost worker, and leaves nobody behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from passes.cli.serve import LOOP_AFTER, Respawns, how_many_workers
from tests.cli.conftest import Shell
from tests.cli.processes import ROOT, Program, lives
from tests.ports import free_port, is_free
from tests.waiting import eventually

SAYS_HOW_MANY_WORK = """
import multiprocessing
from passes.cli.serve import run_server
from passes.config import load_settings
workers = multiprocessing.active_children
run_server(load_settings(), lambda _: print(f"workers: {len(workers())}.", flush=True))
"""

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def server(environment: dict[str, str], tmp_path: Path) -> Program:
    """A server, not yet started."""
    port = {"STEMPEL_PORT": str(free_port())}
    return Program(("-m", "passes", "serve"), {**environment, **port}, tmp_path / "log")


def health(server: Program) -> str:
    return f"http://127.0.0.1:{server.environment['STEMPEL_PORT']}/healthz"


def test_it_serves_and_a_ctrl_c_to_everybody_ends_it_well(server: Program) -> None:
    with server:
        server.until_it_answers(health(server))
        workers = server.family()
        assert server.stop(signal.SIGINT, everybody=True) == 0
        eventually(lambda: not any(map(lives, workers)))
    assert "Traceback" not in server.said()
    assert "Unexpected" not in server.said()


def test_nothing_is_begun_beside_the_server_before_its_workers_are_forked(server: Program) -> None:
    server.arguments = ("-c", SAYS_HOW_MANY_WORK)
    with server:
        server.until_it_answers(health(server))
        said = server.until_it_says("workers: ")
        assert f"workers: {len(server.family())}." in said
        assert server.family(), "no worker at all"
        assert server.stop() == 0


@on_sqlite
def test_a_killed_server_leaves_no_worker_serving(server: Program) -> None:
    with server:
        server.until_it_answers(health(server))
        workers = server.family()
        assert workers
        server.stop(signal.SIGKILL)
        eventually(lambda: not any(map(lives, workers)))
    port = int(server.environment["STEMPEL_PORT"])
    eventually(lambda: is_free(port), lambda: f"somebody still holds port {port}")


@on_sqlite
def test_a_lost_worker_is_replaced(server: Program) -> None:
    with server:
        server.until_it_answers(health(server))
        [worker] = server.family()
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: not lives(worker))
        server.until_it_answers(health(server))
        [another] = server.family()
        command = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (server.process.pid, another)]
        assert command[0] == command[1], "a worker is forked, so that it is back at once"
        assert server.stop() == 0


@on_sqlite
def test_a_worker_lost_again_and_again_is_replaced_each_time(server: Program) -> None:
    with server:
        for _ in range(6):
            server.until_it_answers(health(server))
            [worker] = server.family()
            os.kill(worker, signal.SIGKILL)
            eventually(lambda gone=worker: not lives(gone))  # type: ignore[misc]  # a default binds it now
        server.until_it_answers(health(server))
        assert server.stop() == 0


@pytest.mark.parametrize("cores, workers", [(1, 1), (2, 1), (3, 1), (4, 2), (64, 2)])
def test_the_database_is_left_half_of_the_cores(cores: int, workers: int) -> None:
    assert how_many_workers(False, cores) == workers
    assert how_many_workers(True, cores) == 1


def test_workers_that_die_as_fast_as_they_come_are_a_loop() -> None:
    slow, fast = Respawns(), Respawns()
    for n in range(LOOP_AFTER):
        slow[0], fast[0] = n * 0.5, n * 0.1
    assert slow.get(0, None) is None
    assert fast.get(0, None) == (LOOP_AFTER - 1) * 0.1


@on_sqlite
def test_a_port_that_is_taken_is_named(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = shell.refused("serve", STEMPEL_PORT=port)
    assert said.startswith(f"Error: STEMPEL_PORT: 127.0.0.1:{port} cannot be used (Address already in use)")


def test_a_database_behind_the_code_is_not_served(shell: Shell, empty_database_url: str) -> None:
    said = shell.refused("serve", STEMPEL_DATABASE_URL=empty_database_url)
    assert "run: python -m passes db upgrade" in said


THREADS = "import threading, wsgi; print(sorted(t.name for t in threading.enumerate()), callable(wsgi.app))"


def load(environment: dict[str, str], **changes: str) -> subprocess.CompletedProcess[str]:
    """What loading the application in a server that is none of granian's says."""
    return subprocess.run(
        [sys.executable, "-c", THREADS], cwd=ROOT, env={**os.environ, **environment, **changes},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


NOTE_THE_STOP = """
import os, scheduler.ticker
stop = scheduler.ticker.Ticker.stop
def noted(ticker):
    open(os.environ["NOTE"], "a").close()
    stop(ticker)
scheduler.ticker.Ticker.stop = noted
"""


@on_sqlite
def test_the_scheduler_inside_a_forked_worker_is_told_to_stop(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """A worker that was forked ends without what Python does at its exit."""
    (tmp_path / "sitecustomize.py").write_text(NOTE_THE_STOP)
    port, note = str(free_port()), tmp_path / "stopped"
    settings = {"STEMPEL_PORT": port, "NOTE": str(note), "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    command = ("-m", "granian", "--interface", "wsgi", "--port", port, "wsgi:app")
    with Program(command, {**environment, **settings}, tmp_path / "log") as server:
        server.until_it_answers(health(server))
        assert server.stop() == 0
    assert note.exists()


@pytest.mark.parametrize("wanted", ["true", "false"])
@on_sqlite
def test_the_scheduler_is_inside_where_that_is_set(environment: dict[str, str], wanted: str) -> None:
    result = load(environment, STEMPEL_EMBEDDED_SCHEDULER=wanted)
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("True\n")
    assert ("APScheduler" in result.stdout) == (wanted == "true")


@on_sqlite
def test_a_setting_that_cannot_work_stops_the_application_with_a_sentence(
    environment: dict[str, str],
) -> None:
    result = load(environment, STEMPEL_BASE_URL="here")
    assert result.returncode == 1
    assert result.stderr == "STEMPEL_BASE_URL: must be an address such as https://cards.example.com\n"
