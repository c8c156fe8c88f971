"""Hostile PNGs, built chunk by chunk."""

import random
import struct
import zlib

from tests.programs.hostile import PAYLOAD, uploads

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RED = bytes((200, 30, 30))


def chunk(kind: bytes, data: bytes, *, wrong_sum: bool = False, length: int | None = None) -> bytes:
    """One chunk; its length and its sum may lie."""
    said = len(data) if length is None else length
    return struct.pack(">L", said) + kind + data + struct.pack(">L", zlib.crc32(kind + data) ^ wrong_sum)


def header(width: int, height: int, depth: int = 8, color: int = 2, *rest: int) -> bytes:
    """IHDR; `rest` is compression, filter and interlace."""
    return chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, depth, color, *(rest or (0, 0, 0))))


def rows(width: int = 40, height: int = 30, pixel: bytes = RED) -> bytes:
    """Rows of one colour, each behind its filter byte, packed."""
    packing = zlib.compressobj(1)
    row = b"\0" + pixel * width
    return b"".join(packing.compress(row) for _ in range(height)) + packing.flush()


END = chunk(b"IEND", b"")
PIXELS = chunk(b"IDAT", rows())


def png(*chunks: bytes, start: bytes | None = None) -> bytes:
    """A small red picture with `chunks` between header and pixels."""
    return SIGNATURE + (header(40, 30) if start is None else start) + b"".join(chunks) + PIXELS + END


def bomb(width: int, height: int, depth: int = 8, color: int = 2) -> bytes:
    """A few bytes that say they are huge."""
    return SIGNATURE + header(width, height, depth, color) + PIXELS + END


def interlaced(width: int, height: int, pixel: bytes = RED) -> bytes:
    """The same, sent in seven passes from coarse to fine."""
    packing, out = zlib.compressobj(1), b""
    passes = (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    )
    for left, top, across, down in passes:
        row = b"\0" + pixel * len(range(left, width, across))
        out += b"".join(packing.compress(row) for _ in range(top, height, down))
    start = header(width, height, 8, 2, 0, 0, 1)
    return SIGNATURE + start + chunk(b"IDAT", out + packing.flush()) + END


def chunks_of(data: bytes) -> list[str]:
    """The kinds of a PNG's chunks, in their order."""
    kinds, at = [], len(SIGNATURE)
    while at < len(data):
        (length,) = struct.unpack_from(">L", data, at)
        kinds.append(data[at + 4 : at + 8].decode())
        at += 12 + length
    return kinds


def full(width: int, height: int, color: int, pixel: bytes) -> bytes:
    """A picture that really has the size it says, of one colour."""
    start = header(width, height, 8, color)
    return SIGNATURE + start + chunk(b"IDAT", rows(width, height, pixel)) + END


def zeros(megabytes: int) -> bytes:
    """That many megabytes of nothing, packed a thousand times smaller: one packed block again and again."""
    packing = zlib.compressobj(9, wbits=-15)
    block = packing.compress(bytes(1024 * 1024)) + packing.flush(zlib.Z_FULL_FLUSH)
    sum_ = (megabytes * 1024 * 1024 % 65_521) << 16 | 1  # Adler-32 of nothing but zeros
    return b"\x78\xda" + block * megabytes + b"\3\0" + struct.pack(">L", sum_)


def crumbs(count: int) -> bytes:
    """The pixels in chunks without anything in them, and then some."""
    return SIGNATURE + header(40, 30) + PIXELS + chunk(b"IDAT", b"") * count + END


def frames() -> bytes:
    """An animation of a great many frames."""
    control = struct.pack(">LLLLLHHBB", 0, 40, 30, 0, 0, 1, 10, 0, 0)
    pictures = b"".join(
        chunk(b"fcTL", control) + chunk(b"fdAT", struct.pack(">L", n) + rows()) for n in range(1, 500)
    )
    return (
        SIGNATURE
        + header(40, 30)
        + chunk(b"acTL", struct.pack(">LL", 500, 0))
        + PIXELS
        + pictures
        + chunk(b"IEND", b"")
    )


def noise(width: int, height: int) -> bytes:
    """Random pixels that no packing makes smaller, the payload among them."""
    draw = random.Random(7)
    lines = [b"\0" + (PAYLOAD + draw.randbytes(width * 3))[: width * 3] for _ in range(height)]
    return SIGNATURE + header(width, height) + chunk(b"IDAT", zlib.compress(b"".join(lines), 0)) + END


def packed(kind: bytes, keyword: bytes, content: bytes) -> bytes:
    """A text or profile chunk of packed content."""
    return chunk(kind, keyword + b"\0\0" + content)


PNGS = uploads(
    says_60000_by_60000=lambda: bomb(60_000, 60_000),
    says_2_to_the_31=lambda: bomb(2**31 - 1, 2**31 - 1),
    says_2_to_the_32=lambda: bomb(2**32 - 1, 2**32 - 1),
    says_no_width=lambda: bomb(0, 30),
    says_no_height=lambda: bomb(40, 0),
    says_1_by_60000=lambda: bomb(1, 60_000),
    says_60000_by_1=lambda: bomb(60_000, 1),
    one_bit_bomb=lambda: bomb(50_000, 50_000, 1, 0),
    sixteen_bit_bomb=lambda: bomb(30_000, 30_000, 16, 6),
    really_36_megapixels=lambda: full(6_000, 6_000, 2, RED),
    really_1_by_60000=lambda: full(1, 60_000, 2, RED),
    the_largest_with_transparency=lambda: full(4_000, 4_000, 6, RED + b"\x80"),
    the_largest_interlaced=lambda: interlaced(4_000, 4_000),
    the_largest_with_a_palette=lambda: (
        SIGNATURE
        + header(4_000, 4_000, 8, 3)
        + chunk(b"PLTE", RED)
        + chunk(b"tRNS", b"\x80")
        + chunk(b"IDAT", rows(4_000, 4_000, b"\0"))
        + END
    ),
    the_longest=lambda: full(6_000, 300, 2, RED),
    more_pixels_than_said=lambda: SIGNATURE + header(40, 30) + chunk(b"IDAT", zeros(3_000)) + END,
    fewer_pixels_than_said=lambda: SIGNATURE + header(4_000, 4_000) + PIXELS + END,
    text_bomb=lambda: png(packed(b"zTXt", b"Comment", zeros(2_000))),
    international_text_bomb=lambda: png(
        chunk(b"iTXt", b"Comment\0\1\0\0\0" + zeros(2_000)), chunk(b"iTXt", b"XML\0\1\0\0\0" + zeros(500))
    ),
    profile_bomb=lambda: png(packed(b"iCCP", b"ICC", zeros(2_000))),
    many_text_bombs=lambda: png(*(packed(b"zTXt", b"n%d" % n, zeros(10)) for n in range(200))),
    profile_of_nothing=lambda: png(packed(b"iCCP", b"ICC", zlib.compress(bytes(4_000)))),
    profile_that_is_not_packed=lambda: png(packed(b"iCCP", b"ICC", PAYLOAD)),
    profile_in_name_only=lambda: png(packed(b"iCCP", b"ICC", zlib.compress(b"acsp" * 50 + PAYLOAD))),
    profile_twice=lambda: png(packed(b"iCCP", b"a", zlib.compress(b"a")), packed(b"iCCP", b"b", b"")),
    script_in_a_text=lambda: png(chunk(b"tEXt", b"Comment\0" + PAYLOAD)),
    script_in_a_packed_text=lambda: png(packed(b"zTXt", b"Comment", zlib.compress(PAYLOAD))),
    script_in_xmp=lambda: png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PAYLOAD)),
    script_in_exif=lambda: png(chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0" + PAYLOAD)),
    script_in_a_private_chunk=lambda: png(chunk(b"prIv", PAYLOAD)),
    script_in_the_palette=lambda: png(chunk(b"PLTE", (PAYLOAD + b"  ")[:39])),
    script_as_pixels=lambda: noise(500, 400),
    exif_that_points_into_itself=lambda: png(chunk(b"eXIf", b"MM\0*\0\0\0\4\xff\xff" + b"\0\4" * 2_000)),
    exif_that_points_far_away=lambda: png(chunk(b"eXIf", b"II*\0\xff\xff\xff\xff")),
    frames_of_an_animation=frames,
    a_chunk_that_says_2_gigabytes=lambda: SIGNATURE + chunk(b"IHDR", b"", length=2**31 - 1),
    a_chunk_that_says_4_gigabytes=lambda: png() + chunk(b"IDAT", b"", length=2**32 - 1),
    a_header_that_is_short=lambda: png(start=chunk(b"IHDR", b"\0\0\0\x28")),
    a_header_that_is_long=lambda: png(start=chunk(b"IHDR", bytes(100))),
    two_headers=lambda: png(header(6_000, 6_000)),
    no_header=lambda: png(start=b""),
    no_pixels=lambda: SIGNATURE + header(40, 30) + END,
    no_end=lambda: SIGNATURE + header(40, 30) + PIXELS,
    cut_off_in_a_chunk=lambda: png()[:70],
    a_signature_and_nothing_else=lambda: SIGNATURE,
    a_wrong_sum=lambda: png(chunk(b"tEXt", b"a\0b", wrong_sum=True)),
    a_kind_of_control_characters=lambda: png(chunk(b"\0\1\2\3", b"")),
    a_palette_of_half_a_colour=lambda: png(chunk(b"PLTE", b"abcd")),
    a_palette_of_300_colours=lambda: png(chunk(b"PLTE", bytes(900))),
    a_palette_picture_without_one=lambda: SIGNATURE + header(40, 30, 8, 3) + PIXELS + END,
    a_pixel_outside_the_palette=lambda: (
        SIGNATURE
        + header(40, 30, 8, 3)
        + chunk(b"PLTE", RED)
        + chunk(b"tRNS", bytes(300))
        + chunk(b"IDAT", rows(40, 30, b"\xff"))
        + END
    ),
    seven_bits=lambda: png(start=header(40, 30, 7, 2)),
    a_colour_nobody_knows=lambda: png(start=header(40, 30, 8, 9)),
    an_interlacing_nobody_knows=lambda: png(start=header(40, 30, 8, 2, 0, 0, 5)),
    a_filter_nobody_knows=lambda: (
        SIGNATURE + header(40, 30) + chunk(b"IDAT", zlib.compress((b"\x63" + RED * 40) * 30)) + END
    ),
    pixels_that_are_not_packed=lambda: SIGNATURE + header(40, 30) + chunk(b"IDAT", PAYLOAD * 100) + END,
    a_dictionary_it_lacks=lambda: (
        SIGNATURE + header(40, 30) + chunk(b"IDAT", b"\x78\xbb\1\2\3\4" + rows()[2:]) + END
    ),
    a_thousand_crumbs=lambda: crumbs(1_000),
    a_third_of_a_million_crumbs=lambda: crumbs(330_000),
    a_zip_behind_it=lambda: png() + b"PK\3\4" + PAYLOAD,
    a_page_behind_it=lambda: png() + PAYLOAD,
    a_picture_behind_it=lambda: png() + png(),
)
