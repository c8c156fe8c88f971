"""What an auditor is handed can be read in one go, and needs nothing of ours."""

import ast
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "docs" / "audit" / "verify_export.py"
MAX_LINES = 50


def test_the_auditors_script_has_at_most_fifty_lines() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_the_auditors_script_needs_the_standard_library_and_cryptography_alone() -> None:
    needed = set()
    for node in ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            needed |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            needed.add("." * node.level + str(node.module).partition(".")[0])
    assert needed - sys.stdlib_module_names == {"cryptography"}
