"""A server told to stop while a worker still loads stops, and no worker is forked beside somebody at work."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from passes.cli.forking import fork_in_peace, load_unless_told
from tests.cli.processes import ROOT, Program, eventually, lives
from tests.ports import free_port
from tests.waiting import PATIENCE_S

LOADS_FOR_EVER = """
import os, time
import passes.app, passes.cli.serve
passes.cli.serve.KILL_AFTER_S = 3600
create = passes.app.create_app
def held(services):
    open(os.path.join(os.environ["LOADING"], str(os.getpid())), "a").close()
    while not os.path.exists(os.environ["GO_ON"]):
        time.sleep(0.05)
    return create(services)
passes.app.create_app = held
"""
"""Without what is tested here the server would wait for such a worker for an hour."""


@pytest.fixture
def loading(environment: dict[str, str], tmp_path: Path) -> Program:
    """A server, not yet started, whose workers are never done with loading."""
    (tmp_path / "sitecustomize.py").write_text(LOADS_FOR_EVER)
    (tmp_path / "loading").mkdir()
    settings = {
        "STEMPEL_PORT": str(free_port()),
        "LOADING": str(tmp_path / "loading"),
        "GO_ON": str(tmp_path / "go-on"),
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
    }
    return Program(("-m", "passes", "serve"), {**environment, **settings}, tmp_path / "log")


def until_all_load(server: Program) -> list[int]:
    """Wait for every worker to be in the middle of it; returns them."""
    folder = Path(server.environment["LOADING"])
    server.until_it_says("Serving")
    eventually(lambda: len(list(folder.iterdir())) == len(server.family()) > 0, server.said)
    return server.family()


@pytest.mark.parametrize(
    "number, everybody", [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True)]
)
def test_a_stop_while_workers_load_is_heard(loading: Program, number: int, everybody: bool) -> None:
    with loading:
        workers = until_all_load(loading)
        assert loading.stop(number, everybody=everybody) == 0
        eventually(lambda: not any(map(lives, workers)))
    assert "Traceback" not in loading.said()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_stop_while_a_worker_is_put_back_is_heard(loading: Program) -> None:
    with loading:
        [lost] = until_all_load(loading)
        os.kill(lost, signal.SIGKILL)
        eventually(lambda: loading.family() not in ([], [lost]), loading.said)
        assert loading.stop() == 0


@pytest.fixture
def _handlers_as_before() -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


def swallow_a_stop() -> None:
    with suppress(SystemExit):
        os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.usefixtures("_handlers_as_before")
def test_a_stop_that_was_swallowed_while_loading_counts_afterwards() -> None:
    def load() -> str:
        swallow_a_stop()
        return "loaded"

    with pytest.raises(SystemExit) as left:
        load_unless_told(load)
    assert left.value.code == 0


@pytest.mark.usefixtures("_handlers_as_before")
def test_a_stop_that_was_swallowed_does_not_wait_for_what_loads_for_ever() -> None:
    waited_for_good = []

    def load() -> None:
        swallow_a_stop()
        threading.Event().wait(PATIENCE_S)
        waited_for_good.append(True)

    with pytest.raises(SystemExit) as left:
        load_unless_told(load)
    assert left.value.code == 0
    assert not waited_for_good


@pytest.mark.usefixtures("_handlers_as_before")
def test_whoever_leaves_after_a_stop_tidies_up_undisturbed() -> None:
    with pytest.raises(SystemExit):
        load_unless_told(swallow_a_stop)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    eventually(lambda: signal.getitimer(signal.ITIMER_REAL)[0] == 0)


class Worker:
    """One that only notes what is the case when it is started."""

    def __init__(self, quiet: threading.Lock, loader: Any) -> None:
        self.quiet, self.loader = quiet, loader

    def start(self) -> None:
        self.was_quiet = self.quiet.locked()
        self.waits = signal.pthread_sigmask(signal.SIG_BLOCK, ())


class Server:
    """As much of granian's as is changed."""

    def __init__(self, quiet: threading.Lock) -> None:
        self.quiet = quiet
        self.main_loop_interrupt = threading.Event()

    def _spawn_worker(self, idx: int, target: object, callback_loader: object) -> Worker:
        return Worker(self.quiet, callback_loader)


def test_a_worker_is_forked_while_nobody_is_at_work_and_signals_wait() -> None:
    quiet = threading.Lock()
    server: Any = Server(quiet)
    fork_in_peace(server, quiet)
    worker = server._spawn_worker(idx=0, target=None, callback_loader=lambda: "loaded")
    worker.start()
    assert worker.was_quiet
    assert {signal.SIGTERM, signal.SIGINT} <= worker.waits
    assert not {signal.SIGTERM, signal.SIGINT} & signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert not quiet.locked()


def test_a_loop_that_was_told_to_stop_does_not_go_to_sleep_again() -> None:
    server: Any = Server(threading.Lock())
    fork_in_peace(server, server.quiet)
    server.main_loop_interrupt.set()
    server.main_loop_interrupt.set()
    server.main_loop_interrupt.wait()
    server.main_loop_interrupt.clear()
    server.main_loop_interrupt.wait()
