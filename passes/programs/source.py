"""What a picture file says of itself before anything is decoded, and nothing else that came with it."""

import re
import struct
from dataclasses import dataclass
from typing import Literal

MAX_PROFILE_BYTES = 4 * 1024 * 1024
_ORIENTATION = 0x0112
"""Exif 2.32, 4.6.4: the tag that says how the camera was held."""

_OTHER_KINDS: tuple[tuple[str, str], ...] = (
    (r"GIF8", "a GIF"),
    (r"RIFF.{4}WEBP", "a WebP picture"),
    (r".{4}ftyp(heic|heix|hevc|heim|heis|mif1|msf1)", "a HEIC photo"),
    (r".{4}ftypavi[fs]", "an AVIF picture"),
    (r"BM.{4}\0\0\0\0", "a BMP picture"),
    (r"II\*\0|MM\0\*", "a TIFF picture"),
    (r"8BPS", "a Photoshop file"),
    (r"\0\0[\1\2]\0", "an icon file"),
    (r"\xff\x4f\xff\x51|.{4}jP  ", "a JPEG 2000 picture"),
    (r"%!PS", "a PostScript file"),
    (r"PK[\3\5]", "a zip archive"),
    (r"\s*(\xef\xbb\xbf)?\s*<(\?xml|!--|!doctype|svg|html)", "a drawing or a page (SVG, XML, HTML)"),
)
_KINDS = [(re.compile(pattern.encode("latin-1"), re.DOTALL | re.I), kind) for pattern, kind in _OTHER_KINDS]
_SMUGGLED = re.compile(
    rb"PK\x03\x04|PK\x05\x06|%PDF-|Rar!\x1a|7z\xbc\xaf|\x7fELF|\x1f\x8b\x08|<(svg|html|script|\?php|!doctype)",
    re.I,
)


class Unfit(ValueError):
    """The file is no picture we take; its text says why, as the end of a sentence about it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A picture stripped to what its decoder needs: no metadata, no text, nothing after its end.

    `profile` is its ICC profile, `orientation` Exif's 1 to 8. `buffered_bytes` is what a decoder must hold
    besides the pixels.
    """

    form: Literal["PNG", "JPEG"]
    width: int
    height: int
    content: bytes
    profile: bytes | None
    orientation: int
    buffered_bytes: int = 0


def refuse_other_kinds(data: bytes) -> None:
    """Raise `Unfit` naming the kind of file `data` is, where that is another than PNG or JPEG."""
    if b"%PDF-" in data[:1024]:
        raise Unfit("is a PDF, or a picture that is one as well; save it as PNG or JPEG")
    for pattern, kind in _KINDS:
        if pattern.match(data):
            raise Unfit(f"is {kind}; save it as PNG or JPEG")


def refuse_smuggled(tail: bytes) -> None:
    """Raise `Unfit` where another file follows a picture's end; phones leave notes of their own there."""
    if _SMUGGLED.search(tail):
        raise Unfit("has another file hidden behind the picture; save the picture alone, as PNG or JPEG")


def orientation_of(exif: bytes) -> int:
    """How the camera was held, from a TIFF structure (Exif); 1, upright, where that cannot be told."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}L", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, first)
        for entry in range(min(entries, 200)):
            tag, kind, count, value = struct.unpack_from(f"{order}HHLH", exif, first + 2 + 12 * entry)
            if tag == _ORIENTATION:
                return value if (kind, count) == (3, 1) and 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1
