"""SM2 signatures (GB/T 32918.2) and encryption (.4) in plain Python, where libcrypto lacks SM2. Slow: see sm.py.

Not constant-time: an operator who signs in production does so through libcrypto or a signing device.
"""

from collections.abc import Callable, Iterator

Sm3 = Callable[[bytes], bytes]
Hmac = Callable[[bytes, bytes], bytes]
Point = tuple[int, int]
Jacobian = tuple[int, int, int]  # x/z², y/z³; z = 0 is the point at infinity

# The recommended curve sm2p256v1 of GB/T 32918.5: y² = x³ + ax + b over p, generator G of order n.
P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
A = P - 3
B = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
G = (
    0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
    0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0,
)


def public_point(scalar: int) -> Point:
    """Return the public point of a private scalar (1 .. n-2)."""
    return _affine(_times(scalar, G))


def on_curve(point: Point) -> bool:
    """Say whether a point from outside is a point of the curve (its order is then n: the cofactor is 1)."""
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def digest(point: Point, message: bytes, user_id: bytes, sm3: Sm3) -> int:
    """Return e = SM3(Z || message), where Z binds the signer's id, the curve and the public key."""
    identity = (8 * len(user_id)).to_bytes(2, "big") + user_id
    z = sm3(identity + b"".join(number.to_bytes(32, "big") for number in (A, B, *G, *point)))
    return int.from_bytes(sm3(z + message), "big")


def sign(scalar: int, e: int, hmac_sm3: Hmac) -> tuple[int, int]:
    """Return (r, s) over the digest e. The nonce follows from key and digest: a poor source of chance leaks nothing."""
    for k in _nonces(scalar, e, hmac_sm3):
        r = (e + _affine(_times(k, G))[0]) % N
        if r == 0 or r + k == N:
            continue
        s = pow(1 + scalar, -1, N) * (k - r * scalar) % N
        if s:
            return r, s
    raise AssertionError("unreachable")


def verify(point: Point, e: int, r: int, s: int) -> bool:
    """Say whether (r, s) is the signature of the holder of `point` over the digest e."""
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t and on_curve(point)):
        return False
    total = _add(_times(s, G), _times(t, point))
    return total[2] != 0 and (e + _affine(total)[0]) % N == r


def encrypt(point: Point, data: bytes, k: int, sm3: Sm3) -> bytes | None:
    """Return C1 || C3 || C2 of `data` for the holder of `point`; None for the k that hides nothing: take another."""
    shared = _affine(_times(k, point))
    x, y = (number.to_bytes(32, "big") for number in shared)
    mask = _stream(x + y, len(data), sm3)
    if not any(mask):
        return None
    one = b"\x04" + b"".join(number.to_bytes(32, "big") for number in _affine(_times(k, G)))
    return one + sm3(x + data + y) + bytes(a ^ b for a, b in zip(data, mask, strict=True))


def decrypt(scalar: int, sealed: bytes, sm3: Sm3) -> bytes | None:
    """Undo `encrypt`; None for what was altered, or meant for somebody else."""
    point = int.from_bytes(sealed[1:33], "big"), int.from_bytes(sealed[33:65], "big")
    if len(sealed) <= 97 or sealed[0] != 4 or not on_curve(point):
        return None
    x, y = (number.to_bytes(32, "big") for number in _affine(_times(scalar, point)))
    mask = _stream(x + y, len(sealed) - 97, sm3)
    data = bytes(a ^ b for a, b in zip(sealed[97:], mask, strict=True))
    return data if sm3(x + data + y) == sealed[65:97] else None


def _stream(seed: bytes, length: int, sm3: Sm3) -> bytes:
    """The key derivation function of GB/T 32918.4."""
    blocks = (sm3(seed + counter.to_bytes(4, "big")) for counter in range(1, length // 32 + 2))
    return b"".join(blocks)[:length]


def _nonces(scalar: int, e: int, hmac_sm3: Hmac) -> Iterator[int]:
    """RFC 6979, 3.2, with HMAC-SM3."""
    seed = scalar.to_bytes(32, "big") + (e % N).to_bytes(32, "big")
    k, v = bytes(32), b"\x01" * 32
    for turn in (b"\x00", b"\x01"):
        k = hmac_sm3(k, v + turn + seed)
        v = hmac_sm3(k, v)
    while True:
        v = hmac_sm3(k, v)
        if 0 < (nonce := int.from_bytes(v, "big")) < N:
            yield nonce
        k = hmac_sm3(k, v + b"\x00")
        v = hmac_sm3(k, v)


def _times(scalar: int, point: Point) -> Jacobian:
    result: Jacobian = (1, 1, 0)
    for bit in bin(scalar)[2:]:
        result = _double(result)
        if bit == "1":
            result = _add(result, (*point, 1))
    return result


def _double(point: Jacobian) -> Jacobian:
    x, y, z = point
    if not z:
        return point
    yy = y * y % P
    s = 4 * x * yy % P
    zz = z * z % P
    m = 3 * (x - zz) * (x + zz) % P  # a = -3
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * yy * yy) % P, 2 * y * z % P


def _add(one: Jacobian, two: Jacobian) -> Jacobian:
    if not one[2]:
        return two
    if not two[2]:
        return one
    (x1, y1, z1), (x2, y2, z2) = one, two
    z1z1, z2z2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * z2z2 % P, x2 * z1z1 % P
    s1, s2 = y1 * z2 * z2z2 % P, y2 * z1 * z1z1 % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if not h:
        return (1, 1, 0) if r else _double(one)
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, h * z1 * z2 % P


def _affine(point: Jacobian) -> Point:
    x, y, z = point
    inverse = pow(z, -1, P)
    return x * inverse * inverse % P, y * inverse * inverse * inverse % P
