"""More than eighty hostile uploads through the API: none crashes it, stalls it, bloats it or gets through."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.programs.hostile.child import UPLOADS

MOST_CPU_S = 2.0
MOST_MB = 150
TAKEN = {
    # Sound pictures once what rides along is left behind.
    "the largest with transparency", "the largest interlaced", "the largest with a palette", "the longest",
    "more pixels than said", "text bomb", "international text bomb", "many text bombs",
    "profile of nothing", "profile that is not packed", "profile in name only",
    "script in a text", "script in a packed text", "script in xmp", "script in exif",
    "script in a private chunk", "script in the palette", "script as pixels",
    "exif that points into itself", "exif that points far away", "a thousand crumbs",
    "jpeg says 16 megapixels", "jpeg of 16 megapixels", "jpeg of cmyk in 16 megapixels",
    "jpeg of thirty scans", "jpeg of stuffed zeros", "jpeg of restarts",
    "jpeg with a comment", "jpeg that tells a place", "jpeg whose exif goes on", "jpeg whose exif is odd",
    "jpeg with a profile of words", "jpeg with a profile in disorder",
}  # fmt: skip


@pytest.fixture(scope="module")
def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What came of each upload, by its name."""
    folder = tmp_path_factory.mktemp("hostile")
    copy = folder / "hostile.db"
    copy.write_bytes(sqlite_template.read_bytes())
    command = [sys.executable, "-m", "tests.programs.hostile.child", f"sqlite:///{copy}", str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert ended.returncode == 0, ended.stderr[-2_000:]
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    return {line["name"]: line for line in lines}


def test_there_are_eighty_at_least_and_each_was_answered(told: dict[str, dict[str, Any]]) -> None:
    assert len(UPLOADS) >= 80
    assert list(told) == [upload.name for upload in UPLOADS]


@pytest.mark.parametrize("name", [upload.name for upload in UPLOADS])
def test_it_is_refused_by_name_or_stored_without_what_it_carried(
    told: dict[str, dict[str, Any]], name: str
) -> None:
    came = told[name]
    assert came["cpu_s"] < MOST_CPU_S
    assert came["grown_mb"] < MOST_MB
    if name in TAKEN:
        assert came["status"] == 201
        assert set(came["chunks"]) <= {"IHDR", "sRGB", "IDAT", "IEND"}
        assert not came["carries"]
    else:
        assert came["status"] == 422
        assert [error["field"] for error in came["errors"]] == ["design.images.logo"]
        assert "rror" not in came["errors"][0]["message"]
