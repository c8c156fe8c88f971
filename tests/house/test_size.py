"""No function and no file outgrows its reader, and the check that says so can tell."""

from pathlib import Path

import pytest

from tests.house.sizes import GENERATED, MAX_FILE_LINES, MAX_FUNCTION_LINES, ROOT, measure, python_files

SOUND = '"""Why."""\n\n\ndef small() -> None:\n    """Do nothing."""\n'


def function_of(lines: int) -> str:
    return '"""Why."""\n\n\ndef long() -> int:\n' + "    x = 1\n" * (lines - 2) + "    return x\n"


def file_of(lines: int) -> str:
    return '"""Why."""\n' + "x = 1\n" * (lines - 1)


def plant(root: Path, name: str, source: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    return path


def test_everything_in_the_house_keeps_its_size() -> None:
    sizes = measure(python_files(ROOT))
    assert not sizes.faults, "\n".join(sizes.faults)
    assert len(sizes.files) > 5, "the measure has lost the files"


@pytest.mark.parametrize(
    "source, complaint",
    [
        pytest.param(function_of(MAX_FUNCTION_LINES + 1), "long has 71 lines", id="long function"),
        pytest.param(file_of(MAX_FILE_LINES + 1), "has 401 lines", id="long file"),
        pytest.param(SOUND.partition("\n")[2], "does not open with a docstring", id="no reason to exist"),
        pytest.param('import os\n"""Late."""\n', "does not open with a docstring", id="reason too late"),
    ],
)
def test_a_planted_offender_is_named(tmp_path: Path, source: str, complaint: str) -> None:
    path = plant(tmp_path, "passes/room/service.py", source)
    faults = measure([path], tmp_path).faults
    assert any(f.startswith("passes/room/service.py") and complaint in f for f in faults), faults


@pytest.mark.parametrize("source", [SOUND, function_of(MAX_FUNCTION_LINES), file_of(MAX_FILE_LINES)])
def test_what_just_fits_is_fine(tmp_path: Path, source: str) -> None:
    assert measure([plant(tmp_path, "wsgi.py", source)], tmp_path).faults == ()


def test_methods_and_nested_functions_count_too(tmp_path: Path) -> None:
    body = "".join(f"    {line}\n" for line in function_of(MAX_FUNCTION_LINES + 1).splitlines()[3:])
    path = plant(tmp_path, "passes/a.py", '"""Why."""\n\n\nclass A:\n' + body)
    assert [f for f in measure([path], tmp_path).faults if "long has 71 lines" in f]


def test_the_measured_files_are_the_rooms_the_stand_ins_and_the_entry_point(tmp_path: Path) -> None:
    measured = [
        "benchmarks/a.py",
        "passes/a.py",
        "passes/b/c.py",
        "scheduler/a.py",
        "tests/fakes/a.py",
        "wsgi.py",
    ]
    for name in [*measured, f"{GENERATED}/0001.py", "tests/test_a.py", "var/a.py", "passes/note.md"]:
        plant(tmp_path, name, SOUND)
    assert [str(p.relative_to(tmp_path)) for p in python_files(tmp_path)] == measured


def test_the_medians_are_reported(tmp_path: Path) -> None:
    paths = [plant(tmp_path, f"passes/{n}.py", function_of(n)) for n in (4, 6, 20)]
    assert (
        measure(paths, tmp_path).summary().startswith("3 functions, median 6 lines; 3 files, median 9 lines")
    )
