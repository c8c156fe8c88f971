"""Reading a JPEG's segments without decoding any: ITU-T T.81, annex B."""

import re
import struct
from dataclasses import dataclass, field

from passes.programs.source import MAX_PROFILE_BYTES, Source, Unfit, orientation_of, refuse_smuggled

START = b"\xff\xd8\xff"
MAX_SCANS = 32
"""Encoders write ten to twenty; every scan makes the decoder walk over the whole picture once more."""
_MAX_SEGMENTS = 2_000
_PLAIN = (0xC0, 0xC1, 0xC2)
"""Frames our decoder knows: baseline, extended and progressive, with Huffman codes."""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES = (0xC4, 0xDB, 0xDD)
_EXIF, _PROFILE, _ADOBE = b"Exif\0\0", b"ICC_PROFILE\0", b"Adobe"
_JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
_AFTER_A_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_DAMAGED = "is a damaged JPEG picture; export it again"
_CUT_OFF = "is a picture that was cut off; send it again"


@dataclass(slots=True)
class _Seen:
    """What the segments so far have told."""

    kept: list[bytes] = field(default_factory=list)
    frame: bytes = b""
    marker: int = 0
    exif: bytes = b""
    profile: dict[int, bytes] = field(default_factory=dict)
    scans: int = 0


def read_jpeg(data: bytes) -> Source:
    """The first picture in `data`; raises `Unfit` for anything but a whole JPEG of 8 bits.

    What phones append (a second picture, a film) is left behind.
    """
    seen = _Seen()
    at = 2
    for _ in range(_MAX_SEGMENTS):
        while data[at + 1 : at + 2] == b"\xff":
            at += 1
        if at + 4 > len(data) and data[at : at + 2] != b"\xff\xd9":
            raise Unfit(_CUT_OFF)
        if data[at] != 0xFF:
            raise Unfit(_DAMAGED)
        marker = data[at + 1]
        if marker == 0xD9:
            refuse_smuggled(data[at + 2 :])
            return _source(seen)
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise Unfit(_DAMAGED if length < 2 else _CUT_OFF)
        if marker == 0xDA:
            end = _end_of_scan(data, end)
            seen.scans += 1
        _note(seen, marker, data[at:end])
        at = end
    raise Unfit(_DAMAGED)


def _end_of_scan(data: bytes, start: int) -> int:
    found = _AFTER_A_SCAN.search(data, start)
    if found is None:
        raise Unfit(_CUT_OFF)
    return found.start()


def _note(seen: _Seen, marker: int, segment: bytes) -> None:
    """Keep `segment` (marker and length included) if a decoder needs it, and what we want to know of it."""
    content = segment[4:]
    if marker in _FRAMES:
        if seen.frame or marker not in _PLAIN:
            raise Unfit("is an unusual JPEG that few programs read; save it as an ordinary JPEG or PNG")
        seen.frame, seen.marker = content, marker
    elif marker == 0xE1 and content.startswith(_EXIF):
        seen.exif = seen.exif or content[len(_EXIF) :]
    elif marker == 0xE2 and content.startswith(_PROFILE):
        seen.profile[content[len(_PROFILE)]] = content[len(_PROFILE) + 2 :]
    elif marker == 0xE0 and content.startswith(b"JFIF\0"):
        segment, marker = _JFIF, 0xDB
    elif marker == 0xDA and not seen.frame:
        raise Unfit(_DAMAGED)
    is_adobe = marker == 0xEE and content.startswith(_ADOBE)
    if is_adobe or marker in _FRAMES or marker in _TABLES or marker == 0xDA:
        seen.kept.append(segment)


def _source(seen: _Seen) -> Source:
    if len(seen.frame) < 9 or not seen.scans:
        raise Unfit(_DAMAGED)
    if seen.scans > MAX_SCANS:
        raise Unfit(f"is built up in {seen.scans} passes; save it as an ordinary JPEG")
    bits, height, width, components = struct.unpack_from(">BHHB", seen.frame)
    if bits != 8 or components not in (1, 3, 4) or len(seen.frame) < 6 + 3 * components:
        raise Unfit("is a JPEG with unusual colours; save it as an ordinary JPEG or PNG, in RGB")
    if not width or not height:
        raise Unfit(_DAMAGED)
    profile = b"".join(seen.profile[number] for number in sorted(seen.profile))
    if len(profile) > MAX_PROFILE_BYTES:
        raise Unfit("carries a colour profile of more than 4 MB; convert it to sRGB")
    return Source(
        "JPEG",
        width,
        height,
        b"\xff\xd8" + b"".join(seen.kept) + b"\xff\xd9",
        profile or None,
        orientation_of(seen.exif),
        _coefficients(seen, width, height, components),
    )


def _coefficients(seen: _Seen, width: int, height: int, components: int) -> int:
    """Bytes a decoder keeps until the last scan has come; none where one scan holds everything."""
    if seen.marker != 0xC2 and seen.scans == 1:
        return 0
    factors = [divmod(seen.frame[7 + 3 * index], 16) for index in range(components)]
    if not all(across in (1, 2, 3, 4) and down in (1, 2, 3, 4) for across, down in factors):
        raise Unfit(_DAMAGED)
    widest, highest = max(across for across, _ in factors), max(down for _, down in factors)
    shares = sum(across * down for across, down in factors) / (widest * highest)
    return round(width * height * shares * 2)
