"""Zip archives from members that are compressed, summed and hashed once and used in many passes.

The standard library sums and frames every member of every archive anew, which for a pass takes longer
than its signature. Layout: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator, Sequence
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
    """One file in its archived form; `listing` is its line of a pass manifest, `"name":"sha1"`.

    `local` is all that stands at its place, `central` its line in the directory up to the offset.
    """

    name: bytes
    listing: bytes
    local: bytes
    central: bytes


@dataclass(frozen=True, slots=True)
class Front:
    """Members that stand first in many archives, joined once: their offsets are then always the same."""

    count: int
    listing: bytes
    local: bytes
    directory: bytes


def member(name: str, content: bytes, *, deflate: bool) -> Member:
    """A file of an archive; `name` is ASCII. Pictures are not worth deflating, texts are."""
    stored = zlib.compress(content, _LEVEL, wbits=-zlib.MAX_WBITS) if deflate else content
    path = name.encode("ascii")
    sums = (
        _DEFLATED if deflate else _STORED,
        _TIME,
        _DATE,
        zlib.crc32(content),
        len(stored),
        len(content),
        len(path),
    )
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return Member(
        name=path,
        listing=b'"%b":"%b"' % (path, sha1.encode()),
        local=b"".join((_LOCAL.pack(b"PK\x03\x04", _VERSION, 0, *sums, 0), path, stored)),
        central=_CENTRAL.pack(
            b"PK\x01\x02", _ON_UNIX | _VERSION, _VERSION, 0, *sums, 0, 0, 0, 0, _READABLE_FILE
        ),
    )


def front(members: Sequence[Member]) -> Front:
    """`members` as the beginning of an archive."""
    return Front(
        count=len(members),
        listing=b",".join(file.listing for file in members),
        local=b"".join(file.local for file in members),
        directory=b"".join(_directory(members, 0)),
    )


NOTHING = Front(0, b"", b"", b"")


def archive(members: Sequence[Member], first: Front = NOTHING) -> bytes:
    """A zip file with what stands `first`, then `members` in their order."""
    lines = b"".join((first.directory, *_directory(members, len(first.local))))
    size = len(first.local) + sum(len(file.local) for file in members)
    count = first.count + len(members)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(lines), size, 0)
    return b"".join((first.local, *(file.local for file in members), lines, end))


def _directory(members: Sequence[Member], offset: int) -> Iterator[bytes]:
    for file in members:
        yield file.central
        yield _OFFSET.pack(offset)
        yield file.name
        offset += len(file.local)
