"""`openapi`: the same bytes every time, on disk and checked against it."""

import json
from pathlib import Path

from click.testing import CliRunner

from passes.cli.main import main
from passes.cli.openapi import openapi_document

ROOT = Path(__file__).parents[2]


def test_the_document_in_the_repository_is_the_one_that_is_served() -> None:
    assert (ROOT / "docs" / "openapi.json").read_bytes() == openapi_document()


def test_it_is_openapi_3_1_at_nobodys_address_and_the_same_twice() -> None:
    content = openapi_document()
    document = json.loads(content)
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://stempel.example/api/v1"}]
    assert content == openapi_document()
    assert CliRunner().invoke(main, ["openapi"]).stdout_bytes == content


def test_a_file_is_written_and_any_other_content_is_drift(tmp_path: Path) -> None:
    path, run = tmp_path / "openapi.json", CliRunner().invoke
    missing = run(main, ["openapi", "--check", str(path)])
    assert missing.exit_code == 1
    assert f"run: python -m passes openapi --write {path}" in missing.stderr
    assert run(main, ["openapi", "--write", str(path)]).exit_code == 0
    assert run(main, ["openapi", "--check", str(path)]).exit_code == 0
    path.write_bytes(path.read_bytes().replace(b"/stamps", b"/stumps"))
    assert run(main, ["openapi", "--check", str(path)]).exit_code == 1
