"""Reading a PNG's chunks without decoding any: W3C PNG, third edition, section 5 and 11."""

import struct
import zlib
from collections.abc import Iterator

from passes.programs.source import MAX_PROFILE_BYTES, Source, Unfit, orientation_of

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MAX_CHUNKS = 20_000
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bits per sample that each colour type may have."""
_DAMAGED = "is a damaged PNG picture; export it again"
_CUT_OFF = "is a picture that was cut off; send it again"
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")


def read_png(data: bytes) -> Source:
    """The picture in `data`; raises `Unfit` for anything but one still and whole PNG."""
    kept: dict[bytes, bytes] = {}
    pixels: list[bytes] = []
    for kind, content in _chunks(data):
        if kind in _ANIMATION:
            raise Unfit("is an animated picture; save one frame of it as PNG")
        if not kept and kind != b"IHDR":
            raise Unfit(_DAMAGED)
        if kind == b"IDAT":
            pixels.append(content)
        elif kind in (b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf"):
            if kind in kept:
                raise Unfit(_DAMAGED)
            kept[kind] = content
    if b"IHDR" not in kept or not pixels:
        raise Unfit(_DAMAGED)
    width, height, is_palette = _header(kept[b"IHDR"])
    palette = kept.get(b"PLTE", b"")
    if len(palette) % 3 or len(palette) > 768 or (is_palette and not palette):
        raise Unfit(_DAMAGED)
    needed = [(kind, kept[kind]) for kind in (b"IHDR", b"PLTE", b"tRNS") if kind in kept]
    content = SIGNATURE + b"".join(
        _chunk(kind, content) for kind, content in (*needed, (b"IDAT", b"".join(pixels)), (b"IEND", b""))
    )
    profile = _profile(kept[b"iCCP"]) if b"iCCP" in kept else None
    return Source("PNG", width, height, content, profile, orientation_of(kept.get(b"eXIf", b"")))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of all chunks, checked by their sums, up to the last, which must be the last."""
    at = len(SIGNATURE)
    view = memoryview(data)
    for _ in range(_MAX_CHUNKS):
        if at + 12 > len(data):
            raise Unfit(_CUT_OFF)
        (length,) = struct.unpack_from(">L", data, at)
        end = at + 12 + length
        if end > len(data):
            raise Unfit(_CUT_OFF)
        kind = data[at + 4 : at + 8]
        (sum_,) = struct.unpack_from(">L", data, end - 4)
        if not kind.isalpha() or zlib.crc32(view[at + 4 : end - 4]) != sum_:
            raise Unfit(_DAMAGED)
        yield kind, data[at + 8 : end - 4]
        at = end
        if kind == b"IEND":
            if at != len(data):
                raise Unfit("has something hidden behind the picture; save the picture alone, as PNG")
            return
    raise Unfit(_DAMAGED)


def _header(content: bytes) -> tuple[int, int, bool]:
    """Width, height and whether the picture has a palette."""
    if len(content) != 13:
        raise Unfit(_DAMAGED)
    width, height, depth, color, compression, filters, interlace = struct.unpack(">LLBBBBB", content)
    if depth not in _DEPTHS.get(color, ()) or compression or filters or interlace > 1:
        raise Unfit(_DAMAGED)
    if not width or not height:
        raise Unfit(_DAMAGED)
    return width, height, color == 3


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def _profile(content: bytes) -> bytes | None:
    """The ICC profile of an iCCP chunk; None for one that cannot be unpacked."""
    packed = content.partition(b"\0")[2][1:]
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(packed, MAX_PROFILE_BYTES)
    except zlib.error:
        return None
    if unpacking.unconsumed_tail:
        raise Unfit("carries a colour profile of more than 4 MB; convert it to sRGB")
    return profile
