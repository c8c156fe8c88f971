"""Pictures are drawn once for all processes, and a bad file, folder or disk only means drawing again."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from passes.cards.face import Stamps
from passes.wallets.apple import drawn as drawn_module
from passes.wallets.apple.archive import Front, front, member
from passes.wallets.apple.drawn import DrawnPictures
from passes.wallets.art.pictures import Art, art_of
from tests.factories.faces import LIGHT, make_face

PICTURES = front([member("icon.png", b"icon", deflate=False), member("logo.png", b"logo\n", deflate=False)])


class Painter:
    """Counts how often it has to draw."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Front:
        self.times += 1
        return PICTURES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "drawn"


def art(**changed: object) -> Art:
    return art_of(make_face("stamp", **changed))


def test_what_one_process_has_drawn_no_other_draws(folder: Path) -> None:
    painter = Painter()
    assert DrawnPictures(folder).get(art(), painter) == PICTURES
    assert DrawnPictures(folder).get(art(), painter) == PICTURES
    assert painter.times == 1
    assert folder.stat().st_mode & 0o777 == 0o700


def test_whatever_looks_different_is_drawn(folder: Path) -> None:
    painter, store = Painter(), DrawnPictures(folder)
    looks = [
        art(),
        art(stamps=Stamps(4, 10, 0)),
        art(stamps=Stamps(3, 10, 1)),
        art(colors=LIGHT),
        art(organization="Bäckerei"),
        replace(art(), design_id="another"),
    ]
    for look in looks:
        store.get(look, painter)
    assert painter.times == len(looks)


def test_other_code_draws_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    painter, store = Painter(), DrawnPictures(folder)
    store.get(art(), painter)
    monkeypatch.setattr(drawn_module, "_code", lambda: b"a later version")
    store.get(art(), painter)
    assert painter.times == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"noise",
        lambda data: data[:-1],
        lambda data: data.replace(b"icon", b"ikon"),
        lambda data: b'{"sha256":1}\n',
        lambda data: b"[]\n" + data,
    ],
)
def test_a_damaged_file_is_drawn_anew_and_mended(folder: Path, spoil: Callable[[bytes], bytes]) -> None:
    painter, store = Painter(), DrawnPictures(folder)
    store.get(art(), painter)
    (path,) = folder.iterdir()
    path.write_bytes(spoil(path.read_bytes()))
    assert store.get(art(), painter) == PICTURES
    assert store.get(art(), painter) == PICTURES
    assert painter.times == 2


def test_where_nothing_can_be_written_passes_go_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    painter = Painter()
    assert DrawnPictures(tmp_path / "file" / "drawn").get(art(), painter) == PICTURES
    assert painter.times == 1


def test_the_folder_stays_within_bounds_and_keeps_what_was_used_last(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DrawnPictures(folder)
    store.get(art(), Painter())
    (first,) = folder.iterdir()
    os.utime(first, (1, 1))
    monkeypatch.setattr(drawn_module, "MOST_BYTES", 3 * first.stat().st_size + 10)
    for number in range(8):
        store.get(replace(art(), design_id=str(number)), Painter())
        for place, path in enumerate(sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)):
            os.utime(path, (place + 2, place + 2))
        used = Painter()
        store.get(art(), used)
        assert used.times == 0
    assert len(list(folder.iterdir())) == 3
    last = Painter()
    store.get(replace(art(), design_id="7"), last)
    assert last.times == 0
