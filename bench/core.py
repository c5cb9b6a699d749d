"""国密 beside what the same libcrypto does by itself: SM2 signatures against `openssl speed`, SM3 and SM4 by the byte.

Prints one JSON line per figure: {"figure", "value", "unit", "limit"}; a limit that cannot be measured here is null.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from xinshu.core import sm, sm2_pure

SECONDS = 1.0
MEGABYTE = bytes(1 << 20)


def say(figure: str, value: float, unit: str, limit: float | None) -> None:
    line = {"figure": figure, "value": round(value), "unit": unit, "limit": limit and round(limit)}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def rate(act: Callable[[], object]) -> float:
    """Return how often `act` runs per second."""
    done, begun = 0, time.perf_counter()
    while (passed := time.perf_counter() - begun) < SECONDS:
        act()
        done += 1
    return done / passed


def openssl_speed() -> tuple[float | None, float | None]:
    """Return SM2 signatures and verifications per second as the openssl command measures them."""
    if not shutil.which("openssl"):
        return None, None
    command = ["openssl", "speed", "-seconds", "1", "sm2"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout
    found = re.search(r"SM2.*?([\d.]+)\s+([\d.]+)\s*$", told, re.MULTILINE)
    return (float(found[1]), float(found[2])) if found else (None, None)


def main() -> None:
    key, message = sm.Sm2Key.from_hex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"), bytes(32)
    signature, signs, verifies = key.sign(message), *openssl_speed()
    say("SM2 sign", rate(lambda: key.sign(message)), "/s", signs)
    say("SM2 verify", rate(lambda: sm.verify_sm2(key.public_hex, message, signature)), "/s", verifies)
    point = sm2_pure.public_point(12345)
    e = sm2_pure.digest(point, message, sm.USER_ID, sm.sm3)
    r, s = sm2_pure.sign(12345, e, sm.hmac_sm3)
    say("SM2 sign, plain Python", rate(lambda: sm2_pure.sign(12345, e, sm.hmac_sm3)), "/s", signs)
    say("SM2 verify, plain Python", rate(lambda: sm2_pure.verify(point, e, r, s)), "/s", verifies)
    raw = rate(lambda: hashlib.new("sm3", message).digest()) if "sm3" in hashlib.algorithms_available else None
    say("SM3 of 32 bytes", rate(lambda: sm.sm3(message)), "/s", raw)
    say("SM3", rate(lambda: sm.sm3(MEGABYTE)), "MB/s", None)
    say("SM4 with its tag", rate(lambda: sm.sm4_encrypt(message[:16], MEGABYTE)), "MB/s", None)


if __name__ == "__main__":
    main()
