"""The script's own arithmetic against published vectors: SM3 (GB/T 32905), SM2 (GM/T 0003.5), and against ours."""

import hashlib
import secrets

import pytest
import verify_guarantee as script

from xinshu.core.sm import Sm2Key, sm3
from xinshu.ledger import merkle


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        (b"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
    ],
)
def test_sm3_by_hand_gives_the_digests_of_the_standard(message: bytes, digest: str) -> None:
    assert script.sm3_by_hand(message).hex() == digest


@pytest.mark.parametrize("length", [1, 55, 56, 63, 64, 65, 119, 1000])
def test_sm3_by_hand_agrees_with_ours_at_every_kind_of_padding(length: int) -> None:
    message = secrets.token_bytes(length)

    assert script.sm3_by_hand(message) == sm3(message) == script.sm3(message)


def test_the_example_signature_of_gmt_0003_5_holds_and_no_other() -> None:
    key = Sm2Key.from_hex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8").public_hex
    signature = bytes.fromhex(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )

    assert key == (
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )
    assert script.sm2_holds(key, b"message digest", signature)
    assert not script.sm2_holds(key, b"message digesT", signature)
    assert not script.sm2_holds(key, b"message digest", signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not script.sm2_holds(Sm2Key(7).public_hex, b"message digest", signature)


@pytest.mark.parametrize("wrong", ["", "04", "04" + "00" * 64, "02" + "11" * 64, "04" + "ff" * 64])
def test_what_is_no_point_of_the_curve_verifies_nothing(wrong: str) -> None:
    assert not script.sm2_holds(wrong, b"x", b"\1" * 64)


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\xff" * 64, b"\1" * 63])
def test_signatures_out_of_range_do_not_hold(signature: bytes) -> None:
    assert not script.sm2_holds(Sm2Key(7).public_hex, b"x", signature)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_roots_and_paths_are_those_of_our_tree(size: int) -> None:
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(size)]

    def subtree(level: int, index: int) -> bytes:
        return merkle.complete_root(sm3, leaves[index << level : (index + 1) << level])

    root = script.tree(leaves)

    assert root == merkle.range_root(sm3, subtree, 0, size)
    for index in range(size):
        path = merkle.inclusion_path(sm3, subtree, index, size)
        assert script.root_of(leaves[index], index, size, path) == root
        if path:
            with pytest.raises(script.Wrong):
                script.root_of(leaves[index], index, size, path[:-1])


def test_the_tree_of_nothing_is_the_digest_of_nothing() -> None:
    assert script.tree([]) == sm3(b"")
