"""compose.yaml starts the four parts in order, on one image, without a secret written into it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from passes.config import load_settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "scheduler")
EXAMPLE = dict(
    line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if re.match(r"\w+=", line)
)


def waits_for(service: str) -> dict[str, str]:
    return {name: how["condition"] for name, how in SERVICES[service]["depends_on"].items()}


def test_there_are_the_database_the_migration_the_web_service_and_the_scheduler() -> None:
    assert set(SERVICES) == {"database", *OURS}


def test_the_database_answers_before_it_is_migrated_and_is_migrated_before_anyone_works() -> None:
    assert waits_for("migrate") == {"database": "service_healthy"}
    assert waits_for("web") == waits_for("scheduler") == {"migrate": "service_completed_successfully"}
    assert "pg_isready" in SERVICES["database"]["healthcheck"]["test"]
    assert SERVICES["migrate"]["command"] == ["python", "-m", "passes", "db", "upgrade"]
    assert SERVICES["scheduler"]["command"] == ["python", "-m", "scheduler"]
    assert "command" not in SERVICES["web"], "the image's own command is the web service"


@pytest.mark.parametrize("service", OURS)
def test_what_we_run_can_write_its_volumes_only_and_gain_no_rights(service: str) -> None:
    made = SERVICES[service]
    assert (made["image"], made["build"]) == ("stempel", ".")
    assert made["read_only"] is True
    assert made["cap_drop"] == ["ALL"]
    assert made["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in made
    assert {volume.split(":")[0] for volume in made["volumes"]} == {"data", "certs"}


def test_the_database_has_all_cores_until_it_is_given_some() -> None:
    assert [name for name, service in SERVICES.items() if "cpuset" in service] == ["database"]
    assert SERVICES["database"]["cpuset"] == "${DATABASE_CORES:-}"


def test_every_volume_in_use_is_declared_and_the_data_of_the_database_outlives_it() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert used == set(COMPOSE["volumes"])
    assert SERVICES["database"]["volumes"] == ["database:/var/lib/postgresql"]


def test_every_image_from_elsewhere_is_pinned_and_only_the_web_service_is_reachable() -> None:
    assert re.fullmatch(r"postgres:\d+-\w+", SERVICES["database"]["image"])
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])


def test_no_secret_stands_in_the_file_and_the_example_holds_none() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|SECRET|PASSWORD|URL", name):
                assert re.search(r"\$\{\w+:\?", value), f"{name} is written into compose.yaml"
    assert {name for name, value in EXAMPLE.items() if not value} == {
        "STEMPEL_SECRET_KEY", "STEMPEL_TOKEN_KEY", "POSTGRES_PASSWORD",
    }  # fmt: skip


def test_the_example_once_filled_in_makes_settings_that_load() -> None:
    filled = {name: value or "x" * 64 for name, value in EXAMPLE.items()}
    asked_for = set(re.findall(r"\$\{(\w+):\?", str(COMPOSE)))
    assert asked_for <= filled.keys()
    password = filled["POSTGRES_PASSWORD"]
    given = {k: re.sub(r"\$\{\w+:\?[^}]*\}", password, v) for k, v in SERVICES["web"]["environment"].items()}
    settings = load_settings(filled | given)
    assert settings.database_url == f"postgresql+psycopg://stempel:{password}@database/stempel"
    assert settings.is_https
    assert not settings.runs_scheduler, "with PostgreSQL the scheduler is a service of its own"


def test_git_never_takes_the_filled_in_example() -> None:
    assert "/.env" in (ROOT / ".gitignore").read_text().splitlines()
