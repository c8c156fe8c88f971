"""`design`: out into a folder or a zip, in again, and back to an earlier version."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.offers import a_program


@pytest.fixture
def program(shell: Shell) -> str:
    return a_program(shell, shell.merchant(), "stamp")


def edit(folder: Path, **changes: object) -> None:
    document = folder / "design.json"
    document.write_text(json.dumps({**json.loads(document.read_text()), **changes}))


def test_a_design_is_edited_as_files_and_published(shell: Shell, program: str) -> None:
    shell.json("cards", "issue", "--merchant", "cafe", "--program", program, "--count", "3")
    folder = shell.folder / "design"
    assert shell.json("design", "export", program, "--output", str(folder))["files"] == ["design.json"]
    edit(folder, stamp_shape="cup")
    looked = shell.json("design", "import", program, str(folder))
    assert (looked["version"], looked["published"]) == (1, False)
    assert shell.json("design", "import", program, str(folder), "--publish")["version"] == 2
    zipped = shell.folder / "design.zip"
    shell.json("design", "export", program, "--output", str(zipped))
    assert shell.json("design", "import", program, str(zipped), "--publish")["version"] == 3
    assert [v["changed"] for v in shell.json("design", "versions", program)] == [
        [],
        ["design"],
        ["rules", "design", "texts"],
    ]
    assert shell.json("design", "restore", program, "1")["version"] == 4


def test_nothing_is_written_over(shell: Shell, program: str) -> None:
    there = shell.file("design.zip", b"mine")
    assert "exists already" in shell.refused("design", "export", program, "--output", there)
    assert Path(there).read_bytes() == b"mine"


def test_what_is_wrong_is_said_by_name(shell: Shell, program: str) -> None:
    folder = shell.folder / "design"
    shell.json("design", "export", program, "--output", str(folder))
    edit(folder, kind="gift")
    assert "this is a stamp program" in shell.refused("design", "import", program, str(folder), "--publish")
    assert "there is no program" in shell.refused("design", "export", "prog_x", "--output", "x.zip")
    assert "no such version" in shell.refused("design", "restore", program, "7", exit_code=1)


def test_a_design_is_judged_before_it_is_published(shell: Shell, program: str) -> None:
    folder = shell.folder / "design"
    shell.json("design", "export", program, "--output", str(folder))
    assert shell.json("design", "lint", program)["publishable"] is True
    edit(folder, colors={"background": "#ffffff", "foreground": "#eeeeee", "label": "#000000"})
    assert shell.json("design", "lint", program, str(folder), exit_code=1)["publishable"] is False
    assert "colors.foreground" in shell.refused("design", "import", program, str(folder), "--publish")
    assert shell.json("design", "import", program, str(folder), "--publish", "--force")["version"] == 2
