"""A design as files: `design.json` and its pictures, in a folder, a zip or one JSON document.

The same design gives the same bytes each time, so that a folder can be kept under version control and two
exports can be compared. What comes in is hostile: of a zip only files are read that a design can have, under
names we know, once their number and sizes are known to be small; nothing is ever written under a name of its.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field

from passes.errors import FieldError
from passes.fields import Line, Strict, checked
from passes.programs.design import IMAGE_NAMES, Barcode, Design, DesignColors, ImageName, Look
from passes.programs.pictures import KEPT_BYTES, MAX_UPLOAD_BYTES, Picture, clean_picture

FORMAT = "stempel-design/1"
DOCUMENT = "design.json"
MAX_DOCUMENT_BYTES = 3 * 1024 * 1024
"""More than every text at its longest in letters of four bytes."""
MAX_DIRECTORY_BYTES = 16 * 1024
MAX_PICTURES_BYTES = len(IMAGE_NAMES) * KEPT_BYTES
MAX_ARCHIVE_BYTES = MAX_PICTURES_BYTES + MAX_DOCUMENT_BYTES + MAX_DIRECTORY_BYTES
"""What we write ourselves has to be taken again, however grainy its pictures."""
MAX_JSON_BYTES = MAX_ARCHIVE_BYTES * 4 // 3 + 2 * MAX_DOCUMENT_BYTES
"""The same as one JSON document: pictures in base64, and texts whose letters may be written as `\\u00fc`."""
MAX_ENTRIES = 40
_ENDINGS = (".png", ".jpg", ".jpeg")
_FURNITURE = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    IndexError,
    ValueError,
    OSError,
)
"""What the library raises about a damaged zip, where it stumbles over one instead of noticing included."""
_EPOCH = (1980, 1, 1, 0, 0, 0)

TextMap = Annotated[
    dict[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")], Annotated[Line, Field(max_length=2000)]],
    Field(max_length=40),
]
Files = Mapping[str, bytes]
"""The files of a design by their names, without folders."""


class Texts(Strict):
    """Texts per language: title, description, terms, how_it_works, website, and others of your own."""

    de: TextMap = Field(default_factory=dict)
    en: TextMap = Field(default_factory=dict)


class DesignDocument(Look):
    """A whole design without its pictures; what it leaves out is as it is by itself."""

    format: Literal["stempel-design/1"] = "stempel-design/1"
    kind: Literal["stamp", "coupon", "gift", "points"] | None = None
    colors: DesignColors
    barcode: Barcode = "plain"
    texts: Texts = Texts()

    def design(self, images: Mapping[ImageName, str]) -> Design:
        """The design with the pictures named by their SHA-256."""
        parts = self.model_dump(exclude={"format", "kind", "texts"})
        return Design.model_validate({**parts, "images": dict(images)})


@dataclass(frozen=True, slots=True)
class Bundle:
    """A design that came in: its document, its pictures cleaned, and the SHA-256 of each as it came."""

    document: DesignDocument
    pictures: dict[ImageName, Picture]
    came_as: dict[ImageName, str]


def document_of(kind: str, design: Design, texts: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """What `design.json` says: only what is not as it is by itself."""
    return {
        "format": FORMAT,
        "kind": kind,
        "colors": design.colors.model_dump(),
        "barcode": design.barcode,
        "texts": {language: dict(texts.get(language, {})) for language in ("de", "en")},
        **design.unusual(),
    }


def files_of(document: Mapping[str, Any], pictures: Mapping[ImageName, bytes]) -> dict[str, bytes]:
    """The design as files."""
    written = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    return {DOCUMENT: written, **{f"{name}.png": pictures[name] for name in sorted(pictures)}}


def zip_of(files: Files) -> bytes:
    """The files as a zip, the same bytes for the same files."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED if name == DOCUMENT else zipfile.ZIP_STORED
            archive.writestr(entry, files[name])
    return out.getvalue()


def bundle_of(files: Files) -> Bundle:
    """The design in the files; raises `FieldError` naming the file or the part of it that is wrong."""
    if DOCUMENT not in files:
        raise FieldError("archive", f"has no {DOCUMENT}")
    try:
        raw = orjson.loads(files[DOCUMENT])
    except orjson.JSONDecodeError as error:
        raise FieldError(DOCUMENT, f"is no JSON: {error}") from None
    return bundle_from(
        checked(DesignDocument, raw), {name: data for file, data in files.items() if (name := _picture(file))}
    )


def bundle_from(document: DesignDocument, uploads: Mapping[ImageName, bytes]) -> Bundle:
    """The document with its pictures cleaned; raises `FieldError` naming a picture that is none."""
    pictures = {name: clean_picture(f"design.images.{name}", data) for name, data in uploads.items()}
    return Bundle(document, pictures, {name: sha256(data).hexdigest() for name, data in uploads.items()})


def files_in_folder(folder: Path) -> dict[str, bytes]:
    """The files of a design in `folder`; raises `FieldError` for one that has no place there."""
    found = [path for path in sorted(folder.iterdir()) if path.name not in _FURNITURE]
    if len(found) > MAX_ENTRIES:
        raise FieldError(
            "folder", f"holds more than {MAX_ENTRIES} files; a design has {DOCUMENT} and pictures"
        )
    files: dict[str, bytes] = {}
    for path in found:
        limit = _limit("folder", path.name)
        if not path.is_file():
            raise FieldError("folder", f"{path.name} is no file")
        with path.open("rb") as file:
            files[path.name] = _bounded("folder", path.name, file.read(limit + 1), limit)
    _no_picture_twice("folder", files)
    return files


def files_in_zip(data: bytes) -> dict[str, bytes]:
    """The files of a design in a zip; raises `FieldError` naming `archive`."""
    if len(data) > MAX_ARCHIVE_BYTES:
        raise FieldError("archive", f"must be at most {MAX_ARCHIVE_BYTES // 1024 // 1024} MB")
    _check_directory(data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _read_all(archive)
    except _DAMAGED as error:
        raise FieldError("archive", f"is a damaged zip: {error}") from None


def _check_directory(data: bytes) -> None:
    """Look at the end record before the list it speaks of is read, since that list alone may be huge."""
    end = data.rfind(b"PK\5\6", max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        raise FieldError("archive", "must be a zip")
    entries, directory_bytes = struct.unpack_from("<HI", data, end + 10)
    if (
        entries > MAX_ENTRIES
        or directory_bytes > MAX_DIRECTORY_BYTES
        or data[end - 20 : end - 16] == b"PK\6\7"
    ):
        raise FieldError("archive", f"holds too many files; a design has {DOCUMENT} and pictures")


def _read_all(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [
        entry for entry in archive.infolist() if not entry.is_dir() and not _is_furniture(entry.filename)
    ]
    prefix = _common_folder([entry.filename for entry in entries])
    limits = {entry: _limit("archive", entry.filename[len(prefix) :]) for entry in entries}
    for entry, limit in limits.items():
        if entry.file_size > limit:
            raise FieldError("archive", f"{entry.filename[:80]} is larger than {limit} bytes")
        if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FieldError(
                "archive", f"{entry.filename[:80]} is packed in a way we do not read; zip it plainly"
            )
    files: dict[str, bytes] = {}
    for entry, limit in limits.items():
        name = entry.filename[len(prefix) :]
        if name in files:
            raise FieldError("archive", f"holds {name} twice")
        with archive.open(entry) as file:
            files[name] = _bounded("archive", name, file.read(limit + 1), limit)
    _no_picture_twice("archive", files)
    return files


def _common_folder(names: Iterable[str]) -> str:
    """`mokka/` where whoever packed the files took their folder along."""
    tops = {name.partition("/")[0] + "/" if "/" in name else "" for name in names}
    return tops.pop() if len(tops) == 1 else ""


def _is_furniture(name: str) -> bool:
    """What computers leave in folders by themselves."""
    parts = name.split("/")
    return parts[0] in _FURNITURE or parts[-1] in _FURNITURE


def _picture(name: str) -> ImageName | None:
    stem, ending = Path(name).stem, Path(name).suffix
    return next((known for known in IMAGE_NAMES if known == stem), None) if ending in _ENDINGS else None


def _limit(field: str, name: str) -> int:
    """How large the file may be, in bytes; refuses one that no design has."""
    if name == DOCUMENT:
        return MAX_DOCUMENT_BYTES
    if _picture(name) is None or "/" in name:
        pictures = ", ".join(f"{known}.png" for known in IMAGE_NAMES)
        raise FieldError(field, f"{name[:80]!r} has no place in a design; there are {DOCUMENT}, {pictures}")
    return MAX_UPLOAD_BYTES


def _bounded(field: str, name: str, content: bytes, limit: int) -> bytes:
    if len(content) > limit:
        raise FieldError(field, f"{name} is larger than {limit} bytes")
    return content


def _no_picture_twice(field: str, files: Files) -> None:
    pictures = [picture for name in files if (picture := _picture(name))]
    twice = next((name for name in pictures if pictures.count(name) > 1), None)
    if twice is not None:
        raise FieldError(field, f"holds the picture {twice} twice")
