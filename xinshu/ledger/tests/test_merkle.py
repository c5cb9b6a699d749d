"""The tree's arithmetic against the vectors published with Certificate Transparency (SHA-256), then with SM3."""

import hashlib

import pytest

from xinshu.core.sm import sm3
from xinshu.ledger import merkle
from xinshu.ledger.merkle import Frontier, NotProven

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [  # leaf, size, path
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [  # old, new, path
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def subtrees(hashed, leaves):
    """Return a `subtree` function over leaves that are all in memory."""
    hashes = [merkle.leaf_hash(hashed, leaf) for leaf in leaves]
    return lambda level, index: merkle.complete_root(hashed, hashes[index << level : (index + 1) << level])


def root_by_definition(hashed, leaves):
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashed(b"")
    if len(leaves) == 1:
        return hashed(b"\0" + leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = root_by_definition(hashed, leaves[:half]), root_by_definition(hashed, leaves[half:])
    return hashed(b"\1" + left + right)


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size):
    frontier = Frontier(sha256)

    frontier.extend(merkle.leaf_hash(sha256, leaf) for leaf in LEAVES[:size])

    assert frontier.root().hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert Frontier(sha256).root() == sha256(b"")


@pytest.mark.parametrize(("leaf", "size", "path"), INCLUSION)
def test_inclusion_paths_are_those_of_certificate_transparency(leaf, size, path):
    found = merkle.inclusion_path(sha256, subtrees(sha256, LEAVES), leaf, size)

    assert [step.hex() for step in found] == path
    merkle.check_inclusion(
        sha256, leaf, size, merkle.leaf_hash(sha256, LEAVES[leaf]), found, bytes.fromhex(ROOTS[size - 1])
    )


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_consistency_paths_are_those_of_certificate_transparency(old, new, path):
    found = merkle.consistency_path(sha256, subtrees(sha256, LEAVES), old, new)

    assert [step.hex() for step in found] == path
    merkle.check_consistency(sha256, old, new, bytes.fromhex(ROOTS[old - 1]), bytes.fromhex(ROOTS[new - 1]), found)


def test_every_proof_in_every_small_sm3_tree_holds_and_no_altered_one_does():
    leaves = [str(n).encode() for n in range(33)]
    subtree = subtrees(sm3, leaves)
    roots = [root_by_definition(sm3, leaves[:size]) for size in range(len(leaves) + 1)]

    for size in range(1, len(leaves) + 1):
        for index in range(size):
            path = merkle.inclusion_path(sm3, subtree, index, size)
            leaf = merkle.leaf_hash(sm3, leaves[index])

            merkle.check_inclusion(sm3, index, size, leaf, path, roots[size])
            for wrong in (
                (index, size, merkle.leaf_hash(sm3, b"another"), path),
                (index, size, leaf, [*path, bytes(32)]),
                (index, size, leaf, path[:-1] if path else [bytes(32)]),
                (index, size, leaf, [bytes(32), *path[1:]] if path else [bytes(32)]),
                (size, size, leaf, path),
            ):
                with pytest.raises(NotProven):
                    merkle.check_inclusion(sm3, *wrong, roots[size])
        for old in range(1, size + 1):
            path = merkle.consistency_path(sm3, subtree, old, size)

            merkle.check_consistency(sm3, old, size, roots[old], roots[size], path)
            with pytest.raises(NotProven):
                merkle.check_consistency(sm3, old, size, bytes(32), roots[size], path)
            with pytest.raises(NotProven):
                merkle.check_consistency(sm3, old, size, roots[old], bytes(32), path)
            with pytest.raises(NotProven):
                merkle.check_consistency(sm3, old, size, roots[old], roots[size], [*path, bytes(32)])


@pytest.mark.parametrize("steps", [[1] * 700, [255, 1, 1, 300, 2], [70_000], [256, 256, 65_536, 3]])
def test_a_growing_tree_has_the_same_root_however_its_leaves_arrive(steps):
    hashes = [merkle.leaf_hash(sm3, str(n).encode()) for n in range(sum(steps))]
    frontier, taken, closed = Frontier(sm3), 0, {}

    for step in steps:
        closed |= {(level, index): value for level, index, value in frontier.extend(hashes[taken : taken + step])}
        taken += step

    whole = lambda level, index: merkle.complete_root(sm3, hashes[index << level : (index + 1) << level])  # noqa: E731
    assert frontier.size == len(hashes)
    assert frontier.root() == merkle.range_root(sm3, whole, 0, len(hashes))
    assert closed == {(level, index): whole(level, index) for level in (8, 16) for index in range(len(hashes) >> level)}
