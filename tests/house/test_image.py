"""The Dockerfile's steps, carried out: what it installs is complete, and what it starts serves."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.house.dockerfile import Stage, stages
from tests.house.image import Rehearsal, StepFailed, rehearse
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
START_TIMEOUT_S = 120

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    """The last stage, after every step of the Dockerfile has been carried out."""
    try:
        return list(rehearse(stages(DOCKERFILE), ROOT, tmp_path_factory.mktemp("image")).values())[-1]
    except StepFailed as failure:
        if "Retrying (" in str(failure):
            pytest.skip("the package index does not answer")
        raise


def final_stage() -> Stage:
    return stages(DOCKERFILE)[-1]


def in_image(image: Rehearsal, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=image.workdir, env=image.environment,
        capture_output=True, text=True, timeout=START_TIMEOUT_S, check=False,
    )  # fmt: skip


def test_what_was_installed_fits_together(image: Rehearsal) -> None:
    result = in_image(image, "pip", "check")
    assert result.returncode == 0, result.stdout


def test_only_making_the_user_was_left_to_a_real_engine(image: Rehearsal) -> None:
    assert [step.split()[0] for step in image.left_out] == ["useradd"]


@pytest.mark.parametrize("tool", ["pytest", "mypy", "playwright", "h2"])
def test_nothing_of_the_workshop_is_in_the_image(image: Rehearsal, tool: str) -> None:
    assert in_image(image, "python", "-c", f"import {tool}").returncode == 1


def test_every_command_the_compose_file_gives_exists_in_the_image(image: Rehearsal) -> None:
    for module in ("passes", "scheduler"):
        result = in_image(image, "python", "-m", module, "--help")
        assert result.returncode == 0, result.stderr


def test_the_service_starts_as_written_and_its_own_health_check_passes(image: Rehearsal) -> None:
    port = str(free_port())
    image.environment |= {"STEMPEL_HOST": "127.0.0.1", "STEMPEL_PORT": port}
    [serve] = final_stage().all("CMD")
    [check] = final_stage().all("HEALTHCHECK")
    ask = [word.replace("8000", port) for word in json.loads(check.rest[check.rest.index("[") :])]
    assert in_image(image, *ask).returncode != 0, "the check passes while nothing runs"

    upgrade = in_image(image, "python", "-m", "passes", "db", "upgrade")
    assert upgrade.returncode == 0, upgrade.stderr
    log = image.root / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            serve.words(), cwd=image.workdir, env=image.environment,
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while in_image(image, *ask).returncode != 0:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=120) == 0, log.read_text()
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def test_a_step_that_fails_says_what_it_said(tmp_path: Path) -> None:
    broken = 'FROM a\nWORKDIR /app\nRUN echo "no such wheel" >&2 && false\n'
    with pytest.raises(StepFailed, match="no such wheel"):
        rehearse(stages(broken), ROOT, tmp_path)
