"""`.ci/run` passes only when suite and checks pass, installs what is missing, and says how it ended."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BORROWED = ("bash", "dirname", "mktemp", "rm", "tail", "tee")
PROGRAMS = ("openssl", "chromium", "node", "npm")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing but the script, beside a `bin` folder that is the whole machine."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    (tmp_path / "bin").mkdir()
    for name in BORROWED:
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    for name in (*PROGRAMS, "apt-get", "sudo", "make"):
        script(tmp_path, name, f'echo "{name} $*"')
    return tmp_path


def script(checkout: Path, name: str, line: str) -> None:
    path = checkout / "bin" / name
    path.write_text(f"#!{checkout}/bin/bash\n{line}\n")
    path.chmod(0o755)


def run(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / ".ci/run"], env={"PATH": os.fspath(checkout / "bin")}, stdin=subprocess.PIPE,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def bash_where_the_script_expects_it(checkout: Path) -> None:
    lines = (checkout / ".ci/run").read_text().splitlines(keepends=True)
    assert lines[0] == "#!/usr/bin/env bash\n"
    (checkout / ".ci/run").write_text("".join([f"#!{checkout}/bin/bash\n", *lines[1:]]))


def test_with_everything_there_it_tests_without_skips_then_checks_and_repeats_the_end(checkout: Path) -> None:
    result = run(checkout)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "npm ci --prefix tests/readers",
        "make test NO_SKIPS=1",
        "make check",
        "== the suite ended with",
        "make test NO_SKIPS=1",
    ]


@pytest.mark.parametrize("target", ["test", "check"])
def test_it_fails_when_suite_or_checks_fail(checkout: Path, target: str) -> None:
    script(checkout, "make", f'[ "$1" != {target} ]')
    assert run(checkout).returncode != 0


@pytest.mark.parametrize(
    "gone, packages",
    [
        (["node"], "nodejs"),
        (["openssl", "chromium"], "openssl chromium"),
        (["npm"], "npm"),
        ([*PROGRAMS], "openssl chromium nodejs npm"),
    ],
)
def test_it_installs_what_is_missing_and_only_that(checkout: Path, gone: list[str], packages: str) -> None:
    for name in gone:
        (checkout / "bin" / name).unlink()
    output = run(checkout).stdout
    assert "apt-get update" in output
    assert f"--no-install-recommends {packages}\n" in output


def test_a_browser_under_another_name_will_do(checkout: Path) -> None:
    (checkout / "bin/chromium").rename(checkout / "bin/google-chrome")
    assert "apt-get" not in run(checkout).stdout
