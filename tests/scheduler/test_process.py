"""Schedulers as processes: started, stopped, frozen and killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from passes import migrate
from passes.clock import SystemClock
from passes.config import load_settings
from passes.db.engine import Database
from passes.wiring import Services
from scheduler import start_embedded

ROOT = Path(__file__).parents[2]
PATIENCE_S = 5.0
"""A busy machine keeps nobody from a sign of life for so long."""

Trace = tuple[int, float]


def read_traces(path: Path) -> list[Trace]:
    """Who worked when, in order."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [(int(pid), float(at)) for pid, at in (line.split() for line in lines)]


@pytest.fixture
def spawn(database_url: str, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a tracing scheduler of one installation; all are gone when the test is."""
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        arguments = [database_url, str(tmp_path), str(PATIENCE_S), str(tmp_path / "traces")]
        running.append(
            subprocess.Popen([sys.executable, "-m", "tests.scheduler.ticking", *arguments], cwd=ROOT)
        )
        return running[-1]

    yield start
    for process in running:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def worker_after(path: Path, moment: float, but: int = 0) -> Trace:
    """The first trace after `moment` that is not of process `but`."""
    deadline = time.time() + 120
    while time.time() < deadline:
        found = [trace for trace in read_traces(path) if trace[1] > moment and trace[0] != but]
        if found:
            return found[0]
        time.sleep(0.02)
    raise AssertionError("nobody works")


def test_a_frozen_or_killed_leader_is_replaced_and_never_works_beside_its_successor(
    spawn: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    traces = tmp_path / "traces"
    processes = [spawn() for _ in range(3)]
    frozen, _ = worker_after(traces, 0)
    os.kill(frozen, signal.SIGSTOP)
    frozen_at = time.time()
    second, took_over = worker_after(traces, frozen_at + 0.05, but=frozen)
    os.kill(frozen, signal.SIGCONT)
    time.sleep(0.6)
    late = [pid for pid, at in read_traces(traces) if pid == frozen and at > took_over]
    assert len(late) <= 1, "more than the piece of work it was frozen in"

    os.kill(second, signal.SIGKILL)
    killed_at = time.time()
    third, took_over = worker_after(traces, killed_at + 0.05, but=second)
    time.sleep(0.3)
    working = {pid for pid, at in read_traces(traces) if at > took_over}
    assert working == {third}

    next(p for p in processes if p.pid == third).terminate()
    released_at = time.time()
    worker_after(traces, released_at + 0.3, but=third)


def settings_of(folder: Path) -> dict[str, str]:
    """The environment of an installation of its own."""
    apart = {"STEMPEL_DATA_DIR": str(folder), "STEMPEL_CERTS_DIR": str(folder / "certs")}
    return {**os.environ, **apart}


@pytest.fixture
def installation(tmp_path: Path) -> dict[str, str]:
    """A migrated installation on SQLite."""
    database = Database(f"sqlite:///{tmp_path / 'stempel.db'}", SystemClock())
    migrate.upgrade(database)
    database.close()
    return settings_of(tmp_path)


def test_the_process_starts_leads_and_ends_politely(installation: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scheduler"]
    with subprocess.Popen(
        command, cwd=ROOT, env=installation, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        assert "leader" in process.stdout.readline()
        process.terminate()
        assert process.wait(timeout=120) == 0


def test_a_database_that_is_not_migrated_is_named_with_the_way_out(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scheduler"],
        cwd=ROOT, env=settings_of(tmp_path), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "The database is behind the code; run: python -m passes db upgrade\n"


def test_a_setting_that_cannot_work_is_named(installation: dict[str, str]) -> None:
    environment = installation | {"STEMPEL_APNS_URL": "http://127.0.0.1:1"}
    done = subprocess.run(
        [sys.executable, "-m", "scheduler"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "APNS_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_inside_a_web_process_it_leads_at_once_and_a_second_one_waits(installation: dict[str, str]) -> None:
    environment = {k: v for k, v in installation.items() if k.startswith("STEMPEL_")}
    services = Services(load_settings(environment))
    first, second = start_embedded(services), start_embedded(services)
    try:
        assert (first.leading, second.leading) == (True, False)
    finally:
        first.stop()
        second.stop()
        services.close()


@pytest.mark.parametrize(
    "setting, value, complaint",
    [
        ("STEMPEL_DATA_DIR", "/proc/nowhere", "STEMPEL_DATA_DIR"),
        ("STEMPEL_DATABASE_URL", "sqlite:////nowhere/at/all.db", "STEMPEL_DATABASE_URL: the database cannot"),
        ("STEMPEL_CLOCK_FILE", sys.executable, "STEMPEL_CLOCK_FILE"),
    ],
)
def test_what_keeps_a_scheduler_from_starting_is_a_sentence(
    tmp_path: Path, setting: str, value: str, complaint: str
) -> None:
    environment = {**os.environ, "STEMPEL_DATA_DIR": str(tmp_path), setting: value}
    ended = subprocess.run(
        [sys.executable, "-m", "scheduler"],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_folder_of_an_installation_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    Services(load_settings({"STEMPEL_DATA_DIR": str(folder)})).close()
    assert folder.stat().st_mode & 0o777 == 0o700
