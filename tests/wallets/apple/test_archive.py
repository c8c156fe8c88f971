"""Archives as other programs read them."""

import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from passes.wallets.apple.archive import archive, front, member

FILES = {
    "pass.json": b'{"formatVersion":1}' * 40,
    "de.lproj/pass.strings": "ü".encode() * 300,
    "icon.png": bytes(range(256)),
    "empty": b"",
}


def written(deflate: bool) -> bytes:
    return archive([member(name, content, deflate=deflate) for name, content in FILES.items()])


@pytest.mark.parametrize("deflate", [True, False])
def test_the_standard_library_reads_every_member_back(deflate: bool) -> None:
    with zipfile.ZipFile(io.BytesIO(written(deflate))) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == FILES
        assert opened.namelist() == list(FILES)
        methods = {info.compress_type for info in opened.infolist()}
    assert methods == {zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED}


def test_members_unpack_as_plain_readable_files(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(written(True))
    command = [sys.executable, "-m", "zipfile", "-e", "a.zip", "out"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120)
    assert (tmp_path / "out" / "de.lproj" / "pass.strings").read_bytes() == FILES["de.lproj/pass.strings"]


def test_equal_contents_give_equal_archives() -> None:
    assert written(True) == written(True)


def test_a_member_knows_the_sha1_of_its_content_not_of_its_stored_form() -> None:
    content = FILES["pass.json"]
    listing = f'"pass.json":"{hashlib.sha1(content).hexdigest()}"'.encode()
    assert member("pass.json", content, deflate=True).listing == listing
    assert member("pass.json", content, deflate=False).listing == listing


@pytest.mark.parametrize("joined", range(len(FILES) + 1))
def test_what_is_joined_beforehand_makes_no_difference(joined: int) -> None:
    members = [member(name, content, deflate=True) for name, content in FILES.items()]
    assert archive(members[joined:], front(members[:joined])) == archive(members)
    assert front(members[:joined]).listing == b",".join(m.listing for m in members[:joined])


def test_a_damaged_member_is_noticed() -> None:
    data = bytearray(written(False))
    data[data.index(FILES["icon.png"]) + 5] ^= 1
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as opened:
        assert opened.testzip() == "icon.png"


def test_an_archive_without_members_is_an_empty_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(archive([]))) as opened:
        assert opened.namelist() == []
