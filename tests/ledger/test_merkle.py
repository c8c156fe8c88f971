"""Merkle trees: the examples Certificate Transparency is tested with, and the definition itself."""

import hashlib

import pytest

from passes.ledger.merkle import leaf_hash, node_hash, tree_hash

LEAVES = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]


@pytest.mark.parametrize(
    "count, root",
    [
        (0, hashlib.sha256().hexdigest()),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_the_known_trees(count: int, root: str) -> None:
    assert tree_hash(LEAVES[:count]) == (bytes.fromhex(root), count)


def test_one_pass_makes_what_the_definition_says() -> None:
    def defined(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return leaf_hash(leaves[0])
        half = 1 << (len(leaves) - 1).bit_length() - 1
        return node_hash(defined(leaves[:half]), defined(leaves[half:]))

    data = [str(number).encode() for number in range(70)]
    for count in range(1, 70):
        assert tree_hash(iter(data[:count]))[0] == defined(data[:count])
