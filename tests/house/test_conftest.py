"""The rules in tests/conftest.py, tried on small suites of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ONE_OF_EACH = """
import os
import pytest

def test_passes(): pass

@pytest.mark.needs_node
def test_needs_node(): pass

def test_sees_no_settings_of_the_developer():
    assert not [n for n in os.environ if n.startswith("STEMPEL_")]
"""


def run_suite(folder: Path, *options: str, path: str) -> subprocess.CompletedProcess[str]:
    """Pytest on `ONE_OF_EACH` under this project's conftest and ini file, finding programs only in `path`."""
    (folder / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (folder / "test_small.py").write_text(ONE_OF_EACH)
    environment = {"PATH": path, "PYTHONPATH": str(ROOT), "STEMPEL_DATA_DIR": "/nowhere", "HOME": str(folder)}
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", *options, str(folder)],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_a_missing_program_skips_and_the_run_still_passes(tmp_path: Path) -> None:
    result = run_suite(tmp_path, path="/nowhere")
    assert result.returncode == 0, result.stdout
    assert "2 passed, 1 skipped" in result.stdout
    assert "node is not installed" in result.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_where_no_skips_are_allowed_a_skip_fails_the_run(tmp_path: Path, workers: tuple[str, ...]) -> None:
    result = run_suite(tmp_path, "--no-skips", *workers, path="/nowhere")
    assert result.returncode == 1, result.stdout
    assert "1 skipped test(s) fail this run" in result.stdout


def test_with_every_program_there_is_nothing_to_skip(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "node").symlink_to(sys.executable)
    result = run_suite(tmp_path, "--no-skips", path=os.fspath(programs))
    assert result.returncode == 0, result.stdout
    assert "3 passed" in result.stdout
