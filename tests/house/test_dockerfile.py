"""The Dockerfile keeps its rules, and the check of each rule notices when it is broken."""

from pathlib import Path

import pytest

from tests.house.dockerfile import copied_from_context, faults, ignored, stages

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
RULES = (ROOT / ".dockerignore").read_text()

MUTANTS = [
    ("python:3.11-slim-bookworm AS", "python:latest AS", "not pinned"),
    ("python:3.11-slim-bookworm AS", "python AS", "not pinned"),
    ("FROM python:3.11-slim-bookworm\n", "", "one stage only"),
    ("USER 10001:10001\n", "", "numbered user"),
    ("USER 10001:10001\n", "USER 0\n", "numbered user"),
    ("EXPOSE 8000", "USER root\nEXPOSE 8000", "numbered user"),
    ("HEALTHCHECK", "LABEL", "one HEALTHCHECK"),
    ("'/healthz'", "'/'", "one HEALTHCHECK"),
    ('CMD ["python", "-m", "passes", "serve"]', "CMD python -m passes serve", "one CMD"),
    ("EXPOSE 8000", "EXPOSE 80", "EXPOSE must say 8000"),
    ("--require-hashes ", "", "no hash vouches"),
    ("--no-index ", "", "no hash vouches"),
    ("--no-cache-dir", "", "the cache stays"),
    ("COPY wsgi.py ./", "COPY wsgi.py gone.py ./", "gone.py: there is no such file"),
    ("COPY wsgi.py ./", "COPY tests ./tests", "tests: .dockerignore keeps it out"),
    ("COPY wsgi.py ./", "COPY . .", "name what is needed"),
    ("COPY wsgi.py ./", "ADD wsgi.py ./", "ADD unpacks"),
    ("EXPOSE 8000", "ENV STEMPEL_SECRET_KEY=abc\nEXPOSE 8000", "readable in the image's history"),
    ("EXPOSE 8000", "ARG POSTGRES_PASSWORD\nEXPOSE 8000", "readable in the image's history"),
]


def test_the_dockerfile_keeps_its_rules() -> None:
    assert faults(DOCKERFILE, ROOT) == []


@pytest.mark.parametrize("old, new, complaint", MUTANTS, ids=[f"{m[2]} ({m[1].strip()})" for m in MUTANTS])
def test_a_broken_rule_is_named(old: str, new: str, complaint: str) -> None:
    assert old in DOCKERFILE
    found = set(faults(DOCKERFILE.replace(old, new), ROOT)) - set(faults(DOCKERFILE, ROOT))
    assert any(complaint in fault for fault in found)


def test_everything_the_service_runs_on_is_copied_and_nothing_else() -> None:
    copied = {source for stage in stages(DOCKERFILE) for source in copied_from_context(stage)}
    assert copied == {"requirements.txt", "wsgi.py", "templates", "passes", "scheduler"}


@pytest.mark.parametrize(
    "path", [".env", ".git", "var", "certs", "tests", "docs", "passes/cards/__pycache__"]
)
def test_secrets_data_and_history_never_reach_the_builder(path: str) -> None:
    assert ignored(path, RULES)


def test_python_in_the_image_is_the_oldest_one_supported() -> None:
    assert {stage.base for stage in stages(DOCKERFILE)} == {"python:3.11-slim-bookworm"}
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text()
