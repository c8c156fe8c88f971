"""How long files and functions are, and which are longer than this house allows.

`python -m tests.house.sizes` prints the medians and the offenders; `make check` runs it. The limits are
read by people as much as by this script: a function fits on a screen, a file can be read in one sitting.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
MEASURED = ("passes", "scheduler", "benchmarks", "tests/fakes", "wsgi.py")
GENERATED = "passes/db/migrations/versions"

MAX_FUNCTION_LINES = 70
MAX_FILE_LINES = 400
AIM = "aim: functions 10, files 120"


@dataclass(frozen=True, slots=True)
class Sizes:
    """The lengths in lines of everything measured, and a sentence for each rule that is broken."""

    files: tuple[int, ...]
    functions: tuple[int, ...]
    faults: tuple[str, ...]

    def summary(self) -> str:
        """One line with both medians."""
        if not self.files or not self.functions:
            return "nothing to measure"
        return (
            f"{len(self.functions)} functions, median {median(self.functions):g} lines; "
            f"{len(self.files)} files, median {median(self.files):g} lines ({AIM})"
        )


def python_files(root: Path) -> list[Path]:
    """Every measured file below `root`; revisions are written once and never grow."""
    found = [path for name in MEASURED for path in (root / name, *(root / name).rglob("*.py"))]
    generated = root / GENERATED
    return sorted(p for p in found if p.is_file() and not p.is_relative_to(generated))


def functions(tree: ast.AST) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Every function with its length in lines, from `def` to its last line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1


def measure(paths: Iterable[Path], root: Path = ROOT) -> Sizes:
    """The sizes of `paths`; faults are named relative to `root`."""
    file_lines, function_lines, faults = [], [], []
    for path in paths:
        name, source = path.relative_to(root), path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        file_lines.append(len(source.splitlines()))
        if file_lines[-1] > MAX_FILE_LINES:
            faults.append(
                f"{name} has {file_lines[-1]} lines, {MAX_FILE_LINES} are allowed: split it by noun"
            )
        if ast.get_docstring(tree) is None:
            faults.append(f"{name} does not open with a docstring that says why it exists")
        for node, lines in functions(tree):
            function_lines.append(lines)
            if lines > MAX_FUNCTION_LINES:
                faults.append(
                    f"{name}:{node.lineno} {node.name} has {lines} lines, {MAX_FUNCTION_LINES} are allowed"
                )
    return Sizes(tuple(file_lines), tuple(function_lines), tuple(faults))


def main() -> int:
    """Print the medians and every fault; 1 if there is one."""
    sizes = measure(python_files(ROOT))
    for fault in sizes.faults:
        print(fault, file=sys.stderr)
    print(sizes.summary())
    return 1 if sizes.faults else 0


if __name__ == "__main__":
    sys.exit(main())
