"""Carrying out a Dockerfile without Docker: each stage in a folder that stands for its root.

A virtual environment plays the base image's Python. What only root in a container can do (making
users) is left out and listed in `left_out`; everything else runs as it is written there.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.house.dockerfile import Instruction, Stage

STEP_TIMEOUT_S = 900
MOUNT = re.compile(r"--mount=type=bind,from=(\w+),source=(\S+),target=(\S+)\s+")
OWNER = re.compile(r"--(owner|group)=\d+ ")
OURS = re.compile(r"(?<![\w./:])/(wheels|build|app|data|certs)\b")


class StepFailed(AssertionError):
    """A step of the Dockerfile did not work; the text holds what it said."""


@dataclass(slots=True)
class Rehearsal:
    """One stage as it was carried out: where its root lies, its environment, what was left out."""

    root: Path
    workdir: Path
    environment: dict[str, str]
    left_out: list[str] = field(default_factory=list)

    def here(self, text: str) -> str:
        """`text` with the image's own folders moved below this root."""
        return OURS.sub(lambda match: f"{self.root}/{match[1]}", text)


def rehearse(stages: list[Stage], context: Path, folder: Path) -> dict[str, Rehearsal]:
    """Carry out every stage below `folder`; raises `StepFailed` at the first step that does not work."""
    done: dict[str, Rehearsal] = {}
    for stage in stages:
        rehearsal = done[stage.name] = _base(folder / stage.name)
        for instruction in stage.instructions:
            _carry_out(instruction, rehearsal, context, done)
    return done


def _base(root: Path) -> Rehearsal:
    subprocess.run([sys.executable, "-m", "venv", str(root / "python")], check=True, timeout=STEP_TIMEOUT_S)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("STEMPEL_", "PYTHON", "GRANIAN_"))}
    path = f"{root / 'python/bin'}:{os.environ['PATH']}"
    return Rehearsal(root, root, inherited | {"PATH": path})


def _carry_out(step: Instruction, stage: Rehearsal, context: Path, done: dict[str, Rehearsal]) -> None:
    match step.keyword:
        case "WORKDIR":
            stage.workdir = Path(stage.here(step.rest))
            stage.workdir.mkdir(parents=True)
        case "ENV":
            stage.environment.update(stage.here(word).split("=", 1) for word in step.words())
        case "COPY":
            *sources, target = step.words()
            for source in sources:
                _copy(context / source, stage.workdir / target)
        case "RUN":
            _run(step.rest, stage, done)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _run(command: str, stage: Rehearsal, done: dict[str, Rehearsal]) -> None:
    if command.startswith("useradd"):
        stage.left_out.append(command)
        return
    for name, source, target in MOUNT.findall(command):
        Path(stage.here(target)).symlink_to(done[name].here(source))
    command = stage.here(MOUNT.sub("", command))
    if os.getuid() != 0:
        command = OWNER.sub("", command)
    result = subprocess.run(
        ["sh", "-c", command], cwd=stage.workdir, env=stage.environment,
        capture_output=True, text=True, timeout=STEP_TIMEOUT_S, check=False,
    )  # fmt: skip
    if result.returncode:
        raise StepFailed(f"{command}\n{result.stdout}{result.stderr}")
