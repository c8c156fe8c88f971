"""Children that are tied to their parent end with it; others would not, which is why they are tied."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.processes import ROOT, lives
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the promise is kept by Linux alone")

PARENT = """
import os, subprocess, sys, time
command = [sys.executable, *sys.argv[1:]]
child = subprocess.Popen([str(os.getpid()) if word == "PARENT" else word for word in command])
print(child.pid, flush=True)
time.sleep(60)
"""
SLEEPER = """
import sys, time
print(sys.argv[1:], flush=True)
time.sleep(60)
"""


def family(tmp_path: Path, *child: str) -> tuple[subprocess.Popen[str], int]:
    """A parent and the pid of its child, which has got as far as its own code."""
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *child], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"},
    )  # fmt: skip
    assert parent.stdout is not None
    words = [parent.stdout.readline().strip() for _ in range(2)]
    parent.stdout.close()
    assert "['--like', 'this']" in words
    return parent, int(next(word for word in words if word.isdigit()))


def test_a_tied_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    tied = ("-m", "passes.cli.tether", "PARENT", "sleeper", "--like", "this")
    parent, child = family(tmp_path, *tied)
    assert lives(child)
    parent.kill()
    parent.wait()
    eventually(lambda: not lives(child))


def test_an_untied_child_goes_on(tmp_path: Path) -> None:
    parent, child = family(tmp_path, "-m", "sleeper", "--like", "this")
    parent.kill()
    parent.wait()
    assert lives(child)
    os.kill(child, signal.SIGKILL)


def test_a_child_whose_parent_is_gone_before_it_asks_ends_at_once(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    nobodys_pid = 2**22 + 1
    orphan = subprocess.run(
        [sys.executable, "-m", "passes.cli.tether", str(nobodys_pid), "sleeper"],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"}, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert (orphan.returncode, orphan.stdout) == (1, b"")
