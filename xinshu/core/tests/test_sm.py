"""国密 against the vectors that the standards print, and against a second library; never only against ourselves."""

from concurrent.futures import ThreadPoolExecutor

import gmalg
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from xinshu.core import sm, sm2_pure
from xinshu.core.sm import Damaged, Sm2Key, hmac_sm3, sm2_encrypt, sm3, sm4_decrypt, sm4_encrypt, verify_sm2

# GM/T 0003.5-2012, annex A: key, message, nonce and signature on the recommended curve, user id 1234567812345678.
SCALAR = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
PUBLIC = (
    "04"
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
).lower()
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
MESSAGE = b"message digest"
PLAIN = b"encryption standard"  # of the same annex, encrypted with the same key and nonce: C1 || C3 || C2
CIPHERTEXT = bytes.fromhex(
    "04"
    "04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73"
    "E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
    "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"
    "21886CA989CA9C7D58087307CA93092D651EFA"
)


@pytest.fixture(params=["libcrypto", "plain Python"])
def road(request, monkeypatch):
    """Run a test both ways; skip the first only where this machine has no libcrypto with SM2."""
    if request.param == "plain Python":
        monkeypatch.setenv("XINSHU_LIBCRYPTO", "none")
    sm._libcrypto.cache_clear()
    if request.param == "libcrypto" and sm._libcrypto() is None:
        pytest.skip("this machine's libcrypto lacks SM2")
    yield request.param
    sm._libcrypto.cache_clear()


@pytest.mark.parametrize(
    ("data", "digest"),
    [  # GB/T 32905-2016, annex A
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_gives_the_digests_of_the_standard(data, digest):
    assert sm3(data).hex() == digest
    assert sm._sm3_of_cryptography(data).hex() == digest


@pytest.mark.parametrize("size", [0, 1, 32, 63, 64, 65, 200])
def test_hmac_sm3_agrees_with_a_second_library(size):
    key, data = bytes(range(size)), b"what happened" * size
    other = HMAC(key or b"\0", hashes.SM3())
    other.update(data)

    assert hmac_sm3(key, data) == other.finalize() == sm._hmac_by_hand(key, data)


def test_sm4_gives_the_block_of_the_standard():
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")  # GB/T 32907-2016, annex A

    assert sm._sm4_ctr(key, key, bytes(16)).hex() == "681edf34d206965e86b3e94f536e4246"


def test_sm4_in_counter_mode_gives_the_published_stream():
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")  # draft-ribose-cfrg-sm4, A.2.5.1
    nonce = bytes(range(16))
    plain = b"".join(bytes([byte]) * 8 for byte in b"\xaa\xbb\xcc\xdd\xee\xff\xaa\xbb")

    assert sm._sm4_ctr(key, nonce, plain).hex() == (
        "ac3236cb970cc20791364c395a1342d1a3cbc1878c6f30cd074cce385cdd70c7"
        "f234bc0e24c11980fd1286310ce37b926e02fcd0faa0baf38b2933851d824514"
    )


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=300))
def test_what_is_encrypted_comes_back_and_never_looks_the_same_twice(key, data):
    first, second = sm4_encrypt(key, data), sm4_encrypt(key, data)

    assert first != second
    assert len(first) == len(data) + 48
    assert sm4_decrypt(key, first) == sm4_decrypt(key, second) == data


def test_every_altered_byte_of_a_ciphertext_is_noticed():
    key, sealed = b"k" * 16, sm4_encrypt(b"k" * 16, "身份证号".encode())

    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(Damaged):
            sm4_decrypt(key, bytes(altered))
    for broken in (b"", sealed[:-1], sealed[1:], sealed + b"\0", sealed[:47]):
        with pytest.raises(Damaged):
            sm4_decrypt(key, broken)
    with pytest.raises(Damaged):
        sm4_decrypt(b"o" * 16, sealed)


def test_an_sm4_key_of_another_length_is_a_mistake():
    with pytest.raises(ValueError, match="16 bytes"):
        sm4_encrypt(b"short", b"")


def test_sm2_reads_the_signature_of_the_standard(road):
    assert Sm2Key.from_hex(SCALAR).public_hex == PUBLIC
    assert verify_sm2(PUBLIC, MESSAGE, SIGNATURE)
    assert not verify_sm2(PUBLIC, MESSAGE + b"!", SIGNATURE)


def test_the_plain_python_arithmetic_gives_the_signature_of_the_standard():
    point = sm2_pure.public_point(int(SCALAR, 16))
    e = sm2_pure.digest(point, MESSAGE, sm.USER_ID, sm3)
    assert e == 0xF0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640

    r = (e + sm2_pure.public_point(NONCE)[0]) % sm2_pure.N
    s = pow(1 + int(SCALAR, 16), -1, sm2_pure.N) * (NONCE - r * int(SCALAR, 16)) % sm2_pure.N

    assert r.to_bytes(32, "big") + s.to_bytes(32, "big") == SIGNATURE


def test_a_second_library_reads_our_signatures_and_we_read_its(road):
    key = Sm2Key.from_hex(SCALAR)
    other = gmalg.SM2(bytes.fromhex(SCALAR), sm.USER_ID, bytes.fromhex(PUBLIC))

    for message in (b"", b"\0", "保函 YZLG2026-0318-0064".encode(), b"x" * 1000):
        ours, theirs = key.sign(message), b"".join(part.rjust(32, b"\0") for part in other.sign(message))
        assert len(ours) == 64
        assert other.verify(message, ours[:32], ours[32:])
        assert verify_sm2(PUBLIC, message, theirs)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, sm2_pure.N - 2), st.binary(max_size=100))
def test_both_roads_agree_on_every_key_and_message(scalar, message):
    key, point = Sm2Key(scalar), sm2_pure.public_point(scalar)
    e = sm2_pure.digest(point, message, sm.USER_ID, sm3)
    fast, (r, s) = key.sign(message), sm2_pure.sign(scalar, e, hmac_sm3)

    assert sm._point(bytes.fromhex(key.public_hex)) == point
    assert sm2_pure.verify(point, e, int.from_bytes(fast[:32], "big"), int.from_bytes(fast[32:], "big"))
    assert verify_sm2(key.public_hex, message, r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_the_plain_python_nonce_follows_from_key_and_message():
    one, two = (sm2_pure.sign(12345, e, hmac_sm3) for e in (7, 7))
    other = sm2_pure.sign(12345, 8, hmac_sm3)

    assert one == two
    assert other[0] != one[0]


def test_a_signature_altered_in_any_byte_is_not_genuine(road):
    for place in range(0, 64, 3):
        altered = bytearray(SIGNATURE)
        altered[place] ^= 0x40
        assert not verify_sm2(PUBLIC, MESSAGE, bytes(altered))


@pytest.mark.parametrize(
    "signature",
    [b"", SIGNATURE[:63], SIGNATURE + b"\0", bytes(64), b"\xff" * 64, SIGNATURE[32:] + SIGNATURE[:32], b"0" * 64],
)
def test_garbage_is_not_a_signature(road, signature):
    assert verify_sm2(PUBLIC, MESSAGE, signature) is False


@pytest.mark.parametrize(
    "public",
    ["", "04", "zz" * 65, "06" + PUBLIC[2:], PUBLIC[:-2], PUBLIC[:-2] + "14", "04" + "00" * 64, "04" + "ff" * 64, None],
)
def test_what_is_no_public_key_has_signed_nothing(road, public):
    assert verify_sm2(public, MESSAGE, SIGNATURE) is False


@pytest.mark.parametrize("scalar", ["0", f"{sm2_pure.N - 1:x}", "f" * 64, "", "key"])
def test_a_private_key_outside_its_range_is_a_mistake(scalar):
    with pytest.raises(ValueError):
        Sm2Key.from_hex(scalar)


def test_a_key_never_shows_its_scalar():
    assert SCALAR.lower() not in repr(Sm2Key.from_hex(SCALAR)).lower()


def test_threads_share_a_key(road):
    key = Sm2Key.from_hex(SCALAR)
    messages = [str(n).encode() for n in range(200 if road == "libcrypto" else 20)]

    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(key.sign, messages))
        genuine = list(pool.map(lambda pair: verify_sm2(PUBLIC, *pair), zip(messages, signatures, strict=True)))
        crossed = list(pool.map(lambda pair: verify_sm2(PUBLIC, *pair), zip(messages, signatures[1:], strict=False)))

    assert all(genuine)
    assert not any(crossed)


def test_sm2_opens_the_ciphertext_of_the_standard(road):
    assert Sm2Key.from_hex(SCALAR).decrypt(CIPHERTEXT) == PLAIN


def test_the_plain_python_arithmetic_gives_the_ciphertext_of_the_standard():
    assert sm2_pure.encrypt(sm._point(bytes.fromhex(PUBLIC)), PLAIN, NONCE, sm3) == CIPHERTEXT


@pytest.mark.parametrize("size", [1, 31, 32, 33, 200, 70_000])
def test_what_one_road_encrypts_the_other_opens(size, monkeypatch):
    data = bytes(number * 7 % 251 for number in range(size))
    fast = sm2_encrypt(PUBLIC, data)
    monkeypatch.setenv("XINSHU_LIBCRYPTO", "none")
    sm._libcrypto.cache_clear()
    slow = sm2_encrypt(PUBLIC, data)
    opened = Sm2Key.from_hex(SCALAR).decrypt(fast)
    monkeypatch.undo()
    sm._libcrypto.cache_clear()

    assert (opened, Sm2Key.from_hex(SCALAR).decrypt(slow)) == (data, data)


def test_a_second_library_opens_what_we_encrypt_and_we_what_it_does():
    other = gmalg.SM2(bytes.fromhex(SCALAR), pk=bytes.fromhex(PUBLIC))

    assert other.decrypt(sm2_encrypt(PUBLIC, PLAIN)) == PLAIN
    assert Sm2Key.from_hex(SCALAR).decrypt(other.encrypt(PLAIN)) == PLAIN


def test_every_altered_byte_of_an_sm2_ciphertext_is_noticed(road):
    key = Sm2Key.from_hex(SCALAR)

    for place in range(0, len(CIPHERTEXT), 5):
        altered = bytearray(CIPHERTEXT)
        altered[place] ^= 1
        with pytest.raises(Damaged):
            key.decrypt(bytes(altered))
    for size in (0, 1, 65, 97, len(CIPHERTEXT) - 1):
        with pytest.raises(Damaged):
            key.decrypt(CIPHERTEXT[:size])


@pytest.mark.parametrize("public", ["", "04", "04" + "00" * 64, PUBLIC[:-1] + "0", "zz"])
def test_nothing_is_encrypted_to_what_is_no_key(road, public):
    with pytest.raises(ValueError):
        sm2_encrypt(public, PLAIN)
