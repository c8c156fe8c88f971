"""Hostile JPEGs, built segment by segment around what an encoder writes."""

import io
import struct
from typing import Any

from PIL import Image

from tests.programs.hostile import PAYLOAD, uploads


def encoded(width: int = 40, height: int = 30, mode: str = "RGB", **options: Any) -> bytes:
    """A picture of one colour, as Pillow writes it."""
    out = io.BytesIO()
    Image.new(mode, (width, height), (200, 30, 30, 40)[: len(mode)]).save(out, "JPEG", **options)
    return out.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    """One segment."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def with_segments(*segments: bytes) -> bytes:
    """A small picture with `segments` right after its start."""
    data = encoded()
    return data[:2] + b"".join(segments) + data[2:]


def frame_at(data: bytes) -> int:
    """Where the frame's header begins."""
    return next(at for at in range(len(data)) if data[at : at + 2] in (b"\xff\xc0", b"\xff\xc2"))


def scan_at(data: bytes) -> int:
    """Where the first scan's header begins."""
    return data.index(b"\xff\xda")


def saying(width: int, height: int, bits: int = 8, marker: int | None = None) -> bytes:
    """A small picture whose frame says otherwise."""
    data = bytearray(encoded())
    at = frame_at(bytes(data))
    struct.pack_into(">BHH", data, at + 4, bits, height, width)
    if marker is not None:
        data[at + 1] = marker
    return bytes(data)


def scans(count: int, width: int, height: int) -> bytes:
    """A large progressive picture whose last scan comes again and again."""
    data = encoded(width, height, progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + b"\xff\xd9"


def profile(*numbers: int, content: bytes = PAYLOAD) -> bytes:
    """The pieces of a colour profile, numbered as given."""
    return b"".join(
        segment(0xE2, b"ICC_PROFILE\0" + bytes((number, len(numbers))) + content) for number in numbers
    )


def exif(entries: bytes, count: int) -> bytes:
    """Exif whose first directory has `entries`, and says it has `count` of them."""
    return segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", count) + entries)


def place() -> bytes:
    """Where somebody lives, in Exif and in XMP, and the payload in every place for words."""
    tags = Image.Exif()
    tags[0x010E] = PAYLOAD.decode()
    tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 17.0)})
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PAYLOAD)
    data = encoded(exif=tags, comment=PAYLOAD)
    return data[:2] + xmp + segment(0xED, b"Photoshop 3.0\0" + PAYLOAD) + data[2:]


JPEGS = uploads(
    jpeg_says_65500_by_65500=lambda: saying(65_500, 65_500),
    jpeg_says_1_by_60000=lambda: saying(1, 60_000),
    jpeg_says_no_height=lambda: saying(40, 0),
    jpeg_says_no_width=lambda: saying(0, 30),
    jpeg_says_16_megapixels=lambda: saying(4_000, 4_000),
    jpeg_of_16_megapixels=lambda: encoded(4_000, 4_000),
    jpeg_of_16_megapixels_in_scans=lambda: encoded(4_000, 4_000, progressive=True, subsampling=0),
    jpeg_of_cmyk_in_16_megapixels=lambda: encoded(4_000, 4_000, "CMYK"),
    jpeg_of_12_bits=lambda: saying(40, 30, 12),
    jpeg_without_loss=lambda: saying(40, 30, marker=0xC3),
    jpeg_with_arithmetic_codes=lambda: saying(40, 30, marker=0xC9),
    jpeg_of_a_hundred_scans=lambda: scans(100, 3_000, 2_000),
    jpeg_of_thirty_scans=lambda: scans(20, 3_000, 2_000),
    jpeg_with_two_frames=lambda: with_segments(encoded()[frame_at(encoded()) :][:19]),
    jpeg_without_a_frame=lambda: encoded()[: frame_at(encoded())] + encoded()[scan_at(encoded()) :],
    jpeg_without_a_scan=lambda: encoded()[: scan_at(encoded())] + b"\xff\xd9",
    jpeg_without_tables=lambda: encoded()[:2] + encoded()[frame_at(encoded()) :],
    jpeg_cut_off=lambda: encoded(400, 300)[:-200],
    jpeg_of_its_first_bytes=lambda: encoded()[:4],
    jpeg_with_a_segment_beyond_its_end=lambda: encoded()[:-2] + b"\xff\xe1\xff\xff",
    jpeg_with_a_segment_of_no_length=lambda: with_segments(b"\xff\xe1\0\0"),
    jpeg_of_padding=lambda: b"\xff\xd8" + b"\xff" * 3_000_000,
    jpeg_of_stuffed_zeros=lambda: encoded()[:-2] + b"\xff\0" * 1_500_000 + b"\xff\xd9",
    jpeg_of_restarts=lambda: encoded()[:-2] + b"\xff\xd0" * 1_500_000 + b"\xff\xd9",
    jpeg_of_five_thousand_segments=lambda: with_segments(*[segment(0xFE, b"")] * 5_000),
    jpeg_with_samples_by_15=lambda: encoded(progressive=True).replace(b"\1\x22\0", b"\1\xff\0", 1),
    jpeg_with_a_comment=lambda: with_segments(segment(0xFE, PAYLOAD)),
    jpeg_that_tells_a_place=place,
    jpeg_whose_exif_goes_on=lambda: with_segments(exif(b"", 65_535)),
    jpeg_whose_exif_is_odd=lambda: with_segments(exif(struct.pack("<HHLL", 0x0112, 3, 1, 99) + PAYLOAD, 1)),
    jpeg_with_a_profile_of_words=lambda: with_segments(profile(1)),
    jpeg_with_a_profile_in_disorder=lambda: with_segments(profile(3, 3, 200, 0)),
    jpeg_with_too_large_a_profile=lambda: with_segments(profile(*range(1, 72), content=bytes(60_000))),
    jpeg_that_is_a_zip=lambda: encoded() + b"PK\3\4" + PAYLOAD + b"PK\5\6" + bytes(18),
    jpeg_that_is_a_pdf=lambda: with_segments(segment(0xFE, b"%PDF-1.7\n" + PAYLOAD)),
    jpeg_that_is_a_page=lambda: encoded() + b"<html>" + PAYLOAD,
    jpeg_with_a_program_behind_it=lambda: encoded() + b"\x7fELF" + PAYLOAD,
)
