"""Running commands the way a shell does, on a database and in folders of the test's own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result

from passes.cli.main import main
from passes.clock import SystemClock
from passes.db.engine import Database

KEYS = {"STEMPEL_SECRET_KEY": "s" * 40, "STEMPEL_TOKEN_KEY": "t" * 40}


@dataclass
class Shell:
    """Runs commands with one environment."""

    environment: dict[str, str]
    database: Database
    folder: Path
    runner: CliRunner = field(default_factory=CliRunner)

    def run(self, *arguments: str, stdin: str | None = None, **environment: str | None) -> Result:
        """Run a command to its end; only an exit is no surprise."""
        result = self.runner.invoke(
            main, arguments, input=stdin, env={**self.environment, **environment}, prog_name="stempel"
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def json(self, *arguments: str, exit_code: int = 0, **more: Any) -> Any:
        """What a command prints with --json, which is one line and nothing else."""
        result = self.run(*arguments, "--json", **more)
        assert result.exit_code == exit_code, result.stderr
        assert result.stdout.count("\n") == 1
        return json.loads(result.stdout)

    def refused(self, *arguments: str, exit_code: int = 2, **more: Any) -> str:
        """What a command complains about: on standard error only, without a traceback."""
        result = self.run(*arguments, **more)
        assert result.exit_code == exit_code, result.output
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        return result.stderr

    def file(self, name: str, content: str | bytes) -> str:
        """A file to name in a command."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def merchant(self, slug: str = "cafe") -> str:
        """A merchant, made by command; returns its id."""
        made = self.json("merchant", "create", "--slug", slug, "--name", slug.title())
        return str(made["id"])


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    """The settings of an installation of its own."""
    return {
        "STEMPEL_DATABASE_URL": database_url,
        "STEMPEL_DATA_DIR": str(tmp_path / "var"),
        "STEMPEL_CERTS_DIR": str(tmp_path / "certs"),
        **KEYS,
    }


@pytest.fixture
def shell(environment: dict[str, str], database_url: str, tmp_path: Path) -> Iterator[Shell]:
    """Commands on a migrated, empty database."""
    database = Database(database_url, SystemClock(), "key")
    yield Shell(environment, database, tmp_path)
    database.close()
    structlog.reset_defaults()
