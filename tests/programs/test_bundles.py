"""A design as files comes back as it went, and a zip made to harm does none."""

import io
import random
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from passes.db.engine import Database
from passes.errors import FieldError
from passes.merchants import service as merchants
from passes.merchants.rules import MerchantDraft
from passes.programs import designs, queries, service
from passes.programs.bundles import (
    DOCUMENT,
    FORMAT,
    MAX_ARCHIVE_BYTES,
    MAX_DOCUMENT_BYTES,
    bundle_of,
    files_in_folder,
    files_in_zip,
    files_of,
    zip_of,
)
from passes.programs.design import IMAGE_NAMES
from passes.programs.pictures import KEPT_BYTES, clean_picture
from passes.programs.queries import ProgramView
from passes.programs.service import ProgramDraft
from tests.programs.test_design import COLORS, FULL

SMALLEST = b'{"colors": {"background": "#000000", "foreground": "#ffffff", "label": "#ffffff"}}'


def png(color: str = "red", size: tuple[int, int] = (60, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


def a_program(database: Database, slug: str = "mokka") -> ProgramView:
    """A program with everything in its design."""
    pictures = {
        "logo": clean_picture("logo", png()),
        "stamp_full": clean_picture("stamp", png("blue", (9, 9))),
    }
    draft = ProgramDraft(
        "stamp",
        "Kaffee",
        {"stamps_required": 10, "reward": "A free coffee"},
        colors=COLORS,
        images=pictures,  # type: ignore[arg-type]  # names of pictures
        texts={"de": {"title": "Kärtchen", "how_it_works": "Hallo {first_name}"}, "en": {"title": "Card"}},
        barcode="signed",
        look=FULL,
    )
    with database.write() as uow:
        merchant = merchants.create_merchant(uow, MerchantDraft(slug=slug, name="Mokka"), "test")
        return service.create_program(uow, merchant.id, slug, draft, "test")


def exported(database: Database, program: ProgramView) -> dict[str, bytes]:
    with database.read() as uow:
        return designs.export(uow, queries.anybodys(uow, program.id))


def put(database: Database, program: ProgramView, files: dict[str, bytes]) -> ProgramView:
    with database.write() as uow:
        known = queries.anybodys(uow, program.id)
        return designs.replace(uow, known, bundle_of(files), "test")


def test_a_design_comes_back_exactly_through_a_zip_and_through_a_folder(
    database: Database, tmp_path: Path
) -> None:
    program = a_program(database)
    files = exported(database, program)
    assert set(files) == {DOCUMENT, "logo.png", "stamp_full.png"}
    folder = tmp_path / "design"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    for came in (files_in_zip(zip_of(files)), files_in_folder(folder)):
        again = put(database, program, came)
        assert (again.design, again.texts) == (program.design, program.texts)
    assert exported(database, program) == files


def test_a_design_moves_to_another_merchant_whole(database: Database) -> None:
    program, other = a_program(database), a_program(database, "other")
    with database.write() as uow:
        bare = service.change_program(
            uow, other, "test", images={"logo": None, "stamp_full": None}, look={"fields": None}
        )
    moved = put(database, bare, exported(database, program))
    assert moved.design == program.design
    assert exported(database, moved) == exported(database, program)


def test_exports_are_the_same_bytes_each_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    program = a_program(database)
    first = zip_of(exported(database, program))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert zip_of(dict(reversed(exported(database, program).items()))) == first


def test_a_picture_stored_by_an_earlier_encoder_stays_the_same(database: Database) -> None:
    program = a_program(database)
    files = exported(database, program)
    with database.write() as uow:
        other = clean_picture("logo", png())
        stored = service.store_images(uow, program.merchant_id, {"logo": other})
        kept = service.store_images(
            uow, program.merchant_id, {"logo": other}, {"logo": program.images["stamp_full"]}
        )
    assert kept["logo"] == program.images["stamp_full"] != stored["logo"]
    assert put(database, program, files).images == program.images


def grainy() -> bytes:
    """About as heavy as a picture that we keep can be."""
    out = io.BytesIO()
    side = 1_070
    Image.frombytes("RGB", (side, side), random.Random(7).randbytes(side * side * 3)).save(out, "PNG")
    return clean_picture("strip", out.getvalue()).content


def test_a_design_with_the_heaviest_pictures_we_keep_is_taken_again() -> None:
    picture = grainy()
    assert 0.9 * KEPT_BYTES < len(picture) <= KEPT_BYTES
    files = {DOCUMENT: SMALLEST, **{f"{name}.png": picture for name in IMAGE_NAMES}}
    came = bundle_of(files_in_zip(zip_of(files)))
    assert {name: kept.content for name, kept in came.pictures.items()} == dict.fromkeys(IMAGE_NAMES, picture)


def test_a_design_that_says_all_it_may_is_taken_again() -> None:
    long = "\U0001f389" * 2_000
    words = {"de": long, "en": long}
    url = "https://karten.example/" + "ü" * 470
    document: dict[str, Any] = {
        "format": FORMAT,
        "colors": COLORS,
        "texts": {spoken: {f"t{'x' * 30}{chr(97 + n)}": long for n in range(26)} for spoken in ("de", "en")},
        "fields": [
            {"key": f"k{n}", "role": "back", "label": words, "value": words, "change_message": words}
            for n in range(30)
        ],
        "links": [{"key": f"l{n}", "label": words, "url": url} for n in range(10)],
        "beacons": [
            {"uuid": "E2C56DB5-DFFB-48D2-B060-D0F5A71096E0", "major": 65_535, "minor": 65_535, "text": words}
        ]
        * 10,
        "nearby": words,
    }
    for spoken in ("de", "en"):
        document["texts"][spoken] |= {f"u{chr(97 + n)}": long for n in range(14)}
    [name, content] = next(iter(files_of(document, {}).items()))
    came = bundle_of(files_in_zip(zip_of({name: content})))
    assert len(came.document.fields or ()) == 30
    with pytest.raises(ValidationError):
        type(came.document).model_validate({**document, "nearby": {"de": long + "!"}})


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_folder_that_was_packed_as_one_is_read_and_what_computers_leave_in_it_is_not() -> None:
    names = {"mokka/design.json": SMALLEST, "mokka/logo.png": png(), "__MACOSX/mokka/._logo.png": b"x"}
    names |= {"mokka/.DS_Store": b"x"}
    assert set(files_in_zip(packed(**names))) == {DOCUMENT, "logo.png"}


def encrypted() -> bytes:
    data = bytearray(packed(**{DOCUMENT: SMALLEST}))
    directory = data.index(b"PK\1\2")
    data[directory + 8] |= 1
    data[6] |= 1
    return bytes(data)


def liar() -> bytes:
    """A bomb whose headers say that it is small."""
    data = bytearray(packed(**{DOCUMENT: b" " * 50_000_000}))
    directory = data.index(b"PK\1\2")
    for place in (22, directory + 24):
        data[place : place + 4] = struct.pack("<I", 100)
    return bytes(data)


def crowd() -> bytes:
    return packed(**{f"{n}.png": b"" for n in range(5_000)})


def hidden_crowd() -> bytes:
    """One whose end record says that there is one file."""
    data = bytearray(crowd())
    end = data.rindex(b"PK\5\6")
    data[end + 8 : end + 12] = struct.pack("<HH", 1, 1)
    return bytes(data)


def twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(DOCUMENT, SMALLEST)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(DOCUMENT, b"{}")
    return out.getvalue()


@pytest.mark.parametrize(
    "data, says",
    [
        (lambda: b"", "must be a zip"),
        (lambda: b"PK\5\6", "must be a zip"),
        (lambda: bytes(MAX_ARCHIVE_BYTES + 1), "at most [0-9]+ MB"),
        (lambda: packed(**{"../../etc/passwd": b"x", DOCUMENT: b"{}"}), "no place in a design"),
        (lambda: packed(**{"/etc/design.json": b"x", DOCUMENT: b"{}"}), "no place in a design"),
        (lambda: packed(**{"a/b/design.json": b"x"}), "no place in a design"),
        (lambda: packed(**{"logo.svg": b"<svg/>"}), "no place in a design"),
        (lambda: packed(**{"logo.png": png(), "logo.jpg": png()}), "the picture logo twice"),
        (lambda: packed(**{DOCUMENT: b" " * (MAX_DOCUMENT_BYTES + 1)}), "larger than"),
        (lambda: packed(**{"logo.png": b"\0" * 100_000_000}), "larger than"),
        (liar, "larger than|damaged"),
        (encrypted, "packed in a way"),
        (crowd, "too many files"),
        (hidden_crowd, "too many files"),
        (twice, "design.json twice"),
        (lambda: packed(**{DOCUMENT: SMALLEST})[:-40], "must be a zip"),
        (lambda: packed(**{DOCUMENT: SMALLEST}).replace(b"PK\3\4", b"PK\3\5"), "damaged"),
    ],
)  # fmt: skip
def test_a_zip_that_is_none_of_ours_is_refused_in_little_memory(data: Any, says: str) -> None:
    sent = data()
    tracemalloc.start()
    try:
        with pytest.raises(FieldError, match=says) as refused:
            files_in_zip(sent)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
    assert refused.value.errors[0]["field"] == "archive"


def test_a_zip_damaged_anywhere_in_its_directory_is_refused_and_nothing_worse() -> None:
    whole = packed(**{DOCUMENT: SMALLEST, "logo.png": png()})
    refused = 0
    for place in range(whole.index(b"PK\1\2"), len(whole)):
        for value in (0, 1, 0x7F, 0xFF):
            data = bytearray(whole)
            data[place] = value
            try:
                files_in_zip(bytes(data))
            except FieldError:
                refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    "document, field",
    [
        (b"{", DOCUMENT),
        (b"[]", "body"),
        (b"{}", "colors"),
        (SMALLEST[:-1] + b', "format": "stempel-design/2"}', "format"),
        (SMALLEST[:-1] + b', "sound": 1}', "sound"),
        (SMALLEST[:-1] + b', "fields": [{"key": "tier"}]}', "design.fields.0.key"),
        (SMALLEST[:-1] + b', "kind": "gift"}', "kind"),
        (SMALLEST[:-1] + b', "texts": {"de": {"title": "{first_name}"}}}', "texts.de.title"),
        (SMALLEST[:-1] + b', "texts": {"en": {"how_it_works": "{nobody}"}}}', "texts.en.how_it_works"),
    ],
)
def test_what_is_wrong_in_a_design_is_named(database: Database, document: bytes, field: str) -> None:
    program = a_program(database)
    with pytest.raises(FieldError) as refused:
        put(database, program, {DOCUMENT: document})
    assert refused.value.errors[0]["field"] == field


def test_what_has_no_place_in_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / DOCUMENT).write_bytes(SMALLEST)
    (tmp_path / "logo.png").mkdir()
    with pytest.raises(FieldError, match=r"logo.png is no file"):
        files_in_folder(tmp_path)
    (tmp_path / "logo.png").rmdir()
    (tmp_path / "notes.txt").write_bytes(b"x")
    with pytest.raises(FieldError, match=r"'notes.txt' has no place"):
        files_in_folder(tmp_path)
