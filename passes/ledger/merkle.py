"""Merkle trees as in RFC 6962 (2.1): one hash over many, made in one pass and little memory. No I/O."""

import hashlib
from collections.abc import Iterable


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf; the zero before it keeps leaves and nodes apart."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def tree_hash(leaves: Iterable[bytes]) -> tuple[bytes, int]:
    """The root over the leaves' data in their order, and how many there were."""
    whole: list[tuple[int, bytes]] = []  # complete subtrees from the left, each smaller than the one before
    count = 0
    for data in leaves:
        size, made = 1, leaf_hash(data)
        while whole and whole[-1][0] == size:
            made = node_hash(whole.pop()[1], made)
            size *= 2
        whole.append((size, made))
        count += 1
    if not whole:
        return hashlib.sha256().digest(), 0
    root = whole.pop()[1]
    while whole:
        root = node_hash(whole.pop()[1], root)
    return root, count
