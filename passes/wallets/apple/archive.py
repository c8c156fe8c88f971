"""Zip archives from members that are compressed, summed and hashed once and used in many passes.

The standard library sums and frames every member of every archive anew, which for a pass takes longer
than its signature. Layout: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5HL")
_OFFSET = struct.Struct("<L")
_END = struct.Struct("<4s4H2LH")

_VERSION = 20
_ON_UNIX = 3 << 8
_READABLE_FILE = 0o100644 << 16
_STORED, _DEFLATED = 0, 8
# The oldest time a zip can hold, midnight of 1 January 1980: equal contents give equal archives.
_TIME, _DATE = 0, 0x21
# Level 1 makes a pass.json two per cent larger than level 9 in half the time.
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Member:
    """One file in its archived form; `sha1` is that of its content, as pass manifests want it.

    `local` is all that stands at its place, `central` its line in the directory up to the offset.
    """

    name: str
    sha1: str
    local: bytes
    central: bytes


def member(name: str, content: bytes, *, deflate: bool) -> Member:
    """A file of an archive; `name` is ASCII. Pictures are not worth deflating, texts are."""
    stored = zlib.compress(content, _LEVEL, wbits=-zlib.MAX_WBITS) if deflate else content
    path = name.encode("ascii")
    method = _DEFLATED if deflate else _STORED
    sizes = (zlib.crc32(content), len(stored), len(content), len(path), 0)
    return Member(
        name=name,
        sha1=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        local=_LOCAL.pack(b"PK\x03\x04", _VERSION, 0, method, _TIME, _DATE, *sizes) + path + stored,
        central=_CENTRAL.pack(
            b"PK\x01\x02",
            _ON_UNIX | _VERSION,
            _VERSION,
            0,
            method,
            _TIME,
            _DATE,
            *sizes,
            0,
            0,
            0,
            _READABLE_FILE,
        ),
    )


def archive(members: Sequence[Member]) -> bytes:
    """A zip file with `members` in their order."""
    directory: list[bytes] = []
    offset = 0
    for file in members:
        directory += (file.central, _OFFSET.pack(offset), file.name.encode("ascii"))
        offset += len(file.local)
    lines = b"".join(directory)
    end = _END.pack(b"PK\x05\x06", 0, 0, len(members), len(members), len(lines), offset, 0)
    return b"".join((*(file.local for file in members), lines, end))
