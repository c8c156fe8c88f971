"""The layers in pyproject.toml hold, and each of them breaks when someone reaches upwards."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

LAYERS = "Imports go down only"
OFFENCES = [
    ("passes/money.py", "import passes.errors", LAYERS),
    ("passes/ids.py", "import passes.config", LAYERS),
    ("passes/db/planted.py", "import passes.audit.models", LAYERS),
    ("passes/merchants/planted.py", "import passes.members.models", LAYERS),
    ("passes/ledger/planted.py", "import passes.outbox.models", LAYERS),
    ("passes/programs/planted.py", "import passes.cards.models", LAYERS),
    ("passes/cards/planted.py", "import passes.campaigns.models", LAYERS),
    ("passes/cards/planted.py", "import passes.wallets", LAYERS),
    ("passes/newroom/__init__.py", "", "passes.newroom"),
    ("passes/members/planted.py", "import scheduler", "The application does not know"),
    ("passes/cards/rules.py", "from sqlalchemy import select", "Rules decide"),
    ("passes/wallets/planted.py", "import wallet.models", "Only pass_json"),
]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache", "--no-logo"], cwd=root, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the code that may be damaged."""
    for name in ("passes", "scheduler"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_layers_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("file, line, contract", OFFENCES, ids=[f"{f}: {line}" for f, line, _ in OFFENCES])
def test_a_planted_import_upwards_is_refused(house: Path, file: str, line: str, contract: str) -> None:
    path = house / file
    path.parent.mkdir(exist_ok=True)
    old = path.read_text() if path.exists() else '"""Planted."""\n'
    path.write_text(f"{old}\n{line}\n")
    result = lint(house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert contract in result.stdout.partition("Broken contracts")[2], result.stdout


def test_every_folder_with_code_is_a_package_because_the_layers_see_no_other() -> None:
    blind = {
        path.parent.relative_to(ROOT)
        for room in ("passes", "scheduler")
        for path in (ROOT / room).rglob("*.py")
        if not (path.parent / "__init__.py").exists()
    }
    # Alembic runs these by path and nothing imports them.
    assert blind == {Path("passes/db/migrations"), Path("passes/db/migrations/versions")}
